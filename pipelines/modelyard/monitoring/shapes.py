"""The shape of a column of numbers, then and now: shares between round numbers at equal distance.

Drift is measured on groups that training filled alike, which tell change best and shape not at all.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from modelyard.drift.wording import short
from modelyard.profile import NumberProfile, Profile

_BARS = 9
# The far tails would leave no room for the middle; they are one bar on each side.
_TAIL = 0.01


def shapes(then: Profile, now: Profile, columns: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Bars by column, as they are drawn; those of few values stay as they were measured."""
    return {
        column["name"]: _shape(then.columns.get(column["name"]), now.columns.get(column["name"]))
        or column["bars"]
        for column in columns
    }


def _shape(then: Any, now: Any) -> list[dict[str, Any]] | None:
    if not isinstance(then, NumberProfile) or not isinstance(now, NumberProfile):
        return None
    bounds = _bounds(then)
    if bounds is None or not then.known:
        return None
    ends = [-math.inf, *bounds, math.inf]
    shares = [_shares(column, bounds) for column in (then, now)]
    return [
        {"label": _label(low, high, then.kind), "low": None, "high": None, "then": old, "now": new}
        for low, high, old, new in zip(ends[:-1], ends[1:], *shares, strict=True)
        if old or new or (low > -math.inf and high < math.inf)
    ]


def _bounds(then: NumberProfile) -> list[float] | None:
    """Round numbers over the bulk of training; None where a few values make up the column."""
    low, high = then.quantile(_TAIL), then.quantile(1 - _TAIL)
    if low is None or high is None or low >= high or _is_of_few_values(then):
        return None
    step = _round_step((high - low) / _BARS)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [number * step for number in range(first, last + 1)]


def _is_of_few_values(then: NumberProfile) -> bool:
    filled = np.flatnonzero(then.counts)
    return len(filled) <= _BARS + 3


def _round_step(rough: float) -> float:
    """The next of 1, 2, 2.5, 5, 10 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(rough))
    return next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough * 0.999)


def _shares(column: NumberProfile, bounds: Sequence[float]) -> list[float]:
    if not column.known:
        return [0.0] * (len(bounds) + 1)
    below = [_below(column, bound) / column.known for bound in bounds]
    return [high - low for low, high in zip([0.0, *below], [*below, 1.0], strict=True)]


def _below(column: NumberProfile, bound: float) -> float:
    """How many numbers lie below a bound; within a cell they are taken as spread evenly."""
    edges = column.edges
    cell = int(np.searchsorted(edges, bound, side="right"))
    before = float(np.sum(column.counts[:cell]))
    if cell == 0 or cell == len(edges):
        low = column.min if cell == 0 else edges[-1]
        high = edges[0] if cell == 0 else column.max
    else:
        low, high = edges[cell - 1], edges[cell]
    if low is None or high is None or bound <= low:
        return before
    if column.scale.points[cell] or high <= low:
        return before + column.counts[cell]
    return before + column.counts[cell] * min(1.0, (bound - low) / (high - low))


def _label(low: float, high: float, kind: Any) -> str:
    if low == -math.inf:
        return f"below {short(high, kind)}"
    if high == math.inf:
        return f"from {short(low, kind)}"
    return f"{short(low, kind)} to {short(high, kind)}"
