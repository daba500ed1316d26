"""Every mistake in a region's configuration is one line with file, key and fix."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from infra.configuration import SettingsError, Values
from infra.region import settings

BASE = {"account": "123456789012", "region": "eu-west-1"}
VPC = {
    "vpcId": "vpc-0123456789abcdef0",
    "subnetA": "subnet-0123456789abcdef0",
    "subnetB": "subnet-0123456789abcdef1",
    "s3PrefixList": "pl-63a5400a",
}
TRAIL = "arn:aws:cloudtrail:eu-west-1:444444444444:trail/central"


def load(change: Mapping[str, Any]) -> settings.RegionSettings:
    """The settings that these keys give."""
    texts = {
        key: value if isinstance(value, str) else json.dumps(value)
        for key, value in {**BASE, **change}.items()
    }
    return settings.load(Values("123456789012.eu-west-1", texts))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"zones": ["eu-west-1a"] * 2}, "zones: names 1 zones; name two or three"),
        ({"subnetA": VPC["subnetA"]}, "subnetA: belongs to an existing VPC; set modelyard:vpcId"),
        ({"vpcId": "default"}, "vpcId: 'default' is not valid; write the id of a VPC"),
        ({**VPC, "subnetB": ""}, "subnetB: is missing; run `pulumi config set modelyard:subnetB"),
        ({**VPC, "s3PrefixList": ""}, "routeTables: or modelyard:s3PrefixList, exactly one"),
        ({**VPC, "routeTables": ["rtb-01234567"]}, "routeTables: or modelyard:s3PrefixList"),
        ({**VPC, "zones": ["eu-west-1a", "eu-west-1b"]}, "zones: belongs to a new network"),
        ({**VPC, "interfaceEndpoints": ["sts"]}, "cidr: is missing; write the VPC's range"),
        ({**VPC, "cidr": "8.8.8.0/24"}, "cidr: '8.8.8.0/24' is not a private network; write"),
        ({"interfaceEndpoints": ["sagemaker"]}, "interfaceEndpoints: 'sagemaker' is not known"),
        ({"interfaceEndpoints": ["sagemaker.apo"]}, "did you mean 'sagemaker.api'?"),
        ({"interfaceEndpoints": "sts"}, "interfaceEndpoints: expected a list, found 'sts'"),
        ({"endpointZones": "4"}, "endpointZones: '4' is not valid; write 1, 2 or 3"),
        ({"endpointZones": "3"}, "endpointZones: asks for 3 zones; the network has 2: lower it"),
        ({"flowLogs": "off"}, "flowLogs: 'off' is not valid; write logs, existing, or the ARN"),
        ({"consumerAccounts": ["x"]}, "consumerAccounts: 'x' is not valid; write the twelve"),
        ({"auditedProjects": ["Loans"]}, "auditedProjects: 'Loans' is not valid; write a project"),
        ({"auditedProjects": [f"p{n}" for n in range(200)]}, "names 200 projects; a trail watches"),
        ({"adoptTrail": "central"}, "adoptTrail: 'central' is not valid; write the ARN"),
        (
            {"adoptTrail": TRAIL, "auditedProjects": ["loans"]},
            "auditedProjects: belongs to a trail of our own; remove it, or remove",
        ),
        (
            {"adoptTrail": TRAIL, "trailBucket": "central"},
            "trailBucket: belongs to a trail of our own",
        ),
        ({"trailBucket": "Central"}, "trailBucket: 'Central' is not valid; write the name of a"),
        ({"alerts": ["a@b.example"]}, "alerts: expected a list of addresses by severity; write"),
        ({"alerts": {"urgent": []}}, "alerts: unknown severity 'urgent'; use info, warning"),
        ({"alerts": {"info": "a@b.example"}}, "alerts: expected a list under 'info'; write"),
        ({"alerts": {"info": ["Ann"]}}, "alerts: 'Ann' under 'info' is not valid; write oncall"),
        ({"alerts": {"info": ["http://a.example/key"]}}, "alerts: an address under 'info' is"),
        ({"alerts": {"info": ["slack:C0123ABCD"]}}, "slackWorkspace: is missing, but modelyard:al"),
        ({"slackWorkspace": "acme"}, "slackWorkspace: 'acme' is not valid; write the id of the"),
    ],
)
def test_region_mistake_is_one_line(change: Mapping[str, Any], message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(change)
    text = str(caught.value)
    assert text.startswith("Pulumi.123456789012.eu-west-1.yaml: modelyard:")
    assert message in text
    assert "\n" not in text


def test_a_pagers_key_is_not_repeated() -> None:
    with pytest.raises(SettingsError) as caught:
        load({"alerts": {"critical": ["http://events.pagerduty.com/integration/k3y/enqueue"]}})
    assert "k3y" not in str(caught.value)
