"""Tracks a run of the build pipeline in the workspace's MLflow App, when the run is over.

One MLflow run per pipeline execution: data set manifest, parameters, metrics, commit, package and
the plots that the evaluate job drew. The jobs themselves are isolated and call nobody.
"""

import json
import mimetypes
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import boto3
from botocore.exceptions import ClientError

from modelyard.functions import job_contract as jobs
from modelyard.functions.mlflow_api import Mlflow
from modelyard.functions.run_facts import RunFacts, run_facts
from modelyard.functions.service import Clients, contract, split_uri

STATUS = {"Succeeded": "FINISHED", "Failed": "FAILED", "Stopped": "KILLED"}
EXECUTION = "modelyard.execution"
# MLflow takes no longer digest of a data set, and no more parameters in one call.
_DIGEST, _PARAMETERS, _VALUE = 36, 100, 500
_PLOTS = "plots/"


def handler(event: Mapping[str, Any], context: Any) -> dict[str, str]:
    """Lambda's entry: EventBridge's word that an execution of the build pipeline is over."""
    return track(str(event["detail"]["pipelineExecutionArn"]), boto3.Session())


def track(arn: str, session: Any) -> dict[str, str]:
    """The MLflow run of an execution, written once however often the event comes."""
    clients = Clients(session)
    facts = contract(clients.client("ssm"))
    s3, bucket = clients.client("s3"), facts["bucket_artifacts"]
    run = run_facts(clients.client("sagemaker"), s3, bucket, arn)
    server = Mlflow(facts["tracking_app"], session.get_credentials())
    experiment = server.experiment(facts["train_pipeline"])
    known = _known(server, experiment, arn)
    if known.get("status") == STATUS[run.status]:
        return {"run_id": str(known["run_id"])}
    # A call that ended half-way left its run RUNNING: it is gone on with, not doubled.
    info = known or _begin(server, experiment, run)
    manifest = _manifest(s3, bucket, run)
    _log(server, info, run, manifest)
    for path, content in _artifacts(s3, bucket, run, manifest):
        _upload(server, s3, info, path, content, facts["key_arn"])
    server.post(
        "runs/update",
        run_id=info["run_id"],
        status=STATUS[run.status],
        end_time=_milliseconds(run.ended or run.started),
    )
    return {"run_id": str(info["run_id"])}


def _known(server: Mlflow, experiment: str, arn: str) -> Mapping[str, Any]:
    found = server.post(
        "runs/search",
        experiment_ids=[experiment],
        filter=f"tags.`{EXECUTION}` = '{arn}'",
        max_results=1,
    )
    runs = found.get("runs") or []
    return runs[0]["info"] if runs else {}


def _begin(server: Mlflow, experiment: str, run: RunFacts) -> Mapping[str, Any]:
    return server.post(
        "runs/create",
        experiment_id=experiment,
        run_name=run.id,
        start_time=_milliseconds(run.started),
        tags=_pairs({EXECUTION: run.arn}),
    )["run"]["info"]


def _log(
    server: Mlflow, info: Mapping[str, Any], run: RunFacts, manifest: Mapping[str, Any]
) -> None:
    at = _milliseconds(run.ended or run.started)
    metrics = [
        {"key": key, "value": value, "timestamp": at, "step": 0}
        for key, value in sorted(numbers(run).items())
    ]
    server.post(
        "runs/log-batch",
        run_id=info["run_id"],
        metrics=metrics,
        params=_pairs(parameters(run)),
        tags=_pairs(tags(run)),
    )
    if manifest:
        server.post("runs/log-inputs", run_id=info["run_id"], datasets=[_dataset(run, manifest)])


def _dataset(run: RunFacts, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """The data set as MLflow shows it; the whole manifest is an artifact beside it."""
    schema = {"columns": manifest["schema"]}
    return {
        "tags": [{"key": "mlflow.data.context", "value": "training"}],
        "dataset": {
            "name": ", ".join(file["name"] for file in manifest["files"])[:_VALUE],
            "digest": manifest["dataset"]["sha256"][:_DIGEST],
            "source_type": "s3",
            "source": json.dumps({"uri": run.metadata.get("dataset_versions", "")}),
            "schema": json.dumps(schema)[:65535],
            "profile": json.dumps(manifest["rows"]),
        },
    }


def parameters(run: RunFacts) -> dict[str, str]:
    """What was chosen for a run, as far as MLflow takes it."""
    chosen = {**run.parameters, "instance_type": run.instance_type}
    return dict([(key, value[:_VALUE]) for key, value in chosen.items() if value][:_PARAMETERS])


def tags(run: RunFacts) -> dict[str, str]:
    """Where a run comes from and what became of it, under MLflow's own names where it has some."""
    said = {
        EXECUTION: run.arn,
        "mlflow.user": run.who,
        "mlflow.source.name": run.arn.split("/execution/")[0],
        "mlflow.source.type": "JOB",
        "mlflow.source.git.commit": run.commit,
        "mlflow.note.content": run.gates or run.reason,
        "modelyard.image_digest": run.image_digest,
        "modelyard.dataset_sha256": run.dataset_sha256,
        "modelyard.dataset_versions": run.metadata.get("dataset_versions", ""),
        "modelyard.model_package_arn": run.package_arn,
        "modelyard.gates": run.gates,
        "modelyard.reason": run.reason,
    }
    return {key: value[:_VALUE] for key, value in said.items() if value}


def numbers(run: RunFacts) -> dict[str, float]:
    """Each metric with the ends of its interval."""
    found = {}
    for name, metric in run.metrics.items():
        for suffix, key in (("", "value"), ("_low", "low"), ("_high", "high")):
            if metric.get(key) is not None:
                found[f"{name}{suffix}"] = float(metric[key])
    return found


def _manifest(s3: Any, bucket: str, run: RunFacts) -> Mapping[str, Any]:
    content = _content(s3, bucket, f"runs/{run.id}/prepare/manifest/dataset_manifest.json")
    return json.loads(content) if content else {}


def _artifacts(
    s3: Any, bucket: str, run: RunFacts, manifest: Mapping[str, Any]
) -> Iterator[tuple[str, bytes]]:
    """What a person opens beside the numbers: documents and plots, and no rows."""
    if manifest:
        yield "dataset_manifest.json", json.dumps(manifest, indent=1, sort_keys=True).encode()
    if not run.evaluation:
        return
    yield "evaluation.json", json.dumps(run.evaluation, indent=1, sort_keys=True).encode()
    folder = f"runs/{run.id}/{jobs.EVALUATION}/{_PLOTS}"
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=folder)
    for key in sorted(item["Key"] for page in pages for item in page.get("Contents", ())):
        content = _content(s3, bucket, key)
        if content is not None:
            yield f"{_PLOTS}{key.removeprefix(folder)}", content


def _upload(
    server: Mlflow, s3: Any, info: Mapping[str, Any], path: str, content: bytes, key_arn: str
) -> None:
    """Beside the run: in S3 as MLflow's own client does it, or through the server's proxy."""
    place, kind = str(info["artifact_uri"]), mimetypes.guess_type(path)[0] or "text/plain"
    if not place.startswith("s3://"):
        server.upload(f"{place.partition(':/')[2].lstrip('/')}/{path}", content, kind)
        return
    bucket, key = split_uri(f"{place}/{path}")
    s3.put_object(
        Bucket=bucket,
        Key=key,
        Body=content,
        ContentType=kind,
        ServerSideEncryption="aws:kms",
        SSEKMSKeyId=key_arn,
    )


def _content(s3: Any, bucket: str, key: str) -> bytes | None:
    try:
        return s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("NoSuchKey", "404"):
            raise
        return None


def _pairs(values: Mapping[str, str]) -> list[dict[str, str]]:
    """A mapping as MLflow's API writes it."""
    return [{"key": key, "value": value} for key, value in values.items()]


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
