"""Updates shift traffic in steps, undo themselves on alarms, and lose no request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.compute.hosting import (
    SERVE,
    Deploy,
    advance,
    answer,
    configure,
    deploying,
    describe,
    settled,
)
from tests.sandbox.compute.support import Account, ImageMaker, unique, wait

BAKE = 300


@pytest.fixture
def aws(standing_url: str, aws: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A sandbox whose clock stands: a bake lasts until a test advances it."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", standing_url)
    return standing_url


@pytest.fixture
def deploy(account: Account) -> Iterator[Deploy]:
    """Creates endpoints and removes them after the test."""
    with deploying(account) as create:
        yield create


@pytest.fixture
def image(make_image: ImageMaker) -> str:
    """The image of a server that works."""
    return make_image({"serve": SERVE})


def routed(kind: str, alarms: list[str], last: int = 0, **size: Any) -> dict[str, Any]:
    """A blue/green deployment configuration."""
    routing = {"Type": kind, "WaitIntervalInSeconds": BAKE, **size}
    policy = {"TrafficRoutingConfiguration": routing, "TerminationWaitInSeconds": last}
    config: dict[str, Any] = {"BlueGreenUpdatePolicy": policy}
    if alarms:
        config["AutoRollbackConfiguration"] = {"Alarms": [{"AlarmName": a} for a in alarms]}
    return config


def canary(alarms: list[str], value: int = 1, last: int = 0) -> dict[str, Any]:
    size = {"Type": "INSTANCE_COUNT", "Value": value}
    return routed("CANARY", alarms, last, CanarySize=size)


def update(account: Account, name: str, config: str, how: dict[str, Any] | None = None) -> None:
    more = {"DeploymentConfig": how} if how else {}
    account.sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=config, **more)


def baking(account: Account, name: str, active: int) -> dict[str, Any]:
    """The endpoint once this many new instances answer and bake."""

    def stage() -> dict[str, Any]:
        described = describe(account, name)
        pending = described.get("PendingDeploymentSummary")
        shown = pending["ProductionVariants"][0] if pending else {}
        status = shown.get("VariantStatus", [{}])[0].get("Status")
        return {"at": (status, shown.get("CurrentInstanceCount")), "endpoint": described}

    for _ in range(600):
        seen = wait(stage, "at", ("Creating", 0), ("ActivatingTraffic", active))
        if seen["at"] == ("Baking", active):
            return dict(seen["endpoint"])
        raise AssertionError(f"not baking with {active}: {seen}")
    raise AssertionError("unreachable")


def make_alarm(account: Account, **changes: Any) -> str:
    """An alarm that is OK and goes off only by hand or by what `changes` say."""
    name = unique("alarm")
    account.client("cloudwatch").put_metric_alarm(
        **{
            "AlarmName": name,
            "Namespace": "Test",
            "MetricName": "Nothing",
            "Statistic": "Sum",
            "Period": 60,
            "EvaluationPeriods": 1,
            "Threshold": 0,
            "ComparisonOperator": "GreaterThanThreshold",
            "TreatMissingData": "notBreaching",
            **changes,
        }
    )
    return name


def pull(account: Account, alarm: str) -> None:
    account.client("cloudwatch").set_alarm_state(
        AlarmName=alarm, StateValue="ALARM", StateReason="pulled"
    )


def test_canary_answers_its_share_while_it_bakes_and_then_everything(
    account: Account, image: str, deploy: Deploy
) -> None:
    name = deploy(configure(account, image, "one", 4))
    second = configure(account, image, "two", 4)
    update(account, name, second, canary([make_alarm(account)]))
    described = baking(account, name, 1)
    assert described["EndpointStatus"] == "Updating"
    assert described["PendingDeploymentSummary"]["EndpointConfigName"] == second
    [shown] = described["PendingDeploymentSummary"]["ProductionVariants"]
    assert shown["VariantStatus"][0]["StatusMessage"] == (
        f"Baking for {BAKE} seconds (WaitIntervalInSeconds) with traffic enabled on canary "
        "capacity of 1 instance(s)."
    )
    answers = [answer(account, name) for _ in range(100)]
    assert 5 <= answers.count("two") <= 50
    advance(BAKE)
    described = settled(account, name)
    assert (described["EndpointStatus"], described["EndpointConfigName"]) == ("InService", second)
    assert "PendingDeploymentSummary" not in described
    assert {answer(account, name) for _ in range(10)} == {"two"}


def test_alarm_during_the_bake_brings_everything_back(
    account: Account, image: str, deploy: Deploy
) -> None:
    first = configure(account, image, "one", 2)
    name, alarm = deploy(first), make_alarm(account)
    update(account, name, configure(account, image, "two", 2), canary([alarm]))
    baking(account, name, 1)
    pull(account, alarm)
    advance(1)
    described = settled(account, name)
    assert (described["EndpointStatus"], described["EndpointConfigName"]) == ("InService", first)
    assert f"ALARM state: [{alarm}]" in described["FailureReason"]
    assert {answer(account, name) for _ in range(10)} == {"one"}
