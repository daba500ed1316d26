"""A deployment configuration becomes steps of traffic, or is refused with the reason."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from moto.core.exceptions import ServiceException

from sandbox.compute import shapes
from sandbox.compute.deployment_plan import plan
from sandbox.compute.deployment_rules import checked_plan, faults
from sandbox.compute.fleet import Fleet
from sandbox.compute.operations import Scope


def size(kind: str, value: int) -> dict[str, Any]:
    return {"Type": kind, "Value": value}


def percent(value: int) -> dict[str, Any]:
    return size("CAPACITY_PERCENT", value)


def routed(kind: str, last: int = 20, **sizes: Any) -> dict[str, Any]:
    routing = {"Type": kind, "WaitIntervalInSeconds": 10, **sizes}
    policy = {"TrafficRoutingConfiguration": routing, "TerminationWaitInSeconds": last}
    return {"BlueGreenUpdatePolicy": policy}


def rolling(**sizes: Any) -> dict[str, Any]:
    return {"RollingUpdatePolicy": {"WaitIntervalInSeconds": 10, **sizes}}


CANARY = routed("CANARY", CanarySize=percent(25))
LINEAR = routed("LINEAR", LinearStepSize=percent(25))
ROLLING = rolling(MaximumBatchSize=percent(25))
ALARMS = {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "a"}]}}


@pytest.mark.parametrize(
    ("config", "steps"),
    [
        ({}, [(8, 0)]),
        (routed("ALL_AT_ONCE"), [(8, 20)]),
        (CANARY, [(2, 10), (8, 20)]),
        (routed("CANARY", CanarySize=size("INSTANCE_COUNT", 3)), [(3, 10), (8, 20)]),
        (LINEAR, [(2, 10), (4, 10), (6, 10), (8, 20)]),
        (routed("LINEAR", LinearStepSize=percent(40)), [(3, 10), (6, 10), (8, 20)]),
        (ROLLING, [(2, 10), (4, 10), (6, 10), (8, 10)]),
    ],
)
def test_steps_of_a_fleet_of_eight(config: dict[str, Any], steps: list[tuple[int, int]]) -> None:
    assert [(step.active, step.bake) for step in plan(config, 8).steps] == steps


def fleet(*names: str, shadow: bool = False, **members: Any) -> Fleet:
    """As much of a fleet of four instances as the rules look at."""
    serverless = members.pop("serverless", None)
    items = {
        name: SimpleNamespace(
            serverless=serverless, specification={"InstanceType": "ml.m5.large", **members}
        )
        for name in names or ("main",)
    }
    shadows = {"challenger": items} if shadow else {}
    made = SimpleNamespace(
        variants=items, shadows=shadows, everything=tuple(items.values()), count=4
    )
    return cast(Fleet, made)


ONE = fleet()


@pytest.mark.parametrize(
    ("config", "old", "new", "reason"),
    [
        (CANARY | ROLLING, ONE, ONE, "exclude each other"),
        (CANARY, fleet("main", "b"), fleet("main", "b"), "multi-variant"),
        (LINEAR, fleet("main", "b"), fleet("main", "b"), "multi-variant"),
        (ROLLING, fleet("main", "b"), fleet("main", "b"), "multi-variant"),
        (CANARY, ONE, fleet(shadow=True), "shadow"),
        (ROLLING, fleet(shadow=True), ONE, "shadow"),
        (routed("ALL_AT_ONCE") | ALARMS, ONE, fleet(shadow=True), "shadow"),
        (CANARY, ONE, fleet(serverless={"MaxConcurrency": 1}), "serverless"),
        (ALARMS, fleet(serverless={"MaxConcurrency": 1}), ONE, "serverless"),
        (CANARY, ONE, fleet(InstanceType="ml.inf1.xlarge"), "Inf1"),
        (CANARY, ONE, fleet("other"), "same variant name as the old one: main is not other"),
        (routed("CANARY"), ONE, ONE, "CanarySize is required"),
        (routed("LINEAR", CanarySize=percent(25)), ONE, ONE, "LinearStepSize is required"),
        (routed("ALL_AT_ONCE", CanarySize=percent(25)), ONE, ONE, "only allowed for"),
        (routed("CANARY", CanarySize=percent(51)), ONE, ONE, "between 1% and 50%"),
        (routed("CANARY", CanarySize=size("INSTANCE_COUNT", 3)), ONE, ONE, "between 1% and 50%"),
        (routed("LINEAR", LinearStepSize=percent(9)), ONE, ONE, "between 10% and 50%"),
        (rolling(MaximumBatchSize=percent(4)), ONE, ONE, "between 5% and 50%"),
    ],
)
def test_what_excludes_each_other_is_refused_with_its_reason(
    config: dict[str, Any], old: Fleet, new: Fleet, reason: str
) -> None:
    assert any(reason in fault for fault in faults(config, old, new))


@pytest.mark.parametrize("config", [{}, CANARY | ALARMS, LINEAR, ROLLING, routed("ALL_AT_ONCE")])
def test_what_aws_allows_is_allowed(config: dict[str, Any]) -> None:
    assert list(faults(config, ONE, ONE)) == []


def test_canary_of_a_single_instance_is_refused() -> None:
    single = fleet()
    single.count = 1  # type: ignore[misc]
    [fault] = faults(CANARY, single, single)
    assert "more instances" in fault


def test_variants_may_come_and_go_without_a_deployment_configuration() -> None:
    assert list(faults({}, ONE, fleet("main", "challenger"))) == []


def test_instances_do_not_become_serverless() -> None:
    with pytest.raises(ServiceException, match="cannot convert"):
        checked_plan(cast(Scope, None), {}, ONE, fleet(serverless={"MaxConcurrency": 1}))


def test_serverless_becomes_instances() -> None:
    old = fleet(serverless={"MaxConcurrency": 1})
    assert checked_plan(cast(Scope, SimpleNamespace()), {}, old, ONE).waits == 0


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("WaitIntervalInSeconds", 3601),
        ("WaitIntervalInSeconds", -1),
        ("TerminationWaitInSeconds", 3601),
        ("MaximumExecutionTimeoutInSeconds", 599),
        ("MaximumExecutionTimeoutInSeconds", 28801),
        ("Alarms", [{"AlarmName": f"a{number}"} for number in range(11)]),
        ("Alarms", []),
    ],
)
def test_what_is_out_of_the_services_own_limits_is_a_fault(member: str, value: Any) -> None:
    config = routed("CANARY", CanarySize=percent(25)) | {"AutoRollbackConfiguration": {}}
    policy = config["BlueGreenUpdatePolicy"]
    place = {
        "Alarms": config["AutoRollbackConfiguration"],
        "WaitIntervalInSeconds": policy["TrafficRoutingConfiguration"],
    }.get(member, policy)
    place[member] = value
    request = {"EndpointName": "e", "EndpointConfigName": "c", "DeploymentConfig": config}
    [fault] = shapes.faults(shapes.input_shape("UpdateEndpoint"), request)
    assert member.lower() in fault.lower()
