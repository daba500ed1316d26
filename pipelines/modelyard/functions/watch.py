"""Starts a monitoring run for every window of traffic that nobody has looked at yet.

Called by the schedule with its scheduled time, by a person who wants to look now
({"action": "run"}), and by the event of a run that failed, which somebody has to hear of.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from modelyard.functions import captured, traffic, windows
from modelyard.functions.clients import Clients
from modelyard.functions.failed_run import tell_failure
from modelyard.functions.findings import HEARTBEAT, NAMESPACE
from modelyard.functions.service import Refused, contract, put_json
from modelyard.functions.windows import Window, moment, stamp

_REPORTS = "reports/monitoring"
_BATCH = "capture/batch/"


@dataclass(frozen=True)
class Watched:
    """What is watched: an endpoint with its variants, or where a batch leaves its predictions."""

    prefix: str
    variants: tuple[str, ...] = ()
    endpoint: str = ""
    status: str = ""
    since: datetime | None = None
    package: str = ""


def handler(event: Mapping[str, Any], _context: Any) -> dict[str, Any]:
    """Lambda's entry; that nothing is served yet is an answer, not an error."""
    session = Clients()
    facts = contract(session.client("ssm"))
    if event.get("detail-type"):
        return tell_failure(event, session, facts)
    now = moment(str(event["time"])) if event.get("time") else datetime.now(UTC)
    watched = _watched(session, facts)
    if watched is None:
        _heartbeat(session, facts, 0)
        return {"started": [], "why": f"nothing is served in {facts['environment']} yet"}
    if event.get("action") == "run":
        return _start(session, facts, watched, _asked_for(event, facts, now))
    return _catch_up(session, facts, watched, now)


def _catch_up(
    session: Clients, facts: Mapping[str, str], watched: Watched, now: datetime
) -> dict[str, Any]:
    length = timedelta(hours=json.loads(facts["monitoring"])["window_hours"])
    known = captured.looked_at(session.client("s3"), facts["bucket_predictions"])
    last = known[-1].end if known else None
    started = [
        _start(session, facts, watched, window)
        for window in windows.due(now, length, last)
        # Before there was an endpoint there was nothing to see.
        if watched.since is None or window.end > watched.since
    ]
    reached = moment(started[-1]["end"]) if started else last
    left = windows.behind(now, length, reached)
    _heartbeat(session, facts, left)
    return {"started": started, "behind": left}


def _asked_for(event: Mapping[str, Any], facts: Mapping[str, str], now: datetime) -> Window:
    """The stretch a person names: start and end, or the last hours."""
    end = moment(str(event["end"])) if event.get("end") else now + timedelta(minutes=1)
    hours = float(event.get("hours") or json.loads(facts["monitoring"])["window_hours"])
    start = moment(str(event["start"])) if event.get("start") else end - timedelta(hours=hours)
    if start >= end:
        raise Refused(f"the window ends at {stamp(end)}, before it starts at {stamp(start)}")
    start, end = (one.replace(second=0, microsecond=0) for one in (start, end))
    return Window(start, end, on_demand=True)


def _start(
    session: Clients, facts: Mapping[str, str], watched: Watched, window: Window
) -> dict[str, Any]:
    """One run of the monitoring pipeline; a window that was started before is not started twice."""
    bucket, name = facts["bucket_predictions"], window.name
    reach = int(json.loads(facts["monitoring"])["label_days"])
    found = captured.inputs(session.client("s3"), bucket, watched.prefix, window, reach)
    folder = f"{captured.MONITORING}{name}"
    report = f"s3://{facts['bucket_evidence']}/{_REPORTS}/{name}"
    document = _document(session, facts, watched, window, found) | {"report_uri": f"{report}/"}
    put_json(
        session.client("s3"), f"s3://{bucket}/{folder}/window.json", document, facts["key_arn"]
    )
    manifest = [{"prefix": f"s3://{bucket}/"}, f"{folder}/window.json", *found.keys]
    _put_manifest(session.client("s3"), facts, bucket, f"{folder}/inputs.manifest", manifest)
    parameters = {
        "WindowStart": stamp(window.start),
        "WindowEnd": stamp(window.end),
        "InputsManifest": f"s3://{bucket}/{folder}/inputs.manifest",
        "ReportPrefix": report,
    }
    # The contents count: a window that is asked for again after more was captured runs again.
    token = hashlib.sha256(json.dumps([parameters, manifest]).encode()).hexdigest()
    answer = session.client("sagemaker").start_pipeline_execution(
        PipelineName=facts["monitor_pipeline"],
        PipelineExecutionDisplayName=name.lower(),
        PipelineParameters=[{"Name": key, "Value": value} for key, value in parameters.items()],
        ClientRequestToken=token,
    )
    return {
        "window": name,
        "start": stamp(window.start),
        "end": stamp(window.end),
        "execution_arn": answer["PipelineExecutionArn"],
        "report": f"{report}/",
        "objects": len(found.captured),
    }


def _document(
    session: Clients,
    facts: Mapping[str, str],
    watched: Watched,
    window: Window,
    found: captured.Inputs,
) -> dict[str, Any]:
    """window.json: what the job cannot know, because it sees files and nothing else."""
    used: dict[str, float | None] = {}
    if watched.endpoint:
        cloudwatch = session.client("cloudwatch")
        used = traffic.usage(
            cloudwatch, watched.endpoint, watched.variants, window.start, window.end
        )
    return {
        "schema_version": 1,
        "project": facts["project"],
        "environment": facts["environment"],
        "start": stamp(window.start),
        "end": stamp(window.end),
        "model_package_arn": watched.package,
        "endpoint": watched.endpoint,
        "endpoint_status": watched.status,
        "served": None,
        **used,
        "capture_lag_s": found.lag_seconds,
        "quality_from": stamp(found.joined_from),
        "labels_from": list(found.labels),
        "left_out": found.left_out,
        "thresholds": json.loads(facts["monitoring"]),
    }


def _put_manifest(
    s3: Any, facts: Mapping[str, str], bucket: str, key: str, manifest: list[Any]
) -> None:
    s3.put_object(
        Bucket=bucket,
        Key=key,
        Body=json.dumps(manifest).encode(),
        ContentType="application/json",
        ServerSideEncryption="aws:kms",
        SSEKMSKeyId=facts["key_arn"],
    )


def _watched(session: Clients, facts: Mapping[str, str]) -> Watched | None:
    """What serves, once the release has made its monitoring pipeline; None before."""
    sagemaker = session.client("sagemaker")
    try:
        sagemaker.describe_pipeline(PipelineName=facts["monitor_pipeline"])
        if json.loads(facts["serving"]).get("mode") == "batch":
            return Watched(prefix=_BATCH, package=_released(session.client("ssm"), facts))
        endpoint = sagemaker.describe_endpoint(EndpointName=facts["endpoint"])
    except ClientError as error:
        if error.response["Error"]["Code"] in ("ResourceNotFound", "ValidationException"):
            return None
        raise
    served = traffic.variants_of(sagemaker, endpoint["EndpointConfigName"])
    return Watched(
        prefix=f"capture/{facts['endpoint']}/",
        variants=tuple(served),
        endpoint=facts["endpoint"],
        status=endpoint["EndpointStatus"],
        since=endpoint["CreationTime"],
        package=traffic.package_of(sagemaker, next(iter(served.values()))),
    )


def _released(ssm: Any, facts: Mapping[str, str]) -> str:
    """The package that batch runs score with, from the release's own state."""
    value = ssm.get_parameter(Name=facts["release_state"])["Parameter"]["Value"]
    return str(json.loads(value)["model_package_arn"]) if value.startswith("{") else ""


def _heartbeat(session: Clients, facts: Mapping[str, str], left: int) -> None:
    """Says that the schedule lives; the alarm `monitor-overdue` fires where nobody says it."""
    session.client("cloudwatch").put_metric_data(
        Namespace=NAMESPACE,
        MetricData=[
            {
                "MetricName": HEARTBEAT,
                "Value": left,
                "Unit": "Count",
                "Dimensions": [
                    {"Name": "Project", "Value": facts["project"]},
                    {"Name": "Environment", "Value": facts["environment"]},
                ],
            }
        ],
    )
