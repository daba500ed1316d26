"""What a profile holds of each column, and how the profiles of two sets of rows become one."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from typing import Any, Literal

import numpy as np

from modelyard.profile.names import Names
from modelyard.profile.numbers import SQUARE_SHIFT
from modelyard.profile.scale import Scale

Kind = Literal["number", "integer", "boolean", "date", "text", "category"]
Role = Literal["feature", "target", "protected", "prediction"]


@dataclass(frozen=True)
class ColumnProfile:
    """What is counted of every column.

    Attributes:
        rows: rows seen, of which `null` had no value, `malformed` one that cannot be read as the
            column's kind, and `absent` came in a batch without the column.
        types: rows by the type they arrived as (number, text, ...).
    """

    kind: Kind
    role: Role
    rows: int
    null: int
    malformed: int
    absent: int
    types: Mapping[str, int]

    @property
    def missing(self) -> int:
        """Rows without a value."""
        return self.null + self.absent

    @property
    def known(self) -> int:
        """Rows with a value that can be read."""
        return self.rows - self.missing - self.malformed

    def share(self, count: int) -> float:
        """So many rows as a share of all."""
        return count / self.rows if self.rows else 0.0


@dataclass(frozen=True)
class NumberProfile(ColumnProfile):
    """Numbers, dates as days since 1970, or the lengths of texts, counted on a scale.

    Attributes:
        nan, infinite: rows that held no finite number; `empty`: texts without a character.
        counts: numbers by cell of the scale.
        sum, squares: exact sums of the numbers' units (see modelyard.profile.numbers).
        below, above: numbers outside the baseline's range.
    """

    nan: int
    infinite: int
    empty: int
    scale: Scale
    counts: tuple[int, ...]
    sum: int
    squares: int
    min: float | None
    max: float | None
    below: int
    above: int

    @property
    def missing(self) -> int:
        """Rows without a value; NaN and an empty text are none."""
        return self.null + self.absent + self.nan + self.empty

    @property
    def known(self) -> int:
        """Rows with a finite number."""
        return self.rows - self.missing - self.malformed - self.infinite

    @property
    def edges(self) -> tuple[float, ...]:
        """Where cells meet: cell i holds edges[i-1] <= x < edges[i]."""
        return self.scale.edges

    @property
    def mean(self) -> float | None:
        """The mean, exact to 2**-36 of the scale's span."""
        if not self.known:
            return None
        return float(Fraction(self.scale.low) + self._units(Fraction(self.sum, self.known)))

    @property
    def std(self) -> float | None:
        """The standard deviation of the rows as they are (divided by their number)."""
        if not self.known:
            return None
        # Squares are of coarser units than the sum.
        mean = Fraction(self.sum, self.known << SQUARE_SHIFT)
        variance = max(Fraction(self.squares, self.known) - mean * mean, Fraction(0))
        # The root before the unit: the square of a large number is no float.
        root = Fraction(math.isqrt(int(variance * 2**64)), 2**32)
        return float(self._units(root * 2**SQUARE_SHIFT))

    @property
    def median(self) -> float | None:
        return self.quantile(0.5)

    def quantile(self, share: float) -> float | None:
        """The number below which a share of the rows lies, straight between a cell's edges."""
        if self.min is None or self.max is None:
            return None
        below = np.cumsum(self.counts)
        cell = int(np.searchsorted(below, share * self.known))
        cell = min(cell, int(np.flatnonzero(self.counts)[-1]))
        ends = (self.min, *self.edges, self.max)
        low, high = (min(max(end, self.min), self.max) for end in ends[cell : cell + 2])
        if self.scale.points[cell]:
            return low
        before = float(below[cell] - self.counts[cell])
        return low + (high - low) * max(share * self.known - before, 0) / self.counts[cell]

    def _units(self, number: Fraction) -> Fraction:
        return number * Fraction(2) ** self.scale.unit


@dataclass(frozen=True)
class CategoryProfile(ColumnProfile):
    """Counts of the baseline's categories; `other` are the rest, some of them by name in `new`."""

    counts: Mapping[str, int]
    other: int
    new: Names


@dataclass(frozen=True)
class Profile:
    """The profile of a set of rows.

    Attributes:
        unreadable: records that could not be read at all.
        extra: rows by column that the baseline does not know.
    """

    rows: int
    unreadable: int
    columns: Mapping[str, ColumnProfile]
    extra: Names


def merge(one: Profile, other: Profile) -> Profile:
    """The profile of both sets of rows; associative, commutative, and exact."""
    if set(one.columns) != set(other.columns):
        raise ValueError("profiles of different columns cannot be merged")
    return Profile(
        one.rows + other.rows,
        one.unreadable + other.unreadable,
        {name: _merged(column, other.columns[name]) for name, column in one.columns.items()},
        one.extra.merged(other.extra),
    )


def _merged(one: ColumnProfile, other: ColumnProfile) -> ColumnProfile:
    if type(one) is not type(other) or one.kind != other.kind:
        raise ValueError(f"a {one.kind} and a {other.kind} cannot be merged")
    combined = {
        field.name: _FOLDS.get(field.name, _added)(
            getattr(one, field.name), getattr(other, field.name)
        )
        for field in fields(one)
    }
    return replace(one, **combined)


def joined(one: Profile, other: Profile) -> Profile:
    """The columns of both profiles, which were counted on rows of their own."""
    return replace(one, columns={**one.columns, **other.columns})


def _added(one: Any, other: Any) -> Any:
    return one + other


def _same(one: Any, other: Any) -> Any:
    if one != other:
        raise ValueError("profiles on different edges cannot be merged")
    return one


def _summed(one: Mapping[str, int], other: Mapping[str, int]) -> Mapping[str, int]:
    names = [*one, *(name for name in other if name not in one)]
    return {name: one.get(name, 0) + other.get(name, 0) for name in names}


def _by_cell(one: tuple[int, ...] | Mapping[str, int], other: Any) -> Any:
    if isinstance(one, Mapping):
        return _summed(one, other)
    return tuple(a + b for a, b in zip(one, other, strict=True))


def _least(one: float | None, other: float | None) -> float | None:
    return min((number for number in (one, other) if number is not None), default=None)


def _most(one: float | None, other: float | None) -> float | None:
    return max((number for number in (one, other) if number is not None), default=None)


_FOLDS: Mapping[str, Callable[[Any, Any], Any]] = {
    "kind": _same,
    "role": _same,
    "scale": _same,
    "types": _summed,
    "counts": _by_cell,
    "min": _least,
    "max": _most,
    "new": Names.merged,
}
