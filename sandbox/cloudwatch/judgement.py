"""The state of a metric alarm from its datapoints, missing ones included.

After "How alarm state is evaluated when data is missing" and "Avoiding premature transitions to
alarm state" (Amazon CloudWatch User Guide).
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

State = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]

# AWS looks a little further back than the evaluation periods and does not say how far; its own
# examples look at five datapoints where three are evaluated.
LOOKS_FURTHER_BACK = 2

COMPARISONS: Mapping[str, tuple[Callable[[float, float], bool], str]] = {
    "GreaterThanOrEqualToThreshold": (operator.ge, "greater than or equal to"),
    "GreaterThanThreshold": (operator.gt, "greater than"),
    "LessThanThreshold": (operator.lt, "less than"),
    "LessThanOrEqualToThreshold": (operator.le, "less than or equal to"),
}
TREATMENTS = ("missing", "ignore", "breaching", "notBreaching")


@dataclass(frozen=True)
class Criterion:
    """When an alarm goes off."""

    comparison: str
    threshold: float
    evaluation_periods: int
    datapoints_to_alarm: int
    missing: str = "missing"

    @property
    def range(self) -> int:
        """How many datapoints are looked at."""
        return self.evaluation_periods + LOOKS_FURTHER_BACK

    def breaching(self, value: float) -> bool:
        """Whether a datapoint is on the wrong side of the threshold."""
        return COMPARISONS[self.comparison][0](value, self.threshold)

    def only_grows_worse(self, statistic: str) -> bool:
        """Whether a breach before the end of a period stays one whatever arrives later in it; of
        sums, as long as no value is negative."""
        if self.comparison.startswith("Greater"):
            return statistic in ("Maximum", "SampleCount", "Sum")
        return statistic == "Minimum"


def judge(criterion: Criterion, newest_first: Sequence[float | None]) -> State | None:
    """The state that these datapoints tell; None when the alarm keeps the one it has."""
    real = [(age, v) for age, v in enumerate(newest_first, start=1) if v is not None]
    evaluated = [criterion.breaching(v) for _, v in real[: criterion.evaluation_periods]]
    breaching = sum(evaluated)
    absent = criterion.evaluation_periods - len(evaluated)
    if absent == 0:
        return _state(breaching, criterion)
    if criterion.missing == "breaching":
        return _state(breaching + absent, criterion)
    if criterion.missing == "notBreaching":
        return _state(breaching, criterion)
    if not real:
        return "INSUFFICIENT_DATA" if criterion.missing == "missing" else None
    if breaching < len(evaluated) or breaching >= criterion.datapoints_to_alarm:
        return _state(breaching, criterion)
    # Too few datapoints, all of them breaching: an alarm only when they are not just beginning.
    oldest = real[-1][0]
    if criterion.missing == "missing" and oldest >= criterion.datapoints_to_alarm:
        return "ALARM"
    return None


def _state(breaching: int, criterion: Criterion) -> State:
    return "ALARM" if breaching >= criterion.datapoints_to_alarm else "OK"
