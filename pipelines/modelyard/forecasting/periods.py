"""Dates as the consecutive numbers of their periods, and back to how the data write dates."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from modelyard import values
from modelyard.forecast_section import Frequency

Array = npt.NDArray[Any]

_DAY_S = 86_400
# 1970-01-01, day 0, was a Thursday; weeks begin on Mondays, as in ISO 8601.
_MONDAY = 3
_UNITS: Mapping[str, str] = {"hour": "h", "day": "D", "month": "M", "quarter": "M", "year": "Y"}
_CALENDAR = ("month", "quarter", "year")


@dataclass(frozen=True)
class Periods:
    """The periods of one frequency, and where in its period each date of some data lies.

    Attributes:
        offset: days from a period's start to the date that stands for it.
        at_end: whether that date is the period's last day, however long it is.
    """

    frequency: Frequency
    offset: float = 0.0
    at_end: bool = False

    @classmethod
    def like(cls, frequency: Frequency, days: Array) -> "Periods":
        """Dates as these data write them; where they lie differently, periods go by their start."""
        plain = cls(frequency)
        offsets = days - plain.start(plain.number(days))
        if frequency in _CALENDAR and len(days) and (plain._last_day(days) == days).all():
            return cls(frequency, at_end=True)
        return cls(frequency, float(offsets[0])) if len(set(offsets.tolist())) == 1 else plain

    def number(self, days: Array) -> Array:
        """The number of each date's period; days count from 1970-01-01."""
        if self.frequency == "week":
            return np.floor((days + _MONDAY) / 7).astype(np.int64)
        units = _moments(days).astype(f"datetime64[{_UNITS[self.frequency]}]").astype(np.int64)
        return units // 3 if self.frequency == "quarter" else units

    def start(self, numbers: Array) -> Array:
        """The first moment of each period, in days."""
        if self.frequency == "week":
            return numbers * 7.0 - _MONDAY
        units = numbers * 3 if self.frequency == "quarter" else numbers
        moments = units.astype(f"datetime64[{_UNITS[self.frequency]}]").astype("datetime64[s]")
        return moments.astype(np.int64) / _DAY_S

    def day(self, numbers: Array) -> Array:
        """The date that stands for each period, in days."""
        last = self.start(numbers + 1) - 1
        if self.at_end:
            return last
        found = self.start(numbers) + self.offset
        return np.minimum(found, last) if self.frequency in _CALENDAR else found

    def number_of(self, day: date) -> int:
        """The number of the period that a day lies in; of its first hour, where those are hours."""
        return int(self.number(np.array([float((day - date(1970, 1, 1)).days)]))[0])

    def number_at(self, text: str) -> int:
        """The number of the period that a date in ISO 8601 lies in."""
        return int(self.number(np.array([values.days(datetime.fromisoformat(text))]))[0])

    def text(self, number: int) -> str:
        """The date that stands for a period, in ISO 8601."""
        moment = _moments(self.day(np.array([number])))[0]
        return str(moment if self.frequency == "hour" else moment.astype("datetime64[D]"))

    def _last_day(self, days: Array) -> Array:
        return self.start(self.number(days) + 1) - 1


def calendar(periods: Periods, numbers: Array) -> dict[str, Array]:
    """What the calendar says of each period, as texts: all of it is known in advance."""
    moments = _moments(periods.start(numbers))
    month = moments.astype("datetime64[M]").astype(np.int64) % 12 + 1
    day = moments.astype("datetime64[D]").astype(np.int64)
    found: dict[str, Array] = {
        "hour_of_day": moments.astype("datetime64[h]").astype(np.int64) % 24,
        "day_of_week": (day + _MONDAY) % 7 + 1,
        "month_of_year": month,
        "quarter_of_year": (month + 2) // 3,
    }
    return {name: found[name].astype(str).astype(object) for name in CALENDAR[periods.frequency]}


# What each frequency's periods are told apart by, and all the values of each.
CALENDAR: Mapping[Frequency, tuple[str, ...]] = {
    "hour": ("hour_of_day", "day_of_week"),
    "day": ("day_of_week", "month_of_year"),
    "week": ("month_of_year",),
    "month": ("month_of_year",),
    "quarter": ("quarter_of_year",),
    "year": (),
}
CALENDAR_VALUES: Mapping[str, tuple[str, ...]] = {
    "hour_of_day": tuple(map(str, range(24))),
    "day_of_week": tuple(map(str, range(1, 8))),
    "month_of_year": tuple(map(str, range(1, 13))),
    "quarter_of_year": tuple(map(str, range(1, 5))),
}


def _moments(days: Array) -> Array:
    return np.round(days * _DAY_S).astype(np.int64).astype("datetime64[s]")
