"""SageMaker's condition keys, read from the request's body and from the stored model package."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from moto.sagemaker.models import sagemaker_backends

from sandbox.api_call import ApiCall
from sandbox.studio_context import studio_context

Context = dict[str, Any]

# The Service Authorization Reference spells the KMS keys with and without `Arn`; both are set,
# because the reference changed and which one a given action honours cannot be seen from outside.
VOLUME_KEYS = frozenset({"VolumeKmsKeyId", "VolumeKmsKey"})
OUTPUT_MEMBERS = frozenset(
    {"OutputDataConfig", "ProcessingOutputConfig", "TransformOutput", "MonitoringOutputConfig"}
)
INSTANCE_MEMBERS = frozenset({"InstanceType", "DefaultInstanceType"})
FLAGS = {
    "EnableNetworkIsolation": "sagemaker:NetworkIsolation",
    "EnableInterContainerTrafficEncryption": "sagemaker:InterContainerTrafficEncryption",
    "EnableRemoteDebug": "sagemaker:EnableRemoteDebug",
}
SERVERLESS = {
    "MaxConcurrency": "sagemaker:ServerlessMaxConcurrency",
    "MemorySizeInMB": "sagemaker:ServerlessMemorySize",
}
WITH_CURRENT_STATE = frozenset({"UpdateModelPackage", "DeleteModelPackage", "DescribeModelPackage"})


def sagemaker_context(call: ApiCall) -> Context:
    """A field that is absent from the body leaves its key absent."""
    given = call.parameters
    context: Context = {}
    _lists(given, context)
    for name, key in FLAGS.items():
        value = next(_values(given, frozenset({name})), None)
        if value is not None:
            context[key] = str(value).lower()
    runtime = next(_values(given, frozenset({"MaxRuntimeInSeconds"})), None)
    if runtime is not None:
        context["sagemaker:MaxRuntimeInSeconds"] = str(runtime)
    for name, key in SERVERLESS.items():
        value = next(_values(given, frozenset({name})), None)
        if value is not None:
            context[key] = str(value)
    _keys(call, context)
    if call.operation == "AddTags":
        context["sagemaker:TaggingAction"] = "AddTags"
    if "ModelPackage" in call.operation:
        _package(call, context)
    context.update(studio_context(call))
    return context


def _lists(given: Mapping[str, Any], context: Context) -> None:
    subnets = [s for found in _values(given, frozenset({"Subnets", "SubnetIds"})) for s in found]
    groups = [
        g for found in _values(given, frozenset({"SecurityGroupIds", "SecurityGroups"}))
        if isinstance(found, list) for g in found
    ]  # fmt: skip
    types = [str(found) for found in _values(given, INSTANCE_MEMBERS)]
    for key, values in (
        ("sagemaker:VpcSubnets", subnets),
        ("sagemaker:VpcSecurityGroupIds", groups),
        ("sagemaker:InstanceTypes", types),
    ):
        if values:
            context[key] = list(dict.fromkeys(values))


def _keys(call: ApiCall, context: Context) -> None:
    given = call.parameters
    volume = next(_values(given, VOLUME_KEYS), None)
    if volume is None and call.operation == "CreateEndpointConfig":
        volume = given.get("KmsKeyId")
    output = None
    for name in OUTPUT_MEMBERS:
        if isinstance(given.get(name), Mapping):
            output = output or given[name].get("KmsKeyId")
    for key, value in (("Volume", volume), ("Output", output)):
        if value:
            arn = _key_arn(call, str(value))
            context[f"sagemaker:{key}KmsKeyArn"] = context[f"sagemaker:{key}KmsKey"] = arn
    models = [
        f"arn:aws:sagemaker:{call.region}:{call.account}:model/{name}"
        for name in _values(given, frozenset({"ModelName"}))
    ]
    if models and call.operation in ("CreateTransformJob", "CreateEndpointConfig"):
        context["sagemaker:ModelArn"] = models[0] if len(models) == 1 else models


def _key_arn(call: ApiCall, key: str) -> str:
    return key if key.startswith("arn:") else f"arn:aws:kms:{call.region}:{call.account}:key/{key}"


def _package(call: ApiCall, context: Context) -> None:
    given = call.parameters
    if given.get("ModelApprovalStatus"):
        context["sagemaker:ModelApprovalStatus"] = given["ModelApprovalStatus"]
    for key, value in (given.get("CustomerMetadataProperties") or {}).items():
        context[f"sagemaker:CustomerMetadataProperties/{key}"] = value
    removed = given.get("CustomerMetadataPropertiesToRemove")
    if removed:
        context["sagemaker:CustomerMetadataPropertiesToRemove"] = list(removed)
    for name, value in (given.get("ModelLifeCycle") or {}).items():
        context[f"sagemaker:ModelLifeCycle:{name}"] = value
    if call.operation in WITH_CURRENT_STATE:
        _current(call, context)


def _current(call: ApiCall, context: Context) -> None:
    name = call.parameters.get("ModelPackageArn") or call.parameters.get("ModelPackageName") or ""
    parts = str(name).split(":")
    account, region = (parts[4], parts[3]) if len(parts) == 6 else (call.account, call.region)
    backend = sagemaker_backends[account][region]
    package = backend.model_packages.get(backend.model_package_name_mapping.get(name, name))
    if package is None:
        return
    if package.model_approval_status:
        context["sagemaker:CurrentModelApprovalStatus"] = package.model_approval_status
    for key, value in (package.customer_metadata_properties or {}).items():
        context[f"sagemaker:CurrentCustomerMetadataProperties/{key}"] = value
    for key, value in (getattr(package, "model_life_cycle", None) or {}).items():
        context[f"sagemaker:CurrentModelLifeCycle{key}"] = value


def _values(value: Any, names: frozenset[str]) -> Iterator[Any]:
    """Every value of these members, wherever they stand in the request."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            if key in names:
                yield item
            else:
                yield from _values(item, names)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _values(item, names)
