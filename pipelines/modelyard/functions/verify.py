"""Verifies a release where it has just come into service, before anybody may take it further.

Called without waiting by the release function; it answers by a record in evidence and an event:
warm-up, golden predictions, bad inputs, and a short load within the budget of latency and errors.
Only staging verifies, where a release always has the endpoint to itself (one variant, no shadow).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import boto3

from modelyard.functions import verify_golden, verify_inputs, verify_load
from modelyard.functions.invocation import AS_IT_IS, Asynchronous, Invoker, RealTime
from modelyard.functions.service import contract, put_json, read_json
from modelyard.functions.verification import Check, verdict

DETAIL_TYPE = "Modelyard Release Verified"
RECORDS = "releases/verifications"
_ASYNC_PATIENCE_S = 200.0
# Starting an asynchronous endpoint from nothing is no slow answer, and no caller waits for it.
_FEW_PROBES = ("missing field", "empty body", "malformed CSV")


@dataclass(frozen=True)
class Evidence:
    """What the package's evaluation left for this: rows with answers, and the features' kinds."""

    golden: tuple[Mapping[str, Any], ...]
    columns: tuple[Mapping[str, str], ...]
    metadata: Mapping[str, str]


def handler(event: Mapping[str, Any], _context: Any) -> dict[str, Any]:
    """Lambda's entry: {"release", "version", "model_package_arn", "endpoint"} in, verdict out."""
    session = boto3.Session()
    facts = contract(session.client("ssm"))
    evidence = _evidence(session, facts, str(event["model_package_arn"]))
    checks = run(session, facts, event, evidence)
    passed, reason = verdict(checks)
    uri = f"s3://{facts['bucket_evidence']}/{RECORDS}/{event['version']}.json"
    record = {
        "project": facts["project"],
        "environment": facts["environment"],
        **{key: event[key] for key in ("release", "version", "model_package_arn")},
        "endpoint": event.get("endpoint", ""),
        "mode": _mode(facts),
        "image_digest": evidence.metadata.get("image_digest", ""),
        "model_sha256": evidence.metadata.get("model_sha256", ""),
        "passed": passed,
        "reason": reason,
        "checks": [check.document() for check in checks],
        "time": event.get("time") or datetime.now(UTC).isoformat(timespec="milliseconds"),
    }
    put_json(session.client("s3"), uri, record, facts["key_arn"])
    told = ("project", "environment", "release", "version", "model_package_arn", "passed", "reason")
    detail = {**{key: record[key] for key in told}, "record": uri}
    _announce(session.client("events"), detail)
    return {"passed": passed, "reason": reason, "record": uri}


def run(
    session: boto3.Session, facts: Mapping[str, str], event: Mapping[str, Any], evidence: Evidence
) -> list[Check]:
    """The checks that the serving mode allows; after one that failed, none of the costly ones."""
    mode, package = _mode(facts), str(event["model_package_arn"])
    if mode == "batch":
        why = "no endpoint: each batch run replays the golden predictions before it scores"
        return [Check("golden predictions", None, why)]
    endpoint = str(event["endpoint"])
    runtime = session.client("sagemaker-runtime", config=AS_IT_IS)
    rows = [row["input"] for row in evidence.golden]
    probes = list(verify_inputs.battery(rows[0], evidence.columns))
    if mode == "asynchronous":
        bucket, key_arn = facts["bucket_predictions"], facts["key_arn"]
        s3 = session.client("s3")
        queue = Asynchronous(runtime, s3, endpoint, bucket, key_arn, _ASYNC_PATIENCE_S)
        golden = verify_golden.replay(queue, evidence.golden, package, alone=False)
        few = [probe for probe in probes if probe.what.startswith(_FEW_PROBES)]
        return [
            golden,
            verify_inputs.try_all(queue, few[:1] + few[-2:]),
            Check("load", None, "an asynchronous endpoint queues; nobody waits for its answers"),
        ]
    invoke: Invoker = RealTime(runtime, endpoint)
    bodies = [verify_golden.body_of([row]) for row in rows]
    checks = [verify_load.warm_up(invoke, bodies[0])]
    if checks[0].passed:
        checks.append(verify_golden.replay(invoke, evidence.golden, package))
        checks.append(verify_inputs.try_all(invoke, probes))
        checks.append(verify_load.press(invoke, bodies, _latency_ms(facts)))
    return checks


def _evidence(session: boto3.Session, facts: Mapping[str, str], arn: str) -> Evidence:
    region = facts["registry_region"]
    registry = session.client("sagemaker", region_name=region)
    s3: Any = session.client("s3", region_name=region)
    package = registry.describe_model_package(ModelPackageName=arn)
    metadata = package.get("CustomerMetadataProperties") or {}
    golden, _ = read_json(s3, metadata["golden_predictions"])
    manifest, _ = read_json(s3, metadata["dataset_manifest"])
    features = [column for column in manifest["schema"] if column["use"] == "feature"]
    return Evidence(tuple(golden["rows"]), tuple(features), metadata)


def _mode(facts: Mapping[str, str]) -> str:
    return str(json.loads(facts["serving"])["mode"])


def _latency_ms(facts: Mapping[str, str]) -> float:
    return float(json.loads(facts["serving"])["rollout"]["latency_ms"])


def _announce(events: Any, detail: Mapping[str, Any]) -> None:
    entry = {"Source": "modelyard", "DetailType": DETAIL_TYPE, "Detail": json.dumps(detail)}
    answer = events.put_events(Entries=[entry])
    if answer["FailedEntryCount"]:
        raise RuntimeError(f"the event was not taken: {answer['Entries'][0]}")
