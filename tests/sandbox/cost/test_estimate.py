"""Each resource is billed as AWS bills it, once, and nothing is left out silently."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.cost.conftest import estimated, resource

ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
KEY = "aws:kms/key:Key"
OURS: dict[str, Any] = {"namespace": "Modelyard", "metricName": "Drift", "period": 300}
AWS: dict[str, Any] = {
    "namespace": "AWS/SageMaker",
    "metricName": "Invocation5XXErrors",
    "period": 60,
}
HOURLY = 0.30 * 31 / 730


@pytest.mark.parametrize(
    ("kind", "inputs", "usd"),
    [
        (KEY, {}, 1.00),
        (ENDPOINT, {"vpcEndpointType": "Gateway", "routeTableIds": ["rtb-1"]}, 0),
        (ENDPOINT, {"routeTableIds": ["rtb-1"]}, 0),
        (ENDPOINT, {"vpcEndpointType": "Interface", "subnetIds": ["a"]}, 7.30),
        (ENDPOINT, {"vpcEndpointType": "Interface", "subnetIds": ["a", "b"]}, 14.60),
        (ALARM, AWS, 0.10),
        (ALARM, {**AWS, "period": 10}, 0.30),
        (ALARM, {"metricQueries": [{"metric": AWS}, {"metric": AWS}, {"expression": "a/b"}]}, 0.20),
        (ALARM, OURS, 0.10 + HOURLY),
        ("aws:cloudwatch/compositeAlarm:CompositeAlarm", {}, 0.50),
        ("aws:cloudwatch/dashboard:Dashboard", {}, 3.00),
        ("aws:ecr/repository:Repository", {}, 0.20),
        ("aws:secretsmanager/secret:Secret", {}, 0.40),
        ("aws:ec2/flowLog:FlowLog", {"logDestinationType": "s3"}, 0.05),
        ("aws:ec2/flowLog:FlowLog", {}, 0.10),
        ("aws:cloudtrail/trail:Trail", {}, 0.05),
        ("aws:iam/role:Role", {}, 0),
    ],
)
def test_resource_is_billed_by_its_unit(kind: str, inputs: dict[str, Any], usd: float) -> None:
    assert estimated(resource(kind, "one", **inputs)).own_usd == pytest.approx(usd)


def test_metric_that_several_alarms_watch_is_billed_once() -> None:
    alarms = [resource(ALARM, name, **OURS) for name in ("warning", "critical")]
    assert estimated(*alarms).own_usd == pytest.approx(0.20 + HOURLY)


def test_resource_that_several_graphs_hold_counts_once() -> None:
    key = resource(KEY, "shared", stack="123456789012", program="modelyard-account")
    assert estimated(key, key).foundation_usd == 1.00


def test_foundation_is_spread_over_projects_and_the_workspace_is_not() -> None:
    both = estimated(
        resource(KEY, "own"),
        resource(KEY, "shared", stack="123456789012.us-east-1", program="modelyard-region"),
    )
    assert both.per_project(1) == 2.00
    assert both.per_project(20) == 1.05


def test_key_versions_are_shown_but_not_idle_from_the_start() -> None:
    rotated = estimated(resource(KEY, "key", enableKeyRotation=True))
    (version,) = rotated.later
    assert (rotated.own_usd, version.usd, version.when) == (
        1.00,
        2.00,
        "after two yearly rotations",
    )


def test_type_without_a_price_is_reported_as_unknown() -> None:
    odd = estimated(resource("aws:neptune/cluster:Cluster", "graph"))
    assert odd.unknown == {"aws:neptune/cluster:Cluster": ("graph",)}


def test_free_type_says_why() -> None:
    assert "IAM" in estimated(resource("aws:iam/role:Role", "r")).free["aws:iam/role:Role"]


def test_components_and_providers_are_not_priced() -> None:
    assert estimated(resource("modelyard:storage:Bucket", "b")).unknown == {}
