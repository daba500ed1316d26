"""What a served model's environment has to watch it, and how its findings reach dev."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.infra.conftest import EstateOf, Graph

SERVING = ["staging", "prod"]
FINDING = "Modelyard Monitoring Finding"


def pattern(graph: Graph, name: str) -> dict[str, Any]:
    """The event pattern of a rule."""
    found: dict[str, Any] = json.loads(graph.named(":EventRule", name)["inputs"]["eventPattern"])
    return found


@pytest.mark.parametrize("environment", SERVING)
def test_a_monitoring_or_batch_run_that_fails_is_heard_of(
    workspaces: dict[str, Graph], environment: str
) -> None:
    found = pattern(workspaces[environment], "-watch-on-failure")
    assert found["detail"] == {
        "currentPipelineExecutionStatus": ["Failed"],
        "pipelineArn": [
            f"arn:aws:sagemaker:us-east-1:123456789012:pipeline/loans-{environment}-{pipeline}"
            for pipeline in ("monitor", "batch")
        ],
    }


@pytest.mark.parametrize("environment", SERVING)
def test_findings_go_to_the_account_that_trains(estate_of: EstateOf, environment: str) -> None:
    graph = estate_of().workspace(environment)
    target = graph.named(":EventTarget", "-findings-to-registry")["inputs"]
    assert target["arn"] == "arn:aws:events:us-east-1:111111111111:event-bus/modelyard"
    assert target["roleArn"].endswith(f":role/loans-{environment}-event-forwarder")
    policy = graph.named("iam/policy:Policy", "-event-forwarder-policy")["inputs"]["policy"]
    (statement,) = json.loads(policy)["Statement"]
    assert (statement["Action"], statement["Resource"]) == ("events:PutEvents", target["arn"])


def test_dev_listens_to_production_only(estate_of: EstateOf) -> None:
    found = pattern(estate_of().workspace("dev"), "-retrain-on-finding")
    assert found == {
        "source": ["modelyard"],
        "detail-type": [FINDING],
        "account": ["333333333333"],
        "detail": {"project": ["loans"]},
    }


@pytest.mark.parametrize(
    ("on", "rules"),
    [
        ([], set()),
        (["drift"], {"finding"}),
        (["code", "data", "drift", "quality"], {"code", "data", "finding"}),
    ],
)
def test_a_trigger_that_is_switched_off_has_no_rule(
    estate_of: EstateOf, on: list[str], rules: set[str]
) -> None:
    graph = estate_of(training={"retrain": {"on": on}}).workspace("dev")
    found = {one["name"].rpartition("-retrain-on-")[2] for one in graph.of(":EventRule")}
    assert found & {"code", "data", "finding"} == rules


def test_new_files_are_events_only_where_they_train(estate_of: EstateOf, dev: Graph) -> None:
    listening = estate_of(training={"retrain": {"on": ["data"]}}).workspace("dev")
    (notification,) = listening.of(":BucketNotification")
    assert notification["inputs"]["eventbridge"] is True
    assert dev.of(":BucketNotification") == []


def test_quarantined_rows_are_no_new_data(estate_of: EstateOf) -> None:
    graph = estate_of(training={"retrain": {"on": ["data"]}}).workspace("dev")
    assert pattern(graph, "-retrain-on-data")["detail"]["object"] == {
        "key": [{"prefix": "applications/"}]
    }


@pytest.mark.parametrize("environment", SERVING)
def test_silence_of_the_watcher_itself_is_told_but_no_new_workspace_alarms(
    workspaces: dict[str, Graph], environment: str
) -> None:
    alarm = workspaces[environment].named(":MetricAlarm", "-watching-overdue")["inputs"]
    topic = f"arn:aws:sns:us-east-1:123456789012:loans-{environment}-alerts"
    assert (alarm["namespace"], alarm["metricName"]) == ("Modelyard", "MonitorBehind")
    assert (alarm["treatMissingData"], alarm["insufficientDataActions"]) == ("missing", [topic])


@pytest.mark.parametrize(("environment", "alarms"), [("dev", 0), ("staging", 1), ("prod", 1)])
def test_watching_adds_one_alarm_at_most(
    workspaces: dict[str, Graph], environment: str, alarms: int
) -> None:
    ours = ("-watching-", "-retraining-")
    named = [one["name"] for one in workspaces[environment].of(":MetricAlarm")]
    assert len([name for name in named if any(part in name for part in ours)]) == alarms
