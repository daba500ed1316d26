"""When a schedule is due: `rate(...)`, `at(...)` and the six fields of AWS's `cron(...)`.

After "Schedule types in EventBridge Scheduler" (EventBridge Scheduler User Guide).
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

UNITS = {"minute": 60, "hour": 3600, "day": 86_400}
RATE = re.compile(r"rate\(([1-9]\d*) (minute|hour|day)(s?)\)")
AT = re.compile(r"at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)")
CRON = re.compile(r"cron\(([^()]*)\)")
MONTHS = {name.upper(): number for number, name in enumerate(calendar.month_abbr) if name}
DAYS = {"SUN": 1, "MON": 2, "TUE": 3, "WED": 4, "THU": 5, "FRI": 6, "SAT": 7}
FIELDS: tuple[tuple[str, int, int, Mapping[str, int]], ...] = (
    ("Minutes", 0, 59, {}),
    ("Hours", 0, 23, {}),
    ("Day-of-month", 1, 31, {}),
    ("Month", 1, 12, MONTHS),
    ("Day-of-week", 1, 7, DAYS),
    ("Year", 1970, 2199, {}),
)


class ScheduleExpressionError(Exception):
    """An expression that is none, and why."""


class Expression(Protocol):
    """Something that comes due."""

    def after(self, moment: datetime, anchor: datetime) -> datetime | None:
        """The first time after `moment`; rates count from `anchor`. None when there is none."""


@dataclass(frozen=True)
class Rate:
    """At a fixed distance."""

    seconds: int

    def after(self, moment: datetime, anchor: datetime) -> datetime | None:
        if moment < anchor:
            return anchor
        passed = (moment - anchor).total_seconds() // self.seconds
        return anchor + timedelta(seconds=(passed + 1) * self.seconds)


@dataclass(frozen=True)
class At:
    """Once."""

    moment: datetime

    def after(self, moment: datetime, anchor: datetime) -> datetime | None:
        return self.moment if self.moment > moment else None


@dataclass(frozen=True)
class Cron:
    """At calendar times of one time zone."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    month_days: str
    months: frozenset[int]
    week_days: str
    years: frozenset[int]
    zone: ZoneInfo

    def after(self, moment: datetime, anchor: datetime) -> datetime | None:
        local = moment.astimezone(self.zone)
        for day in self._days(local.date() - timedelta(days=1)):
            for hour in self.hours:
                for minute in self.minutes:
                    found = self._moment(day, hour, minute)
                    if found is not None and found > moment:
                        return found
        return None

    def _moment(self, day: date, hour: int, minute: int) -> datetime | None:
        """A time that spring's change leaves out is skipped; of two in autumn the first counts."""
        local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=self.zone)
        found = local.astimezone(UTC)
        same = found.astimezone(self.zone).replace(tzinfo=None) == local.replace(tzinfo=None)
        return found if same else None

    def _days(self, first: date) -> Iterator[date]:
        for year in sorted(year for year in self.years if year >= first.year):
            for month in sorted(self.months):
                for number in range(1, calendar.monthrange(year, month)[1] + 1):
                    day = date(year, month, number)
                    if day >= first and self._is_day(day):
                        yield day

    def _is_day(self, day: date) -> bool:
        if self.week_days == "?":
            return any(_is_month_day(part, day) for part in self.month_days.split(","))
        return any(_is_week_day(part, day) for part in self.week_days.split(","))


def read_expression(text: str, timezone: str = "UTC") -> Expression:
    """The expression; ScheduleExpressionError says what is wrong with it."""
    try:
        zone = ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError):
        raise ScheduleExpressionError(f"{timezone} is no time zone") from None
    if found := RATE.fullmatch(text):
        number, unit, plural = int(found[1]), found[2], found[3]
        if (number == 1) == bool(plural):
            word = unit if number == 1 else f"{unit}s"
            raise ScheduleExpressionError(f"{text} must say {word}")
        return Rate(number * UNITS[unit])
    if found := AT.fullmatch(text):
        try:
            local = datetime.fromisoformat(found[1]).replace(tzinfo=zone)
        except ValueError:
            raise ScheduleExpressionError(f"{text} is no moment") from None
        return At(local.astimezone(UTC))
    if found := CRON.fullmatch(text):
        return _cron(found[1].split(), zone)
    raise ScheduleExpressionError(f"'{text}' is neither rate(...), cron(...) nor at(...)")


def _cron(fields: list[str], zone: ZoneInfo) -> Cron:
    if len(fields) != len(FIELDS):
        raise ScheduleExpressionError(f"cron has six fields, not {len(fields)}")
    minutes, hours, month_days, months, week_days, years = (field.upper() for field in fields)
    if (month_days == "?") == (week_days == "?"):
        raise ScheduleExpressionError("exactly one of Day-of-month and Day-of-week must be ?")
    for part in () if month_days == "?" else month_days.split(","):
        if not re.fullmatch(r"L|LW|L-\d+|\d+W", part):
            _values(part, 2)
    if "#" in week_days and "," in week_days:
        raise ScheduleExpressionError("with # Day-of-week holds one expression only")
    for part in () if week_days == "?" else week_days.split(","):
        if not re.fullmatch(r"L|[1-7]L|[1-7]#[1-5]", _numbered(part)):
            _values(part, 4)
    return Cron(
        tuple(sorted(_all(minutes, 0))),
        tuple(sorted(_all(hours, 1))),
        month_days,
        frozenset(_all(months, 3)),
        week_days,
        frozenset(_all(years, 5)),
        zone,
    )


def _all(field: str, index: int) -> set[int]:
    return {value for part in field.split(",") for value in _values(part, index)}


def _values(part: str, index: int) -> range:
    """`*`, `5`, `1-5`, `1/10`, `*/10` or `1-30/10`."""
    name, low, high, words = FIELDS[index]
    base, slash, step = part.partition("/")
    for word, number in words.items():
        base = re.sub(rf"\b{word}\b", str(number), base)
    if not re.fullmatch(r"\*|\d+(-\d+)?", base) or (slash and not re.fullmatch(r"[1-9]\d*", step)):
        raise ScheduleExpressionError(f"'{part}' is no value of {name}")
    if base == "*":
        first, last = low, high
    else:
        first_text, dash, last_text = base.partition("-")
        first = int(first_text)
        last = int(last_text) if dash else (high if slash else first)
    if not low <= first <= last <= high:
        raise ScheduleExpressionError(f"'{part}' is outside {low}-{high} of {name}")
    return range(first, last + 1, int(step) if slash else 1)


def _is_month_day(part: str, day: date) -> bool:
    last = calendar.monthrange(day.year, day.month)[1]
    if part == "L":
        return day.day == last
    if part.startswith("L-"):
        return day.day == last - int(part[2:])
    if part.endswith("W"):
        wanted = last if part == "LW" else min(int(part[:-1]), last)
        return day == _nearest_weekday(day.replace(day=wanted), last)
    return day.day in _values(part, 2)


def _nearest_weekday(day: date, last: int) -> date:
    """The weekday closest to a day, within its month."""
    match day.weekday():
        case 5:
            return day - timedelta(days=1) if day.day > 1 else day + timedelta(days=2)
        case 6:
            return day + timedelta(days=1) if day.day < last else day - timedelta(days=2)
    return day


def _numbered(part: str) -> str:
    for word, number in DAYS.items():
        part = part.replace(word, str(number))
    return part


def _is_week_day(part: str, day: date) -> bool:
    number = day.isoweekday() % 7 + 1
    stated = _numbered(part)
    if stated == "L":
        return number == 7
    if stated.endswith("L"):
        last = calendar.monthrange(day.year, day.month)[1]
        return number == int(stated[0]) and day.day + 7 > last
    if "#" in stated:
        return number == int(stated[0]) and (day.day - 1) // 7 + 1 == int(stated[2])
    return number in _values(part, 4)
