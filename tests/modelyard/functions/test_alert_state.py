"""Alarms: sustained over windows, told once, worse told again, over told too, silenced not told."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from modelyard.functions.alert_state import (
    CLAIM_LASTS,
    FAILED,
    REMIND_AFTER,
    SHOCK,
    News,
    Seen,
    State,
    claimed,
    judge,
    loaded,
    told,
    with_window,
    wrong_now,
)

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = timedelta(days=1)
TWO_OF_THREE = {"windows": 2, "of": 3}
NOBODY: frozenset[str] = frozenset()


def finding(kind: str = "drift", severity: str = "warning") -> dict[str, Any]:
    return {"kind": kind, "severity": severity, "sentence": f"{kind} happened", "share": 0.5}


def seen(day: int, *found: str, **facts: Any) -> Seen:
    """One day's window; findings as `kind:column`."""
    start = NOON + day * DAY
    stated = {"verdict": "warning" if found else "ok", "shock": False, "served": 100.0, **facts}
    findings = {one: finding(one.split(":")[0]) for one in found}
    return Seen(f"day{day}", start, start + DAY, findings=findings, **stated)


def history(*windows: Seen) -> State:
    state = State()
    for window in windows:
        state = with_window(state, window)
    return state


def wrong(*windows: Seen) -> list[str]:
    return [one.id for one in wrong_now(history(*windows).windows, TWO_OF_THREE)]


INCOME = "drift:income"


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ([[INCOME]], []),
        ([[INCOME], [INCOME]], [INCOME]),
        ([[INCOME], [], [INCOME]], [INCOME]),
        ([[INCOME], [INCOME], []], []),
        ([[INCOME], [], [], [INCOME]], []),
    ],
    ids=["once", "twice", "two of three", "not the latest", "too long ago"],
)
def test_what_is_measured_counts_when_it_lasts(days: list[list[str]], expected: list[str]) -> None:
    assert wrong(*(seen(number, *found) for number, found in enumerate(days))) == expected


@pytest.mark.parametrize("name", ["schema:income", "capture:gap", "service:errors"])
def test_facts_count_at_once(name: str) -> None:
    assert wrong(seen(0, name)) == [name]


def test_a_shock_counts_at_once_with_all_that_it_moved() -> None:
    assert wrong(seen(0, INCOME, shock=True)) == [SHOCK, INCOME]


def test_a_window_with_too_few_rows_neither_proves_nor_clears() -> None:
    few = seen(1, verdict="insufficient")
    assert wrong(seen(0, INCOME), few, seen(2, INCOME)) == [INCOME]


def test_since_is_the_first_window_that_showed_it() -> None:
    (alarm,) = wrong_now(history(seen(0, INCOME), seen(1, INCOME)).windows, TWO_OF_THREE)
    assert alarm.since == NOON


def turn(
    state: State, *names: str, days: float = 0, severity: str = "warning", silenced: str = ""
) -> tuple[State, News]:
    """One run: these findings are wrong now."""
    window = Seen(
        f"w{days}", NOON, NOON, "warning", False, 1.0,
        {one: finding("schema", severity) for one in names},
    )  # fmt: skip
    alarms = wrong_now([window], TWO_OF_THREE)
    now = NOON + days * DAY
    news = judge(state, alarms, now, frozenset([silenced]) if silenced else NOBODY)
    return told(claimed(state, alarms, news, now), news, now), news


def ids(news: News) -> tuple[list[str], list[str], list[str]]:
    return tuple([one.id for one in part] for part in (news.opened, news.reminded, news.closed))  # type: ignore[return-value]


def test_an_alarm_is_told_once() -> None:
    state, first = turn(State(), "a")
    _, second = turn(state, "a", days=1)
    assert ids(first) == (["a"], [], [])
    assert not second


def test_what_gets_worse_is_told_again() -> None:
    state, _ = turn(State(), "a")
    _, news = turn(state, "a", days=1, severity="critical")
    assert (ids(news)[0], news.severity) == (["a"], "critical")


def test_what_stays_open_is_repeated_after_a_week_only() -> None:
    state, _ = turn(State(), "a")
    _, early = turn(state, "a", days=6.9)
    _, news = turn(state, "a", days=REMIND_AFTER.days)
    assert (ids(early)[1], ids(news)[1]) == ([], ["a"])


def test_what_is_over_is_told_for_information() -> None:
    state, _ = turn(State(), "a")
    _, news = turn(state, days=1)
    assert (ids(news)[2], news.severity) == (["a"], "info")


@pytest.mark.parametrize("silenced", ["a", "*"])
def test_what_is_silenced_is_told_when_the_silence_ends(silenced: str) -> None:
    state, quiet = turn(State(), "a", silenced=silenced)
    _, news = turn(state, "a", days=1)
    assert not quiet
    assert ids(news)[0] == ["a"]


def test_what_came_and_went_in_silence_is_never_told() -> None:
    state, _ = turn(State(), "a", silenced="a")
    _, news = turn(state, days=1)
    assert not news


def test_the_state_survives_being_stored() -> None:
    state, _ = turn(history(seen(0, INCOME), seen(1)), "a", FAILED)
    assert loaded(state.document()) == state


def test_what_somebody_is_telling_is_told_by_nobody_else() -> None:
    alarms = wrong_now([seen(0, "schema:income")], TWO_OF_THREE)
    first = judge(State(), alarms, NOON, NOBODY)
    state = claimed(State(), alarms, first, NOON)
    assert ids(first)[0] == ["schema:income"]
    assert not judge(state, alarms, NOON + CLAIM_LASTS / 2, NOBODY)


def test_what_somebody_died_over_is_told_by_the_next() -> None:
    alarms = wrong_now([seen(0, "schema:income")], TWO_OF_THREE)
    state = claimed(State(), alarms, judge(State(), alarms, NOON, NOBODY), NOON)
    again = judge(state, alarms, NOON + CLAIM_LASTS, NOBODY)
    assert ids(again)[0] == ["schema:income"]
