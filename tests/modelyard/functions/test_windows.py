"""Windows of traffic: complete ones only, oldest first, none twice and none left out."""

from datetime import UTC, datetime, timedelta

import pytest

from modelyard.functions.windows import MOST_AT_ONCE, Window, behind, due, moment, scheduled, stamp

DAY = timedelta(days=1)
SIX = datetime(2026, 11, 21, 6, tzinfo=UTC)


def test_the_first_window_is_the_newest_that_has_settled() -> None:
    (window,) = due(SIX, DAY, None)
    assert window == Window(SIX - timedelta(hours=25), SIX - timedelta(hours=1))
    assert window.name == "20261120T0500Z-24h"


def test_a_window_whose_records_still_arrive_waits() -> None:
    last = SIX - timedelta(hours=24)
    assert due(SIX, DAY, last) == []
    assert len(due(SIX + timedelta(minutes=15), DAY, last)) == 1


def test_missed_windows_are_caught_up_oldest_first() -> None:
    last = SIX - timedelta(hours=1) - 3 * DAY
    starts = [window.start for window in due(SIX, DAY, last)]
    assert starts == [last, last + DAY, last + 2 * DAY]


def test_a_long_absence_is_caught_up_in_turns() -> None:
    last = SIX - timedelta(hours=1) - 30 * DAY
    first = due(SIX, DAY, last)
    assert len(first) == MOST_AT_ONCE
    assert due(SIX, DAY, first[-1].end)[0].start == first[-1].end
    assert behind(SIX, DAY, first[-1].end) == 30 - MOST_AT_ONCE


def test_nobody_is_behind_before_the_first_window() -> None:
    assert behind(SIX, DAY, None) == 0


def test_names_tell_the_windows_and_skip_what_people_asked_for() -> None:
    names = ["20261120T0500Z-24h", "state", "20261119T0500Z-24h", "20261120T0811Z-3h-on-demand"]
    assert [window.name for window in scheduled(names)] == [names[2], names[0]]


@pytest.mark.parametrize(
    "text", ["2026-11-21T06:00:00Z", "2026-11-21T06:00:00+00:00", "2026-11-21T06:00:00"]
)
def test_times_are_read_however_aws_writes_them(text: str) -> None:
    assert moment(text) == SIX
    assert stamp(moment(text)) == "2026-11-21T06:00:00Z"
