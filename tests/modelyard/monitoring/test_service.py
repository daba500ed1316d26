"""Service health: what CloudWatch counted is judged by the reviewed limits, at both edges."""

from typing import Any

import pytest

from modelyard.captures import Account
from modelyard.monitoring.history import Earlier
from modelyard.monitoring.service import capture_gap, findings
from modelyard.monitoring.window import Window, parse

DAY = '{"start": "2026-01-02T00:00:00Z", "end": "2026-01-03T00:00:00Z"}'


def window(**counted: Any) -> Window:
    return parse(DAY).model_copy(update={"served": 1000, **counted})


def account(**counted: Any) -> Account:
    """Of a thousand requests, all captured but for what is given."""
    return Account(**{"lines": 1000, "records": 1000, **counted})


def told(window: Window, account: Account, *history: Earlier) -> dict[str, str]:
    """The severities by finding."""
    return {one.id: one.severity for one in findings(window, account, history)}


def busy(day: int, served: int | None = 900, rows: int = 900) -> Earlier:
    stamp = f"2025-12-{day:02d}T00:00:00Z"
    return Earlier(stamp, stamp, "ok", rows, served, {}, frozenset())


def test_a_good_day_says_nothing() -> None:
    counted = {"errors_5xx": 9, "errors_4xx": 0, "latency_p99_us": 900_000.0}
    assert told(window(**counted), account(records=991)) == {}


@pytest.mark.parametrize(
    ("counted", "name", "severity"),
    [
        ({"errors_5xx": 11}, "service:5xx", "warning"),
        ({"errors_5xx": 50}, "service:5xx", "critical"),
        ({"errors_4xx": 101}, "service:4xx", "warning"),
        ({"errors_4xx": 600}, "service:4xx", "critical"),
        ({"latency_p99_us": 1_500_000.0}, "service:latency", "warning"),
        ({"latency_p99_us": 2_000_000.0}, "service:latency", "critical"),
        ({"memory_max_percent": 97.0}, "service:memory", "warning"),
        ({"cpu_max_percent": 91.0}, "service:processor", "warning"),
        ({"capture_lag_s": 7200.0}, "capture:lag", "warning"),
    ],
)
def test_what_is_beyond_its_limit_is_told(
    counted: dict[str, Any], name: str, severity: str
) -> None:
    assert told(window(**counted), account())[name] == severity


@pytest.mark.parametrize(
    ("captured", "severity"), [(960, None), (900, "warning"), (400, "critical"), (1200, "warning")]
)
def test_capture_is_held_against_what_was_answered(captured: int, severity: str | None) -> None:
    assert told(window(), account(records=captured)).get("capture:gap") == severity


def test_refused_and_failed_requests_leave_no_gap() -> None:
    counted = window(served=1000, errors_4xx=150, errors_5xx=50)
    assert capture_gap(counted, account(records=800)) == 0


def test_few_requests_are_no_rate() -> None:
    assert told(window(served=10, errors_5xx=5), account(lines=5, records=5)) == {}


@pytest.mark.parametrize(
    ("counted", "name"),
    [
        ({"malformed": {"the line is not JSON": 20}}, "capture:malformed"),
        ({"incomplete": 20}, "capture:malformed"),
        ({"skewed": 30}, "capture:skew"),
        ({"duplicates": 150}, "capture:duplicates"),
    ],
)
def test_lines_that_say_nothing_are_told(counted: dict[str, Any], name: str) -> None:
    held = account()
    for key, value in counted.items():
        if isinstance(value, dict):
            held.malformed.update(value)
        else:
            setattr(held, key, value)
    assert name in told(window(), held)


def test_silence_is_told_after_the_stated_number_of_windows() -> None:
    quiet, nothing = window(served=0), account(lines=0, records=0)
    once = told(quiet, nothing, busy(1), busy(2))
    twice = told(quiet, nothing, busy(1), busy(2, 0, 0))
    assert (once["service:silent"], twice["service:silent"]) == ("info", "critical")


def test_silence_from_the_beginning_misses_nobody() -> None:
    assert told(window(served=0), account(lines=0, records=0))["service:silent"] == "info"
