"""Asks what staging serves for one prediction, in whichever way the project serves."""

from __future__ import annotations

import csv
import io
import json
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from botocore.exceptions import ClientError

from modelyard.project import EnvironmentName
from sandbox.journey.commands import JourneyError
from sandbox.journey.stages import Journey

T = TypeVar("T")
Row = Mapping[str, Any]
_PATIENCE_S = 120.0


def prediction(journey: Journey, env: EnvironmentName, row: Row) -> Any:
    """The answer to one row: from the endpoint, out of its queue, or by a batch run.

    Raises:
        JourneyError: no answer came.
    """
    mode = journey.project.serving.mode
    if mode == "batch":
        return _scored(journey, env, row)
    body = json.dumps({"instances": [row]}, default=str)
    request = {
        "EndpointName": journey.endpoint(env),
        "ContentType": "application/json",
        "Body": body,
    }
    runtime = journey.client(journey.session(env, "model-operator"), "sagemaker-runtime")
    if mode == "asynchronous":
        place = runtime.invoke_endpoint_async(**request)["OutputLocation"]
        answer = _waited(lambda: _stored(journey, place), f"an answer at {place}")
    else:
        answer = runtime.invoke_endpoint(**request)["Body"].read()
    return json.loads(answer)["predictions"][0]


def _stored(journey: Journey, uri: str) -> bytes | None:
    try:
        return journey.read(uri)
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchKey":
            return None
        raise


def _scored(journey: Journey, env: EnvironmentName, row: Row) -> Any:
    """The row as a file that the batch pipeline scores."""
    root, operator = journey.root(env), journey.session(env, "model-operator")
    s3, sagemaker = journey.client(root, "s3"), journey.client(operator, "sagemaker")
    bucket = journey.parameter(env, "bucket_predictions")
    text = io.StringIO()
    writer = csv.DictWriter(text, list(row))
    writer.writeheader()
    writer.writerow(row)
    s3.put_object(Bucket=bucket, Key="batch/input/try.csv", Body=text.getvalue().encode())
    name = f"{journey.project.name}-{env}-batch"
    arn = sagemaker.start_pipeline_execution(PipelineName=name)["PipelineExecutionArn"]

    def ended() -> str | None:
        found = sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)
        status = str(found["PipelineExecutionStatus"])
        return None if status == "Executing" else status

    status = _waited(ended, f"the end of {name}")
    keys = [
        item["Key"]
        for item in s3.list_objects_v2(Bucket=bucket, Prefix="batch/output/").get("Contents", ())
        if item["Size"]
    ]
    if status != "Succeeded" or not keys:
        raise JourneyError(f"the batch run {arn} {status.lower()} and scored nothing")
    lines = s3.get_object(Bucket=bucket, Key=keys[0])["Body"].read().decode().splitlines()
    return json.loads(lines[0])["prediction"]


def _waited(look: Callable[[], T | None], what: str) -> T:
    deadline = time.monotonic() + _PATIENCE_S
    while (found := look()) is None:
        if time.monotonic() > deadline:
            raise JourneyError(f"{what} did not come within {_PATIENCE_S:.0f} s")
        time.sleep(0.2)
    return found
