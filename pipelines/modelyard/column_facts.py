"""What a sample says about later data: ranges, missing rates, the order of categories."""

from collections.abc import Collection, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Context
from typing import Any

from modelyard import values
from modelyard.data import Column
from modelyard.tables import reader


def tolerated(cells: Sequence[Any], words: Collection[str] = ()) -> float:
    """The missing rate that later data may have: double the observed one, or 0.05 more.

    Missing are None and the `words` that stand for a missing value.
    """
    missing = sum(cell is None or values.as_text(cell) in words for cell in cells)
    rate = missing / len(cells)
    return min(1.0, round(max(2 * rate, rate + 0.05), 3))


def bounds(column: Column, present: list[Any]) -> dict[str, float]:
    """The observed range and as much again on each side; below zero only if it was seen there."""
    read = reader(column)
    numbers = [number for number in map(read, present) if number == number]
    low, high = min(numbers), max(numbers)
    span = high - low
    return {
        "min": 0.0 if 0 <= low <= span else _rounded(low - span, ROUND_FLOOR),
        "max": 0.0 if -span <= high <= 0 else _rounded(high + span, ROUND_CEILING),
    }


def _rounded(bound: float, direction: str) -> float:
    """The bound moved outward to four significant digits."""
    return float(Context(prec=4, rounding=direction).create_decimal(repr(bound)))


def natural(text: str) -> tuple[int, float, str]:
    """Sorts numbers by value before texts."""
    try:
        return 0, float(text), text
    except ValueError:
        return 1, 0.0, text
