"""Production answers when one machine or one zone is gone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from policies.guardrails.resource import PRODUCTION, Estate, Resource
from policies.guardrails.rule import Rule, Severity
from policies.guardrails.rules.instance_allow_list import serving

_PARAMETER: Final = "aws:ssm/parameter:Parameter"
_CONFIG: Final = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
_MODEL: Final = "aws:sagemaker/model:Model"
_SUBNET: Final = "aws:ec2/subnet:Subnet"
_ENOUGH: Final = 2


def check(resource: Resource, estate: Estate) -> Iterator[str]:
    """Two instances or more, and subnets in two zones to put them in."""
    if resource.type == _SUBNET:
        yield from _zones(resource, estate)
    elif resource.type == _PARAMETER:
        yield from _contract(resource)
    elif resource.in_production:
        if resource.type == _MODEL:
            if len(resource.value("vpcConfig", "subnets") or ()) < _ENOUGH:
                yield "the model can be placed in one zone only"
        else:
            yield from _variants(resource)


def _contract(parameter: Resource) -> Iterator[str]:
    """The release function makes the endpoint of what the contract says."""
    stated = serving(parameter)
    is_production = f"/{PRODUCTION}/" in parameter.text("name")
    real_time = stated.get("mode", "real-time") == "real-time"
    if stated and is_production and real_time and stated.get("instance_count", 1) < _ENOUGH:
        yield f"production is to be served by {stated.get('instance_count', 1)} instance"


def _variants(config: Resource) -> Iterator[str]:
    for variant in config.each("productionVariants"):
        if variant.refers("serverlessConfig") or config.refers("asyncInferenceConfig"):
            continue
        if int(variant.value("initialInstanceCount") or 1) < _ENOUGH:
            yield "production is served by one instance"


def _zones(subnet: Resource, estate: Estate) -> Iterator[str]:
    """Said once, of the network's first subnet."""
    network = [each for each in estate.of(_SUBNET) if each.parent == subnet.parent]
    zones = {each.text("availabilityZone") or each.text("availabilityZoneId") for each in network}
    if subnet is network[0] and len(zones - {""}) < _ENOUGH:
        yield "the network's subnets lie in one zone"


RULE = Rule(
    id="production-redundancy",
    control="Real-time endpoints in production have two instances or more, across zones.",
    severity=Severity.HIGH,
    owner="platform",
    rationale="One instance is one failure, and one patch, away from no decisions at all.",
    remedy="Set serving.instance_count to 2 or more in project.yaml; keep subnets in two zones.",
    references=("Security Hub SageMaker.4", "EU AI Act Art. 15", "NIST AI RMF MANAGE 2.2"),
    effective=date(2026, 11, 21),
    types=frozenset({_PARAMETER, _CONFIG, _MODEL, _SUBNET}),
    check=check,
    across=frozenset({_SUBNET}),
)
