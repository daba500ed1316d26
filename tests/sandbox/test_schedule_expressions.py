"""Schedules come due when AWS's documentation says they do."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sandbox.schedule_expressions import ScheduleExpressionError, read_expression

START = datetime(2026, 1, 1, tzinfo=UTC)


def due(text: str, after: str, zone: str = "UTC", times: int = 1) -> list[str]:
    expression = read_expression(text, zone)
    moment = datetime.fromisoformat(after).replace(tzinfo=UTC)
    found = []
    for _ in range(times):
        following = expression.after(moment, START)
        if following is None:
            break
        moment = following
        found.append(moment.strftime("%Y-%m-%d %H:%M"))
    return found


# The examples of "Cron expressions" (EventBridge User Guide) and of "Schedule types" (Scheduler).
@pytest.mark.parametrize(
    ("text", "after", "expected"),
    [
        ("cron(0 10 * * ? *)", "2026-03-01T09:00", ["2026-03-01 10:00", "2026-03-02 10:00"]),
        ("cron(15 12 * * ? *)", "2026-03-01T13:00", ["2026-03-02 12:15"]),
        ("cron(0 18 ? * MON-FRI *)", "2026-03-06T18:00", ["2026-03-09 18:00"]),
        ("cron(0 8 1 * ? *)", "2026-03-01T08:00", ["2026-04-01 08:00"]),
        ("cron(0/15 * * * ? *)", "2026-03-01T10:01", ["2026-03-01 10:15", "2026-03-01 10:30"]),
        ("cron(0/10 * ? * MON-FRI *)", "2026-03-06T23:55", ["2026-03-09 00:00"]),
        ("cron(0/5 8-17 ? * MON-FRI *)", "2026-03-06T17:56", ["2026-03-09 08:00"]),
        ("cron(0/30 0-2,20-23 ? * MON-FRI *)", "2026-03-06T02:30", ["2026-03-06 20:00"]),
        ("cron(1/10 * * * ? *)", "2026-03-01T10:02", ["2026-03-01 10:11", "2026-03-01 10:21"]),
        ("cron(0 0 L * ? *)", "2026-02-01T00:00", ["2026-02-28 00:00", "2026-03-31 00:00"]),
        ("cron(0 0 3W * ? *)", "2026-01-01T00:00", ["2026-01-02 00:00", "2026-02-03 00:00"]),
        ("cron(0 0 1W * ? *)", "2026-08-01T00:00", ["2026-08-03 00:00"]),
        ("cron(0 0 LW * ? *)", "2026-01-01T00:00", ["2026-01-30 00:00"]),
        ("cron(0 0 ? * 3#2 *)", "2026-03-01T00:00", ["2026-03-10 00:00"]),
        ("cron(15 10 ? * 6L 2026-2027)", "2026-11-01T00:00", ["2026-11-27 10:15"]),
        ("cron(0 0 ? * L *)", "2026-03-01T00:00", ["2026-03-07 00:00"]),
        ("cron(0 9 ? JAN,JUL 2 *)", "2026-02-01T00:00", ["2026-07-06 09:00"]),
        ("rate(5 minutes)", "2026-01-01T00:04", ["2026-01-01 00:05", "2026-01-01 00:10"]),
        ("rate(1 day)", "2026-01-01T00:00", ["2026-01-02 00:00"]),
        ("at(2026-11-20T13:00:00)", "2026-11-20T12:59", ["2026-11-20 13:00"]),
        ("at(2026-11-20T13:00:00)", "2026-11-20T13:00", []),
        ("cron(0 0 1 1 ? 2020)", "2026-01-01T00:00", []),
    ],
)
def test_it_is_due(text: str, after: str, expected: list[str]) -> None:
    assert due(text, after, times=max(1, len(expected))) == expected


def test_a_time_zone_moves_the_hours() -> None:
    assert due("cron(0 8 * * ? *)", "2026-06-01T00:00", "America/New_York") == ["2026-06-01 12:00"]
    assert due("at(2026-01-05T08:00:00)", "2026-01-01T00:00", "Europe/Berlin") == [
        "2026-01-05 07:00"
    ]


def test_an_hour_that_spring_leaves_out_is_skipped() -> None:
    found = due("cron(30 2 * * ? *)", "2026-03-28T02:00", "Europe/Berlin", times=2)
    assert found == ["2026-03-30 00:30", "2026-03-31 00:30"]


def test_an_hour_that_autumn_repeats_counts_once() -> None:
    found = due("cron(30 2 * * ? *)", "2026-10-24T12:00", "Europe/Berlin", times=2)
    assert found == ["2026-10-25 00:30", "2026-10-26 01:30"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("every day", "neither"),
        ("rate(5 minute)", "must say minutes"),
        ("rate(1 days)", "must say day"),
        ("rate(0 minutes)", "neither"),
        ("cron(0 10 * * *)", "six fields"),
        ("cron(0 10 * * * *)", "exactly one"),
        ("cron(0 10 ? * ? *)", "exactly one"),
        ("cron(60 10 * * ? *)", "outside 0-59"),
        ("cron(0 10 ? * FUN *)", "no value of Day-of-week"),
        ("cron(0 10 ? * 3#1,6#3 *)", "one expression only"),
        ("cron(0/0 10 * * ? *)", "no value of Minutes"),
        ("at(2026-13-01T00:00:00)", "no moment"),
    ],
)
def test_what_is_no_expression_is_refused(text: str, message: str) -> None:
    with pytest.raises(ScheduleExpressionError, match=message):
        read_expression(text)


def test_an_unknown_time_zone_is_refused() -> None:
    with pytest.raises(ScheduleExpressionError, match="no time zone"):
        read_expression("rate(1 day)", "Europe/Atlantis")
