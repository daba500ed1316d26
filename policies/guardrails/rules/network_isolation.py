"""Containers of jobs and models have no network of their own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from policies.guardrails.resource import Estate, Resource
from policies.guardrails.rule import Rule, Severity

_MODEL: Final = "aws:sagemaker/model:Model"
_TRAINING: Final = "aws:sagemaker/trainingJob:TrainingJob"
_QUALITY: Final = "aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition"
_SCHEDULE: Final = "aws:sagemaker/monitoringSchedule:MonitoringSchedule"
_WITHIN: Final[dict[str, tuple[str, ...]]] = {
    _MODEL: (),
    _TRAINING: (),
    _QUALITY: ("networkConfig",),
    _SCHEDULE: ("monitoringScheduleConfig", "monitoringJobDefinition", "networkConfig"),
}


def check(resource: Resource, _: Estate) -> Iterator[str]:
    """Isolation is on; traffic between the containers of one job is encrypted."""
    within = _WITHIN[resource.type]
    if _named_elsewhere(resource):
        return
    if resource.value(*within, "enableNetworkIsolation") is not True:
        yield "containers are not isolated from the network"
    elif resource.type != _MODEL and not _encrypted(resource, within):
        yield "traffic between the containers is not encrypted"


def _encrypted(resource: Resource, within: tuple[str, ...]) -> bool:
    return resource.value(*within, "enableInterContainerTrafficEncryption") is True


def _named_elsewhere(resource: Resource) -> bool:
    """A schedule that names a definition is isolated by that one."""
    name = ("monitoringScheduleConfig", "monitoringJobDefinitionName")
    return resource.type == _SCHEDULE and resource.refers(*name)


RULE = Rule(
    id="network-isolation",
    control="Containers of jobs and models are isolated and have nothing to call.",
    severity=Severity.CRITICAL,
    owner="platform-security",
    rationale="A stolen or poisoned container with a network carries the training data away.",
    remedy="Set enableNetworkIsolation, and enableInterContainerTrafficEncryption for jobs.",
    references=(
        "Security Hub SageMaker.5",
        "Security Hub SageMaker.9",
        "Security Hub SageMaker.11",
        "Security Hub SageMaker.14",
        "EU AI Act Art. 15",
        "NIST AI RMF MEASURE 2.7",
    ),
    effective=date(2026, 11, 21),
    types=frozenset(_WITHIN),
    check=check,
)
