"""The network has no way to or from the internet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from policies.guardrails.resource import Estate, Resource
from policies.guardrails.rule import Rule, Severity

_SUBNET: Final = "aws:ec2/subnet:Subnet"
_ROUTE: Final = "aws:ec2/route:Route"
_TABLE: Final = "aws:ec2/routeTable:RouteTable"
_GROUP: Final = "aws:ec2/securityGroup:SecurityGroup"
_GROUP_RULE: Final = "aws:ec2/securityGroupRule:SecurityGroupRule"
_INGRESS: Final = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
_EGRESS: Final = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
_DOORS: Final = frozenset(
    {
        "aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway",
        "aws:ec2/eip:Eip",
        "aws:ec2/internetGateway:InternetGateway",
        "aws:ec2/natGateway:NatGateway",
    }
)
_EVERYWHERE: Final = frozenset({"0.0.0.0/0", "::/0"})


def check(resource: Resource, _: Estate) -> Iterator[str]:
    """No gateway, no public address, and nothing that names every address there is."""
    if resource.type in _DOORS:
        yield "it is a way to the internet"
    elif resource.type == _SUBNET:
        if resource.value("mapPublicIpOnLaunch") is True:
            yield "the subnet gives public addresses"
    elif resource.type == _GROUP:
        for side in ("ingress", "egress"):
            for rule in resource.each(side):
                yield from _addresses(rule)
    elif resource.type == _TABLE:
        for route in resource.each("routes"):
            yield from _addresses(route)
    else:
        yield from _addresses(resource)


def _addresses(resource: Resource) -> Iterator[str]:
    stated = [
        resource.value(name)
        for name in ("cidrIpv4", "cidrIpv6", "cidrBlock", "ipv6CidrBlock", "destinationCidrBlock")
    ]
    for name in ("cidrBlocks", "ipv6CidrBlocks"):
        stated += list(resource.value(name) or ())
    if _EVERYWHERE & {str(each) for each in stated}:
        yield "it is open to every address"


RULE = Rule(
    id="no-direct-internet",
    control="The project's network has no way to or from the internet.",
    severity=Severity.CRITICAL,
    owner="platform-security",
    rationale="Data can leave by any door; ours lead to AWS services only.",
    remedy="Reach AWS services through VPC endpoints; name prefix lists or groups, not 0.0.0.0/0.",
    references=(
        "Security Hub SageMaker.1",
        "Security Hub EC2.15",
        "EU AI Act Art. 15",
        "NIST AI RMF MEASURE 2.7",
    ),
    effective=date(2026, 11, 21),
    types=frozenset({_SUBNET, _ROUTE, _TABLE, _GROUP, _GROUP_RULE, _INGRESS, _EGRESS, *_DOORS}),
    check=check,
)
