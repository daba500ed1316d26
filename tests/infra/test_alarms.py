"""What rolls a release back exists before there is anything to roll back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from infra.alarms import Watch, release_watches
from infra.base import Place, Scope
from modelyard.serving_section import Serving

if TYPE_CHECKING:
    from tests.infra.conftest import Graph

SERVING = ("staging", "prod")


def alarms(graph: Graph) -> dict[str, dict[str, Any]]:
    """Alarms by name."""
    return {each["inputs"]["name"]: each["inputs"] for each in graph.of(":MetricAlarm")}


@pytest.mark.parametrize("environment", SERVING)
def test_contract_names_the_alarms_that_undo_a_release(
    workspaces: dict[str, Graph], environment: str
) -> None:
    graph = workspaces[environment]
    named = json.loads(
        graph.named(":Parameter", "-contract-rollback_alarms")["inputs"]["insecureValue"]
    )
    measured = ["release-drift"] if environment == "prod" else []
    expected = ["endpoint-errors", "endpoint-latency", *measured, "abort"]
    assert named == [f"loans-{environment}-{what}" for what in expected]
    assert set(named) <= alarms(graph).keys()


@pytest.mark.parametrize("environment", SERVING)
@pytest.mark.parametrize(
    ("what", "metric"),
    [("endpoint-errors", "Invocation5XXErrors"), ("endpoint-latency", "ModelLatency")],
)
def test_endpoint_is_watched_under_its_fixed_name(
    workspaces: dict[str, Graph], environment: str, what: str, metric: str
) -> None:
    alarm = alarms(workspaces[environment])[f"loans-{environment}-{what}"]
    assert (alarm["namespace"], alarm["metricName"]) == ("AWS/SageMaker", metric)
    assert alarm["dimensions"] == {"EndpointName": f"loans-{environment}", "VariantName": "main"}


@pytest.mark.parametrize("environment", SERVING)
def test_abort_is_pulled_by_one_data_point(workspaces: dict[str, Graph], environment: str) -> None:
    alarm = alarms(workspaces[environment])[f"loans-{environment}-abort"]
    assert alarm["evaluationPeriods"] == 1
    assert alarm["threshold"] == 0
    assert alarm["dimensions"] == {"Environment": environment, "Project": "loans"}


@pytest.mark.parametrize("environment", ["dev", *SERVING])
def test_silence_is_no_breach_and_every_alarm_reaches_people(
    workspaces: dict[str, Graph], environment: str
) -> None:
    graph = workspaces[environment]
    topic = graph.of(":Topic")[0]["outputs"]["arn"]
    found = alarms(graph).values()
    # Only of the monitor's heartbeat silence is news, and it has an action of its own.
    silent = {one["metricName"]: one["treatMissingData"] for one in found}
    assert silent.pop("MonitorBehind", "missing") == "missing"
    assert set(silent.values()) == {"notBreaching"}
    assert {tuple(alarm["alarmActions"]) for alarm in found} == {(topic,)}


@pytest.mark.parametrize("environment", ["dev", *SERVING])
def test_every_dead_letter_queue_is_watched(workspaces: dict[str, Graph], environment: str) -> None:
    graph = workspaces[environment]
    watched = {
        alarm["dimensions"]["QueueName"]
        for alarm in alarms(graph).values()
        if alarm["namespace"] == "AWS/SQS"
    }
    assert watched == {queue["outputs"]["name"] for queue in graph.of(":Queue")}


@pytest.mark.parametrize("environment", SERVING)
def test_release_under_way_has_a_place_of_its_own(
    workspaces: dict[str, Graph], environment: str
) -> None:
    state = workspaces[environment].named(":Parameter", "-delivery-state")["inputs"]
    assert state["name"] == f"/modelyard-releases/loans/{environment}/state"
    assert state["insecureValue"] == "none"


def watches(**serving: Any) -> dict[str, Watch]:
    """What judges a release in prod, by the end of its name."""
    place = Place("123456789012", "us-east-1")
    scope = Scope("loans", "prod", place, owner="risk", cost_center="1", risk="high")
    stated = Serving.model_validate(serving).stated_for("prod")
    return {watch.what: watch for watch in release_watches(scope, stated)}


def test_thresholds_are_those_of_project_yaml() -> None:
    numbers = {"latency_ms": 80, "errors_per_minute": 3, "drift": 0.3, "quality_drop": 0.02}
    found = watches(rollout={"strategy": "canary", **numbers})
    assert {what: watch.threshold for what, watch in found.items()} == {
        "endpoint-latency": 80_000,
        "endpoint-errors": 3,
        "release-drift": 0.3,
        "release-quality": 0.02,
        "abort": 0,
    }


def test_challenger_of_an_ab_test_is_watched_too() -> None:
    found = watches(rollout="ab")
    assert found["challenger-errors"].dimensions["VariantName"] == "challenger"
    assert len(found) <= 10


def test_batch_has_no_endpoint_to_watch() -> None:
    assert watches(mode="batch") == {}
