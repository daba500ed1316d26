"""About ten groups of a profile's cells: what PSI is computed on and people look at."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from modelyard.drift.measures import shares
from modelyard.drift.wording import short
from modelyard.profile import CategoryProfile, NumberProfile
from modelyard.values import OTHER

GROUPS = 10
# Categories drawn by name; the rest is drawn as one.
_BARS = 12

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Bar:
    """A group as it is drawn: its share of the rows then and now; categories have no bounds."""

    label: str
    low: float | None
    high: float | None
    then: float
    now: float


@dataclass(frozen=True)
class Groups:
    """Counts then and now over the same groups."""

    then: Array
    now: Array
    bars: tuple[Bar, ...]


def of_numbers(then: NumberProfile, now: NumberProfile) -> Groups:
    """The deciles of the baseline; a number that fills a tenth by itself is a group."""
    starts = _starts(np.asarray(then.counts, dtype=float))
    counts = [np.add.reduceat(np.asarray(c.counts, dtype=float), starts) for c in (then, now)]
    bars = tuple(
        Bar(_range(then, first, last), *_ends(then, now, first, last), old, new)
        for first, last, old, new in zip(
            starts, [*starts[1:], len(then.counts)], *map(shares, counts), strict=True
        )
        if old or new
    )
    return Groups(counts[0], counts[1], bars)


def of_categories(then: CategoryProfile, now: CategoryProfile) -> Groups:
    """The baseline's categories, and all others as one."""
    names = [*then.counts, OTHER]
    counts = [
        np.array([*(column.counts.get(name, 0) for name in then.counts), column.other], dtype=float)
        for column in (then, now)
    ]
    table = sorted(
        zip(names, *map(shares, counts), strict=True), key=lambda row: (-row[1], -row[2], row[0])
    )
    used = [row for row in table if row[1] or row[2]]
    bars = [Bar(name, None, None, old, new) for name, old, new in used[:_BARS]]
    if len(used) > _BARS:
        rest = used[_BARS:]
        label = f"{len(rest)} more"
        bars.append(Bar(label, None, None, sum(r[1] for r in rest), sum(r[2] for r in rest)))
    return Groups(counts[0], counts[1], tuple(bars))


def _starts(counts: Array) -> list[int]:
    """Where groups of cells begin."""
    total = counts.sum()
    if not total:
        return [0]
    middles = (np.cumsum(counts) - counts / 2) / total
    tenth = np.minimum((middles * GROUPS).astype(int), GROUPS - 1)
    alone = counts >= total / GROUPS
    # A cell that is a group by itself is numbered apart from its neighbours.
    number = np.where(alone, GROUPS + np.arange(len(counts)), tenth)
    return [0, *(np.flatnonzero(np.diff(number)) + 1).tolist()]


def _ends(
    then: NumberProfile, now: NumberProfile, first: int, last: int
) -> tuple[float | None, float | None]:
    edges: Sequence[float] = then.edges
    least = min((x for x in (then.min, now.min) if x is not None), default=None)
    most = max((x for x in (then.max, now.max) if x is not None), default=None)
    low = edges[first - 1] if first else least
    high = edges[last - 1] if last <= len(edges) else most
    return low, high


def _range(column: NumberProfile, first: int, last: int) -> str:
    edges, kind = column.edges, column.kind
    if not edges:
        return "all"
    if last - first == 1 and first and column.scale.points[first]:
        return short(edges[first - 1], kind)
    if not first:
        return f"below {short(edges[last - 1], kind)}"
    if last > len(edges):
        return f"from {short(edges[first - 1], kind)}"
    return f"{short(edges[first - 1], kind)} to {short(edges[last - 1], kind)}"
