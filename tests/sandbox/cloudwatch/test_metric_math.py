"""Expressions over metrics give what CloudWatch documents."""

from __future__ import annotations

import pytest

from sandbox.cloudwatch.metric_functions import ExpressionError, Frame, Points
from sandbox.cloudwatch.metric_math import parse

GRID = (0.0, 60.0, 120.0)
SERIES: dict[str, Points] = {
    "a": {0.0: 1.0, 60.0: 2.0, 120.0: 3.0},
    "b": {0.0: 10.0, 120.0: 0.0},
    "gone": {},
}
FRAME = Frame(SERIES, GRID, 60, tuple(SERIES.values()))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", [1, 2, 3]),
        ("2 * a + 1", [3, 5, 7]),
        ("-a ^ 2", [-1, -4, -9]),
        ("(a + 1) / 2", [1, 1.5, 2]),
        ("b / a", [10, None, 0]),
        ("a / b", [0.1, None, None]),
        ("a >= 2", [0, 1, 1]),
        ("a > 1 AND a < 3", [0, 1, 0]),
        ("a == 1 || a == 3", [1, 0, 1]),
        ("FILL(b, 5)", [10, 5, 0]),
        ("FILL(b, REPEAT)", [10, 10, 0]),
        ("FILL(gone, 0)", [0, 0, 0]),
        ("IF(a > 1, a, 0)", [0, 2, 3]),
        ("IF(a > 1, a)", [None, 2, 3]),
        ("MAX([a, b])", [10, 2, 3]),
        ("SUM(METRICS())", [11, 2, 3]),
        ("a - AVG(a)", [-1, 0, 1]),
        ("MIN(a)", [1, 1, 1]),
        ("CEIL(a / 2)", [1, 1, 2]),
        ("ABS(-a)", [1, 2, 3]),
        ("a / PERIOD(a)", [1 / 60, 2 / 60, 3 / 60]),
    ],
)
def test_an_expression_is_computed(text: str, expected: list[float | None]) -> None:
    points = parse(text).over(FRAME)
    assert [points.get(at) for at in GRID] == pytest.approx(expected)


@pytest.mark.parametrize(
    "text", ["", "a +", "a b", "RATE(a)", "FILL(a, )", "[a", "a ~ b", "Max(a)"]
)
def test_what_is_not_computed_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError):
        parse(text)


def test_an_array_is_no_result() -> None:
    with pytest.raises(ExpressionError, match="array"):
        parse("[a, b]").over(FRAME)
