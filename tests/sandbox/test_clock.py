"""The sandbox's time moves as told, and what is due happens in order."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest

from sandbox.clock import Clock


@pytest.fixture
def clock() -> Clock:
    """A clock that stands until it is advanced."""
    return Clock(rate=0)


def test_time_stands_at_rate_zero_and_moves_by_advancing(clock: Clock) -> None:
    before = clock.now()
    assert clock.now() == before
    clock.advance(90)
    assert clock.now() - before == pytest.approx(timedelta(seconds=90), abs=timedelta(seconds=1))
    assert clock.monotonic() == pytest.approx(90)


def test_a_fast_clock_runs_at_its_rate() -> None:
    clock = Clock(rate=100_000)
    done = threading.Event()
    clock.at(clock.time() + 3600, lambda when: done.set())
    assert done.wait(10)


def test_an_advance_runs_what_is_due_in_order_and_at_its_time(clock: Clock) -> None:
    seen: list[Any] = []
    start = clock.time()

    def note(name: str) -> Any:
        return lambda due: seen.append((name, due.timestamp() - start, clock.time() - start))

    clock.at(start + 20, note("second"))
    clock.at(start + 10, note("first"))
    clock.at(start + 60, note("later"))
    clock.advance(30)
    assert seen == [
        ("first", pytest.approx(10), pytest.approx(10)),
        ("second", pytest.approx(20), pytest.approx(20)),
    ]


def test_work_that_comes_due_again_within_an_advance_runs_again(clock: Clock) -> None:
    seen: list[datetime] = []

    def again(due: datetime) -> None:
        seen.append(due)
        clock.at(due + timedelta(minutes=15), again)

    clock.at(clock.time() + 900, again)
    clock.advance(3600)
    assert len(seen) == 4


def test_cancelled_work_never_runs(clock: Clock) -> None:
    seen: list[datetime] = []
    clock.at(clock.time() + 5, seen.append).cancel()
    clock.advance(10)
    assert seen == []


def test_a_sleeper_wakes_when_the_clock_is_advanced(clock: Clock) -> None:
    woke: list[float] = []
    start = clock.time()

    def bake() -> None:
        for _ in range(3):
            clock.sleep(600)
            woke.append(clock.time() - start)

    sleeper = threading.Thread(target=bake)
    sleeper.start()
    while not clock._sleepers:
        pass
    clock.advance(1800)
    sleeper.join(10)
    assert woke == [pytest.approx(600), pytest.approx(1200), pytest.approx(1800)]


def test_a_cancelled_sleeper_stops_waiting(clock: Clock) -> None:
    cancelled = threading.Event()
    sleeper = threading.Thread(target=clock.sleep, args=(600, cancelled))
    sleeper.start()
    cancelled.set()
    sleeper.join(10)
    assert not sleeper.is_alive()


def test_failing_work_does_not_stop_the_clock(clock: Clock) -> None:
    seen: list[datetime] = []

    def fail(when: datetime) -> None:
        raise RuntimeError("defect")

    clock.at(clock.time() + 1, fail)
    clock.at(clock.time() + 2, seen.append)
    clock.advance(3)
    assert len(seen) == 1


@pytest.mark.parametrize("seconds", [-1, float("nan"), float("inf")])
def test_the_clock_is_never_set_back(clock: Clock, seconds: float) -> None:
    with pytest.raises(ValueError, match="0 or more"):
        clock.advance(seconds)
