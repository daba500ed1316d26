"""Brings one approved model version into service: model, endpoint configuration, endpoint."""

import hashlib
import json
import time
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from modelyard.functions.approval import Approved
from modelyard.functions.instances import has_local_disk

VARIANT = "main"
# By this tag operators may go back to a configuration: it was approved once.
APPROVED = [{"Key": "release", "Value": "approved"}]
_GONE_WITHIN_S = 60.0


class Busy(Exception):  # noqa: N818 (a state, not a mistake; Lambda retries the event)
    """The endpoint is changing; the release comes again."""


def release(sagemaker: Any, ssm: Any, package: Approved, facts: Mapping[str, str]) -> str:
    """What was begun, as one word; the endpoint's events tell how it ended.

    The configuration that gives way is written to the release pointer first: what to go back to
    is known before anything changes.
    """
    config = _endpoint_config(sagemaker, _model(sagemaker, package, facts), package, facts)
    endpoint = facts["endpoint"]
    current = _describe(sagemaker.describe_endpoint, EndpointName=endpoint)
    if current and current["EndpointStatus"] == "Failed":
        _remove(sagemaker, endpoint)
        current = None
    if current is None:
        sagemaker.create_endpoint(EndpointName=endpoint, EndpointConfigName=config)
        return "created"
    pending = current.get("PendingDeploymentSummary", {})
    if config == pending.get("EndpointConfigName", current["EndpointConfigName"]):
        return "unchanged"
    if current["EndpointStatus"] != "InService":
        raise Busy(f"endpoint {endpoint} is {current['EndpointStatus']}")
    previous = current["EndpointConfigName"]
    ssm.put_parameter(Name=facts["release_pointer"], Value=previous, Overwrite=True)
    sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=config)
    return "updated"


def name_of(facts: Mapping[str, str], version: int) -> str:
    """What the model and endpoint configuration of a version are called."""
    return f"{facts['project']}-{facts['environment']}-v{version}"


def _model(sagemaker: Any, package: Approved, facts: Mapping[str, str]) -> str:
    wanted = {
        "PrimaryContainer": {
            "Image": package.image,
            "ModelDataUrl": package.model_uri,
            "Environment": {
                "MODELYARD_MODEL_PACKAGE": package.arn,
                "SM_MODEL_DIR": "/opt/ml/model",
            },
        },
        "ExecutionRoleArn": facts["serving_role"],
        "VpcConfig": {
            "SecurityGroupIds": [facts["security_group"]],
            "Subnets": [facts["subnet_a"], facts["subnet_b"]],
        },
        "EnableNetworkIsolation": True,
    }
    name = _free_name(
        sagemaker.describe_model, "ModelName", name_of(facts, package.version), wanted
    )
    if _describe(sagemaker.describe_model, ModelName=name) is None:
        sagemaker.create_model(ModelName=name, **wanted)
    return name


def _endpoint_config(
    sagemaker: Any, model: str, package: Approved, facts: Mapping[str, str]
) -> str:
    serving = json.loads(facts["serving"])
    wanted = {
        "ProductionVariants": [
            {
                "VariantName": VARIANT,
                "ModelName": model,
                "InstanceType": serving["instance_type"],
                "InitialInstanceCount": serving["instance_count"],
            }
        ],
        "DataCaptureConfig": {
            "EnableCapture": True,
            "InitialSamplingPercentage": 100,
            "DestinationS3Uri": f"s3://{facts['bucket_predictions']}/capture",
            "KmsKeyId": facts["key_arn"],
            "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
            "CaptureContentTypeHeader": {
                "CsvContentTypes": ["text/csv"],
                "JsonContentTypes": ["application/json"],
            },
        },
    }
    if not has_local_disk(serving["instance_type"]):
        wanted["KmsKeyId"] = facts["key_arn"]
    describe = sagemaker.describe_endpoint_config
    name = _free_name(describe, "EndpointConfigName", name_of(facts, package.version), wanted)
    if _describe(describe, EndpointConfigName=name) is None:
        sagemaker.create_endpoint_config(EndpointConfigName=name, Tags=APPROVED, **wanted)
    return name


def _free_name(describe: Any, key: str, name: str, wanted: Mapping[str, Any]) -> str:
    """The name, unless something else has it: neither models nor configurations can be changed."""
    existing = _describe(describe, **{key: name})
    if existing is None or _covers(existing, wanted):
        return name
    content = json.dumps(wanted, sort_keys=True).encode()
    return f"{name}-{hashlib.sha256(content).hexdigest()[:8]}"


def _covers(existing: Any, wanted: Any) -> bool:
    """Whether all that is wanted exists so; AWS adds defaults of its own."""
    if isinstance(wanted, Mapping):
        return isinstance(existing, Mapping) and all(
            _covers(existing.get(key), value) for key, value in wanted.items()
        )
    if isinstance(wanted, list):
        return len(existing or []) == len(wanted) and all(
            _covers(there, here) for there, here in zip(existing, wanted, strict=True)
        )
    return bool(existing == wanted)


def _remove(sagemaker: Any, endpoint: str) -> None:
    """An endpoint whose creation failed cannot be updated: it gives way."""
    sagemaker.delete_endpoint(EndpointName=endpoint)
    deadline = time.monotonic() + _GONE_WITHIN_S
    while _describe(sagemaker.describe_endpoint, EndpointName=endpoint):
        if time.monotonic() > deadline:
            raise Busy(f"endpoint {endpoint} is still being deleted")
        time.sleep(0.5)


def _describe(call: Any, **name: str) -> dict[str, Any] | None:
    """What a describe call answers, None when there is no such thing."""
    try:
        return dict(call(**name))
    except ClientError as error:
        message = error.response["Error"]["Message"]
        if error.response["Error"]["Code"] in ("ValidationException", "ResourceNotFound") and (
            "Could not find" in message or "does not exist" in message or "not found" in message
        ):
            return None
        raise
