"""The forecast section of project.yaml: what a row of a series is, and what is predicted of it."""

import math
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from modelyard.section import Column, Section

Frequency = Literal["hour", "day", "week", "month", "quarter", "year"]
# Periods after which people expect a pattern to repeat.
SEASONS: Mapping[Frequency, int] = {
    "hour": 24, "day": 7, "week": 52, "month": 12, "quarter": 4, "year": 1,
}  # fmt: skip
# Beside these, a row holds the last season's mean and the same season's value.
_LAGS = 3

_DAYS: Mapping[Frequency, float] = {
    "hour": 1 / 24, "day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366,
}  # fmt: skip

Periods = Annotated[int, Field(ge=1, le=1000, strict=True)]


class Forecast(Section):
    """How the target is forecast: from each period's end, the next `horizon` periods.

    Attributes:
        time: the column that dates a row.
        series: the column that names a row's series; without it the data are one series.
        frequency: the length of a period.
        horizon: how many periods ahead are predicted.
        season: after how many periods a pattern repeats; 1 for never.
        lags: how many of the newest values a prediction looks at.
        known_covariates: columns whose values are known for the periods that are predicted.
        test_from: where the test periods begin; no model learns from it on.
    """

    time: Column
    series: Column | None = None
    frequency: Frequency
    horizon: Periods
    season: Periods | None = None
    lags: Periods | None = None
    known_covariates: tuple[Column, ...] = ()
    test_from: date

    @property
    def cycle(self) -> int:
        """The season, stated or usual for the frequency."""
        return self.season or SEASONS[self.frequency]

    @property
    def window(self) -> int:
        """How many newest values a prediction looks at."""
        return self.lags or _LAGS

    @property
    def days(self) -> int:
        """How many days the farthest prediction lies ahead, at most."""
        return math.ceil(self.horizon * _DAYS[self.frequency])

    @property
    def history(self) -> int:
        """How many periods must be known before the first prediction."""
        return max(self.window, self.cycle)


def contradictions(problem: str, target: str, stated: Forecast | None) -> Iterator[str]:
    """What is wrong with the section beside the rest of `model`, each with its fix."""
    if (problem == "forecasting") != (stated is not None):
        yield (
            "'forecast' is missing; add it, such as "
            "forecast: {time: month, frequency: month, horizon: 12, test_from: 2026-01-01}"
            if stated is None
            else f"'forecast' is for problem: forecasting, not {problem}; remove it"
        )
    if stated is None:
        return
    named = [stated.time, *([stated.series] if stated.series else []), *stated.known_covariates]
    if target in named:
        yield f"'forecast' names the target '{target}' as something else too; name another column"
    for name in sorted({name for name in named if named.count(name) > 1}):
        yield f"'forecast' names '{name}' twice; keep one"
