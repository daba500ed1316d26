"""What runs data or models runs in the project's network."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from policies.guardrails.resource import Estate, Resource
from policies.guardrails.rule import Rule, Severity

_DOMAIN: Final = "aws:sagemaker/domain:Domain"
_MODEL: Final = "aws:sagemaker/model:Model"
_TRAINING: Final = "aws:sagemaker/trainingJob:TrainingJob"
_QUALITY: Final = "aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition"
_AT: Final = {
    _MODEL: ("vpcConfig",),
    _TRAINING: ("vpcConfig",),
    _QUALITY: ("networkConfig", "vpcConfig"),
}


def check(resource: Resource, _: Estate) -> Iterator[str]:
    """Studio reaches nothing but the network; jobs and models are placed in it."""
    if resource.type == _DOMAIN:
        if resource.value("appNetworkAccessType") != "VpcOnly":
            yield "Studio reaches the internet around the network (appNetworkAccessType)"
        return
    path = _AT[resource.type]
    if not resource.refers(*path, "subnets") or not resource.refers(*path, "securityGroupIds"):
        yield f"{'.'.join(path)} names no subnets and security groups"


RULE = Rule(
    id="vpc-only",
    control="Studio, jobs and models run in the project's private network.",
    severity=Severity.HIGH,
    owner="platform-security",
    rationale="Outside it, AWS's own network reaches the internet, and so does whoever got in.",
    remedy="Set appNetworkAccessType to VpcOnly, or give subnets and security group.",
    references=(
        "Security Hub SageMaker.2",
        "EU AI Act Art. 15",
        "ISO/IEC 42001 A.6",
        "NIST AI RMF MEASURE 2.7",
    ),
    effective=date(2026, 11, 21),
    types=frozenset({_DOMAIN, *_AT}),
    check=check,
)
