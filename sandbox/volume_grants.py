"""The KMS grants that SageMaker makes for encrypted volumes, and who must be allowed to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.api_call import ApiCall

# "Amazon SageMaker AI API permissions: actions, permissions, and resources reference": jobs need
# kms:CreateGrant "if the associated role does not have a policy that permits this action";
# endpoints need it of the caller where their configuration names a key.
JOBS: Mapping[str, tuple[str, ...]] = {
    "CreateTrainingJob": ("ResourceConfig",),
    "CreateProcessingJob": ("ProcessingResources", "ClusterConfig"),
    "CreateTransformJob": ("TransformResources",),
}
ENDPOINTS = frozenset({"CreateEndpoint", "UpdateEndpoint"})


@dataclass(frozen=True)
class VolumeGrant:
    """A grant on a key; `role` may make it in the caller's stead."""

    key: str
    role: str | None
    context: Mapping[str, str]


def volume_grants(call: ApiCall) -> Iterator[VolumeGrant]:
    """The grants that a call of SageMaker leads to."""
    if call.service != "sagemaker":
        return
    key = _key(call)
    if not key:
        return
    arn = key if key.startswith("arn:") else f"arn:aws:kms:{call.region}:{call.account}:key/{key}"
    context = {
        "kms:GrantIsForAWSResource": "true",
        "kms:ViaService": f"sagemaker.{call.region}.amazonaws.com",
        "kms:CallerAccount": call.account,
    }
    yield VolumeGrant(arn, call.parameters.get("RoleArn"), context)


def _key(call: ApiCall) -> str | None:
    if call.operation in ENDPOINTS:
        return _configured(call)
    if call.operation not in JOBS:
        return None
    found: Any = call.parameters
    for member in JOBS[call.operation]:
        found = found.get(member) or {}
    return found.get("VolumeKmsKeyId")


def _configured(call: ApiCall) -> str | None:
    from moto.sagemaker.models import sagemaker_backends

    configs = sagemaker_backends[call.account][call.region].endpoint_configs
    config = configs.get(call.parameters.get("EndpointConfigName"))
    return getattr(config, "kms_key_id", None)
