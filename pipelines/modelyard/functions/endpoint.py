"""What one approved version is served by: model, endpoint configuration, endpoint.

Names come from the version, so that whoever is interrupted finds what was made before.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from modelyard.functions.approval import Approved
from modelyard.functions.instances import has_local_disk
from modelyard.functions.live import CHALLENGER, MAIN, describe, version_of

# By this tag operators may go back to a configuration: it was approved once.
APPROVED = [{"Key": "release", "Value": "approved"}]


def prepare(
    sagemaker: Any,
    package: Approved,
    facts: Mapping[str, str],
    strategy: str,
    serving_config: str,
) -> str:
    """The configuration that serves a package; beside what serves now for shadow and A/B."""
    serving = json.loads(facts["serving"])
    model = _model(sagemaker, package, facts, serving)
    if strategy not in ("shadow", "ab"):
        wanted = {"ProductionVariants": [_variant(MAIN, model, serving)]}
        return _config(sagemaker, name_of(facts, package.version), wanted, facts, serving)
    now = sagemaker.describe_endpoint_config(EndpointConfigName=serving_config)
    share = serving["rollout"]["percent"]
    main = _variant(MAIN, _main_model(now), serving)
    challenger = _variant(CHALLENGER, model, serving)
    if strategy == "shadow":
        # The weight of a shadow is the share of the requests that it gets a copy of.
        wanted = {
            "ProductionVariants": [main | {"InitialVariantWeight": 1.0}],
            "ShadowProductionVariants": [challenger | {"InitialVariantWeight": share / 100}],
        }
    else:
        wanted = {
            "ProductionVariants": [
                main | {"InitialVariantWeight": float(100 - share)},
                challenger | {"InitialVariantWeight": float(share)},
            ]
        }
    name = f"{name_of(facts, version_of(facts, serving_config) or 0)}-{strategy}-{package.version}"
    return _config(sagemaker, name, wanted, facts, serving)


def name_of(facts: Mapping[str, str], version: int) -> str:
    """What the model and endpoint configuration of a version are called."""
    return f"{facts['project']}-{facts['environment']}-v{version}"


def takes_guardrails(sagemaker: Any, before: str, after: str) -> bool:
    """Whether AWS shifts traffic under alarms: between variants of the same names ("Exclusions"),
    and with instances ("Deployment guardrails only apply to Asynchronous inference and Real-time
    inference endpoint types": "Deployment guardrails for updating models in production").
    """
    configs = [
        sagemaker.describe_endpoint_config(EndpointConfigName=name) for name in (before, after)
    ]
    if any(config.get("ShadowProductionVariants") or _serverless(config) for config in configs):
        return False
    old, new = ({one["VariantName"] for one in config["ProductionVariants"]} for config in configs)
    return bool(old == new)


def one_way(sagemaker: Any, before: str, serving: Mapping[str, Any]) -> str:
    """Why a release could not go back, or not begin; empty where instances stay instances.

    "If you try to update your real-time endpoint to serverless, you receive a ValidationError
    message"; the other way works, but not back ("Deploy models with Amazon SageMaker Serverless
    Inference").
    """
    if not before:
        return ""
    was = _serverless(sagemaker.describe_endpoint_config(EndpointConfigName=before))
    if was == (serving["mode"] == "serverless"):
        return ""
    if was:
        return "turns no endpoint back from instances to serverless, so that nothing could undo it"
    return "does not convert an endpoint with instances"


def _serverless(config: Mapping[str, Any]) -> bool:
    return any("ServerlessConfig" in one for one in config["ProductionVariants"])


def changes_instances(sagemaker: Any, before: str, after: str) -> bool:
    """Whether the main variant moves to another instance type."""
    kinds = [
        next(
            one.get("InstanceType")
            for one in sagemaker.describe_endpoint_config(EndpointConfigName=name)[
                "ProductionVariants"
            ]
            if one["VariantName"] == MAIN
        )
        for name in (before, after)
    ]
    return kinds[0] != kinds[1]


def _main_model(config: Mapping[str, Any]) -> str:
    (model,) = [
        variant["ModelName"]
        for variant in config["ProductionVariants"]
        if variant["VariantName"] == MAIN
    ]
    return str(model)


def _model(
    sagemaker: Any, package: Approved, facts: Mapping[str, str], serving: Mapping[str, Any]
) -> str:
    wanted: dict[str, Any] = {
        "PrimaryContainer": {
            "Image": package.image,
            "ModelDataUrl": package.model_uri,
            "Environment": {
                "MODELYARD_MODEL_PACKAGE": package.arn,
                "MODELYARD_CAPTURE": _door(facts),
                "SM_MODEL_DIR": "/opt/ml/model",
            },
        },
        "ExecutionRoleArn": facts["serving_role"],
    }
    if serving["mode"] != "serverless":
        # Serverless inference knows neither ("Serverless Inference: feature exclusions").
        wanted |= {
            "VpcConfig": {
                "SecurityGroupIds": [facts["security_group"]],
                "Subnets": [facts["subnet_a"], facts["subnet_b"]],
            },
            "EnableNetworkIsolation": True,
        }
    name = _free_name(
        sagemaker.describe_model, "ModelName", name_of(facts, package.version), wanted
    )
    if describe(sagemaker.describe_model, ModelName=name) is None:
        sagemaker.create_model(ModelName=name, **wanted)
    return name


def _variant(name: str, model: str, serving: Mapping[str, Any]) -> dict[str, Any]:
    variant: dict[str, Any] = {"VariantName": name, "ModelName": model}
    if serving["mode"] == "serverless":
        return variant | {
            "ServerlessConfig": {
                "MemorySizeInMB": serving["memory_mb"],
                "MaxConcurrency": serving["max_concurrency"],
            }
        }
    return variant | {
        "InstanceType": serving["instance_type"],
        "InitialInstanceCount": serving["instance_count"],
    }


def _config(
    sagemaker: Any,
    name: str,
    variants: Mapping[str, Any],
    facts: Mapping[str, str],
    serving: Mapping[str, Any],
) -> str:
    wanted: dict[str, Any] = dict(variants)
    mode = serving["mode"]
    if mode == "asynchronous":
        wanted["AsyncInferenceConfig"] = {
            "OutputConfig": {
                "S3OutputPath": f"s3://{facts['bucket_predictions']}/async/answers",
                "S3FailurePath": f"s3://{facts['bucket_predictions']}/async/failures",
                "KmsKeyId": facts["key_arn"],
            }
        }
    if mode != "serverless":
        if _door(facts) == "endpoint":
            wanted["DataCaptureConfig"] = _capture(facts)
        if not has_local_disk(serving["instance_type"]):
            wanted["KmsKeyId"] = facts["key_arn"]
    call = sagemaker.describe_endpoint_config
    free = _free_name(call, "EndpointConfigName", name, wanted)
    if describe(call, EndpointConfigName=free) is None:
        sagemaker.create_endpoint_config(EndpointConfigName=free, Tags=APPROVED, **wanted)
    return free


def _door(facts: Mapping[str, str]) -> str:
    """How predictions are captured: by SageMaker (endpoint), or by the server itself (log)."""
    return str(json.loads(facts["monitoring"])["capture"])


def _capture(facts: Mapping[str, str]) -> dict[str, Any]:
    return {
        "EnableCapture": True,
        "InitialSamplingPercentage": 100,
        "DestinationS3Uri": f"s3://{facts['bucket_predictions']}/capture",
        "KmsKeyId": facts["key_arn"],
        "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
        "CaptureContentTypeHeader": {
            "CsvContentTypes": ["text/csv"],
            "JsonContentTypes": ["application/json"],
        },
    }


def _free_name(call: Any, key: str, name: str, wanted: Mapping[str, Any]) -> str:
    """The name, unless something else has it: neither models nor configurations can be changed."""
    existing = describe(call, **{key: name})
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
