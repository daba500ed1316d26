"""Raw rows as series without gaps: one row per period, in order."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from modelyard.data import DataError
from modelyard.forecast_section import Forecast
from modelyard.forecasting.keys import ONLY
from modelyard.forecasting.periods import Array, Periods
from modelyard.tables import Arrays


@dataclass(frozen=True)
class Series:
    """One series.

    Attributes:
        first: the number of its first period.
        columns: the values of each column, period by period.
        known: up to where the target is known; rows behind tell covariates of coming periods.
    """

    name: str
    first: int
    columns: Arrays
    known: int

    @property
    def end(self) -> int:
        """The number of the first period whose target is not known yet."""
        return self.first + self.known

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))


def series_of(arrays: Arrays, forecast: Forecast, target: str) -> tuple[list[Series], Periods]:
    """The series in raw rows, by name; DataError for a period that is there twice, or not."""
    days = arrays[forecast.time]
    if np.isnan(days).any():
        raise DataError(f"column '{forecast.time}': a row has no date; every row needs its period")
    periods = Periods.like(forecast.frequency, days)
    numbers = periods.number(days)
    names = arrays[forecast.series] if forecast.series else np.full(len(days), ONLY, dtype=object)
    found = []
    for name in sorted(set(names.tolist())):
        rows = np.flatnonzero(names == name)
        rows = rows[np.argsort(numbers[rows], kind="stable")]
        _require_every_period(str(name), numbers[rows], periods, forecast, target)
        columns = {column: array[rows] for column, array in arrays.items()}
        measured = np.flatnonzero(~np.isnan(columns[target]))
        known = int(measured[-1]) + 1 if len(measured) else 0
        found.append(Series(str(name), int(numbers[rows[0]]), columns, known))
    return found, periods


def long_enough(found: Sequence[Series], forecast: Forecast) -> list[Series]:
    """The series from which every step of the horizon can be learned; DataError for none."""
    needed = forecast.history + forecast.horizon
    chosen = [one for one in found if one.known >= needed]
    if not chosen:
        longest = max(found, key=lambda one: one.known)
        raise DataError(
            f"series '{longest.name}' has {longest.known} periods with a value, and no other has "
            f"more; {forecast.history} before the first prediction and a horizon of "
            f"{forecast.horizon} need {needed}: bring more periods, or lower "
            "model.forecast.horizon in project.yaml"
        )
    return chosen


def _require_every_period(
    name: str, numbers: Array, periods: Periods, forecast: Forecast, target: str
) -> None:
    steps = np.diff(numbers)
    twice = np.flatnonzero(steps == 0)
    if len(twice):
        more = (
            "" if forecast.series else ", or name the column that tells series apart as "
            "model.forecast.series"
        )  # fmt: skip
        raise DataError(
            f"series '{name}' has two rows for the {forecast.frequency} of "
            f"{periods.text(int(numbers[twice[0]]))} ({len(twice)} such rows in all); keep one, "
            f"correct model.forecast.frequency{more}"
        )
    gaps = np.flatnonzero(steps > 1)
    if len(gaps):
        raise DataError(
            f"series '{name}' has no row for the {forecast.frequency} of "
            f"{periods.text(int(numbers[gaps[0]]) + 1)} ({int((steps - 1).sum())} are missing in "
            f"all); add them, with an empty '{target}' where nothing was measured, or correct "
            "model.forecast.frequency"
        )
