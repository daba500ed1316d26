"""Batch scoring by the clock: the pipeline that a release pins, started as it is."""

from __future__ import annotations

from collections.abc import Mapping

from infra.base import Scope
from infra.monitoring import Recurrence, pipeline_arn


def scoring_by_the_clock(scope: Scope, expression: str | None) -> Mapping[str, Recurrence]:
    """The schedule of the batch pipeline; none where project.yaml states none."""
    if expression is None:
        return {}
    target = pipeline_arn(scope.place, scope.name("batch"))
    return {"batch": Recurrence(target, expression, "Scores the partitions not scored before")}
