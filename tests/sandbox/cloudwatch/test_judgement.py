"""Alarms judge datapoints as the tables of CloudWatch's documentation say."""

from __future__ import annotations

import pytest

from sandbox.cloudwatch.judgement import Criterion, judge

KEPT = None
ALL = ("missing", "ignore", "breaching", "notBreaching")
VALUES = {"0": 0.0, "X": 9.0, "-": None}


def told(points: str, needed: int, treatment: str) -> str | None:
    """The state that datapoints written oldest first tell, three being evaluated."""
    criterion = Criterion("GreaterThanThreshold", 5, 3, needed, treatment)
    return judge(criterion, [VALUES[point] for point in reversed(points.split())])


# "How alarm state is evaluated when data is missing": three of three datapoints.
@pytest.mark.parametrize("treatment", ALL)
@pytest.mark.parametrize(
    ("points", "states"),
    [
        ("0 - X - X", ("OK", "OK", "OK", "OK")),
        ("0 - - - -", ("OK", "OK", "OK", "OK")),
        ("- - - - -", ("INSUFFICIENT_DATA", KEPT, "ALARM", "OK")),
        ("0 X X - X", ("ALARM", "ALARM", "ALARM", "ALARM")),
        ("- - X - -", ("ALARM", KEPT, "ALARM", "OK")),
        ("X X X X X", ("ALARM", "ALARM", "ALARM", "ALARM")),
    ],
)
def test_three_of_three(points: str, states: tuple[str | None, ...], treatment: str) -> None:
    assert told(points, 3, treatment) == states[ALL.index(treatment)]


# The second table: two of three datapoints.
@pytest.mark.parametrize("treatment", ALL)
@pytest.mark.parametrize(
    ("points", "states"),
    [
        ("0 - X - X", ("ALARM", "ALARM", "ALARM", "ALARM")),
        ("0 0 X 0 X", ("ALARM", "ALARM", "ALARM", "ALARM")),
        ("0 - X - -", ("OK", "OK", "ALARM", "OK")),
        ("- - - - 0", ("OK", "OK", "ALARM", "OK")),
        ("- - - X -", ("ALARM", KEPT, "ALARM", "OK")),
    ],
)
def test_two_of_three(points: str, states: tuple[str | None, ...], treatment: str) -> None:
    assert told(points, 2, treatment) == states[ALL.index(treatment)]


# "Avoiding premature transitions to alarm state".
@pytest.mark.parametrize("points", ["- - - - X", "- - - X -"])
def test_the_first_breaching_datapoints_alone_raise_no_alarm(points: str) -> None:
    assert told(points, 3, "missing") is KEPT


@pytest.mark.parametrize(
    ("comparison", "breaching"),
    [
        ("GreaterThanThreshold", [6.0]),
        ("GreaterThanOrEqualToThreshold", [5.0, 6.0]),
        ("LessThanThreshold", [4.0]),
        ("LessThanOrEqualToThreshold", [4.0, 5.0]),
    ],
)
def test_a_threshold_is_compared_as_its_operator_says(
    comparison: str, breaching: list[float]
) -> None:
    criterion = Criterion(comparison, 5, 1, 1)
    assert [value for value in (4.0, 5.0, 6.0) if criterion.breaching(value)] == breaching
