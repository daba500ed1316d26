"""Schedules call functions as the scheduler, say when they were due, and lose no call silently."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from modelyard.errors import ProjectError
from modelyard.project import parse
from tests.infra.conftest import ACCOUNTS, project_document

if TYPE_CHECKING:
    from tests.infra.conftest import EstateOf, Graph

DUE = "<aws.scheduler.scheduled-time>"


@pytest.fixture(scope="module")
def retraining(estate_of: EstateOf) -> dict[str, Graph]:
    """A project that trains anew every week, and on every other occasion there is."""
    retrain = {"schedule": "rate(7 days)", "on": ["code", "data", "drift", "quality"]}
    estate = estate_of(training={"retrain": retrain})
    return {environment: estate.workspace(environment) for environment in ("dev", "staging")}


@pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
def test_schedules_of_an_environment_form_a_group(
    workspaces: dict[str, Graph], environment: str
) -> None:
    (group,) = workspaces[environment].of(":ScheduleGroup")
    assert group["inputs"]["name"] == f"loans-{environment}"


def test_nothing_trains_by_the_clock_that_nobody_asked_for(dev: Graph) -> None:
    assert dev.of(":Schedule") == []


@pytest.mark.parametrize("environment", ["staging", "prod"])
def test_a_served_model_is_watched_without_a_word(
    workspaces: dict[str, Graph], environment: str
) -> None:
    (schedule,) = workspaces[environment].of(":Schedule")
    target = schedule["inputs"]["target"]
    assert schedule["inputs"]["scheduleExpression"] == "cron(0 6 * * ? *)"
    assert target["arn"].endswith(f":function:loans-{environment}-watch")
    assert json.loads(target["input"]) == {"time": DUE}


def test_training_by_the_clock_obeys_the_rules_of_the_function(
    retraining: dict[str, Graph],
) -> None:
    schedule = retraining["dev"].named(":Schedule", "-monitoring-retrain")
    inputs, account = schedule["inputs"], ACCOUNTS["dev"]
    assert inputs["scheduleExpression"] == "rate(7 days)"
    assert inputs["groupName"] == "loans-dev"
    assert inputs["target"]["arn"] == (
        f"arn:aws:lambda:us-east-1:{account}:function:loans-dev-retrain"
    )
    assert inputs["target"]["roleArn"] == f"arn:aws:iam::{account}:role/loans-dev-scheduler"
    assert json.loads(inputs["target"]["input"]) == {"trigger": "schedule", "time": DUE}


def test_data_that_came_in_a_pause_is_looked_for_daily(retraining: dict[str, Graph]) -> None:
    schedule = retraining["dev"].named(":Schedule", "-monitoring-late-data")
    assert json.loads(schedule["inputs"]["target"]["input"])["trigger"] == "data"


@pytest.mark.parametrize("environment", ["dev", "staging"])
def test_a_call_that_does_not_come_through_is_kept_and_told(
    retraining: dict[str, Graph], environment: str
) -> None:
    graph = retraining[environment]
    (queue,) = graph.of(":Queue")
    alarm = graph.named(":MetricAlarm", "-undelivered-alarm")
    kept = {one["inputs"]["target"]["deadLetterConfig"]["arn"] for one in graph.of(":Schedule")}
    assert queue["inputs"]["name"] == f"loans-{environment}-undelivered"
    assert kept == {queue["outputs"]["arn"]}
    assert alarm["inputs"]["dimensions"] == {"QueueName": queue["outputs"]["name"]}


@pytest.mark.parametrize("expression", ["daily", "at(2026-01-01T00:00:00)", "rate()"])
def test_expression_that_does_not_recur_is_refused(expression: str) -> None:
    with pytest.raises(ProjectError, match=r"training\.retrain"):
        parse(project_document(ACCOUNTS, training={"retrain": expression}))
