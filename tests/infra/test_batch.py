"""Batch scoring runs by the clock only where project.yaml says so."""

from __future__ import annotations

from infra.base import Place, Scope
from infra.batch import scoring_by_the_clock

SCOPE = Scope("loans", "prod", Place("123456789012", "us-east-1"), "lending", "4711", "high")


def test_stated_schedule_starts_the_batch_pipeline() -> None:
    (recurrence,) = scoring_by_the_clock(SCOPE, "cron(0 3 * * ? *)").values()
    assert recurrence.expression == "cron(0 3 * * ? *)"
    assert recurrence.target == (
        "arn:aws:sagemaker:us-east-1:123456789012:pipeline/loans-prod-batch"
    )


def test_nothing_is_scored_by_the_clock_that_nobody_asked_for() -> None:
    assert scoring_by_the_clock(SCOPE, None) == {}
