"""Schedules name pipelines that exist, run as the scheduler, and lose no run in silence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from infra.monitoring import PIPELINES
from modelyard.errors import ProjectError
from modelyard.project import parse
from tests.infra.conftest import ACCOUNTS, project_document

if TYPE_CHECKING:
    from tests.infra.conftest import EstateOf, Graph


@pytest.fixture(scope="module")
def retraining(estate_of: EstateOf) -> dict[str, Graph]:
    """A project that trains anew every week."""
    estate = estate_of(training={"retrain": "rate(7 days)"})
    return {environment: estate.workspace(environment) for environment in ("dev", "staging")}


@pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
def test_schedules_of_an_environment_form_a_group(
    workspaces: dict[str, Graph], environment: str
) -> None:
    (group,) = workspaces[environment].of(":ScheduleGroup")
    assert group["inputs"]["name"] == f"loans-{environment}"


@pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
def test_nothing_recurs_that_nobody_asked_for(
    workspaces: dict[str, Graph], environment: str
) -> None:
    assert workspaces[environment].of(":Schedule") == []


def test_retraining_starts_the_training_pipeline_as_the_scheduler(
    retraining: dict[str, Graph],
) -> None:
    (schedule,) = retraining["dev"].of(":Schedule")
    inputs = schedule["inputs"]
    account = ACCOUNTS["dev"]
    assert inputs["scheduleExpression"] == "rate(7 days)"
    assert inputs["groupName"] == "loans-dev"
    assert inputs["target"]["arn"] == (
        f"arn:aws:sagemaker:us-east-1:{account}:pipeline/loans-dev-train"
    )
    assert inputs["target"]["roleArn"] == f"arn:aws:iam::{account}:role/loans-dev-scheduler"


def test_a_run_that_cannot_start_is_kept_and_told(retraining: dict[str, Graph]) -> None:
    graph = retraining["dev"]
    queue = graph.named(":Queue", "-monitoring-dead-letters-queue")
    alarm = graph.named(":MetricAlarm", "-monitoring-dead-letters-alarm")
    (schedule,) = graph.of(":Schedule")
    assert schedule["inputs"]["target"]["deadLetterConfig"] == {"arn": queue["outputs"]["arn"]}
    assert alarm["inputs"]["dimensions"] == {"QueueName": queue["outputs"]["name"]}


def test_models_are_retrained_where_the_registry_is(retraining: dict[str, Graph]) -> None:
    assert retraining["staging"].of(":Schedule") == []


@pytest.mark.parametrize("environment", ["dev", "staging"])
def test_every_schedule_names_a_pipeline_that_exists(
    retraining: dict[str, Graph], environment: str
) -> None:
    named = {
        one["inputs"]["target"]["arn"].rpartition(f"/loans-{environment}-")[2]
        for one in retraining[environment].of(":Schedule")
    }
    assert named <= set(PIPELINES[environment])


@pytest.mark.parametrize("expression", ["daily", "at(2026-01-01T00:00:00)", "rate()"])
def test_expression_that_does_not_recur_is_refused(expression: str) -> None:
    with pytest.raises(ProjectError, match=r"training\.retrain"):
        parse(project_document(ACCOUNTS, training={"retrain": expression}))
