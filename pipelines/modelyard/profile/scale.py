"""Where a column's numbers are counted: positions on a grid over the baseline, and cells of them.

A position is a number's place on a grid of POSITIONS equal steps (linear), or of steps that grow
with the number (log: the leading bits of its float64), found without a search. A cell is a run of
positions that held about 1/CELLS of the baseline's rows; a position that held more by itself (a
tie) is a cell of its own. Numbers below or above the grid count into its first or last position.
"""

import functools
import math
import operator
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

POSITIONS = 1 << 15
CELLS = 500
# Sums are kept in units of 2**-UNIT_BITS of the grid's span, so that they are exact integers.
UNIT_BITS = 36
_POSITION_SHIFT = UNIT_BITS - 15
# Numbers beyond are counted as infinite: their differences would be.
LARGEST = 2.0**1000
_TRIMS = (0.0, 1e-4, 1e-3, 5e-3)
_FIRST_LOG = 1e-4
_LEAST_STRIDE = 4

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Scale:
    """A grid and its cells: cell i holds bounds[i-1] <= position < bounds[i].

    Attributes:
        low: where the grid of a linear scale and the unit of sums begin.
        exponent: that grid spans 2**exponent.
        first: the smallest number on a log scale's grid, None on a linear one.
        shift: how many trailing bits of a float64 a position of a log scale disregards.
        bounds: the positions at which a new cell begins.
        least, most: the baseline's smallest and largest number; None without numbers.
        coarse: the largest share of the baseline in one position beside its most frequent number.
    """

    low: float
    exponent: int
    first: float | None
    shift: int
    bounds: tuple[int, ...]
    least: float | None
    most: float | None
    coarse: float

    @property
    def unit(self) -> int:
        """Sums count in units of 2**unit."""
        return self.exponent - UNIT_BITS

    @property
    def magic(self) -> float:
        """What, added to a number, leaves the number in units in the low bits of the float64."""
        return math.ldexp(1.5, 52 + self.unit)

    @cached_property
    def edges(self) -> tuple[float, ...]:
        """The bounds as numbers."""
        if self.first is None:
            step = math.ldexp(1.0, self.unit + _POSITION_SHIFT)
            return tuple(self.low + bound * step for bound in self.bounds)
        places = np.array(self.bounds, dtype=np.int64) << self.shift
        return tuple((places + _bits(self.first)).view(np.float64).tolist())

    @cached_property
    def points(self) -> Array:
        """Which cells are one position: a number that occurs often."""
        # Position 0 of a log scale is for zeros; the ends of others are open.
        first = self.first is not None and self.bounds[:1] == (1,)
        inner = np.diff(self.bounds) == 1 if self.bounds else []
        return np.array([first, *inner, *([False] if self.bounds else [])])

    @cached_property
    def stride(self) -> int:
        """The power of two by which the positions of all ties are apart; 0 for close ones."""
        starts = [low for low, high in pairwise((*self.bounds, POSITIONS)) if high == low + 1]
        other = {*self.bounds} - {*starts} - {start + 1 for start in starts}
        together = functools.reduce(operator.or_, starts, 0)
        power = (together & -together).bit_length() - 1
        return power if starts and not other and power >= _LEAST_STRIDE else 0

    @property
    def span(self) -> tuple[float, float]:
        """The smallest number on the grid, and the smallest above it."""
        if self.first is None:
            return self.low, self.low + math.ldexp(1.0, self.exponent)
        return self.first, _number(_bits(self.first) + (POSITIONS << self.shift))

    def positions(self, numbers: Array, units: Array) -> Array:
        """The positions of numbers within twice the span; `units` is overwritten when linear."""
        if self.first is None:
            return np.right_shift(units, _POSITION_SHIFT, out=units)
        # The bits of a negative number, and of -0.0, are in no order with those of the others.
        bits = np.maximum(numbers, self.first).view(np.int64)
        np.subtract(bits, _bits(self.first), out=bits)
        return np.right_shift(bits, self.shift, out=bits)

    def units(self, numbers: Array, out: Array) -> Array:
        """Numbers as integers in units from `low`, in the int64 view of `out`."""
        np.subtract(numbers, self.low, out=out)
        np.add(out, self.magic, out=out)
        integers = out.view(np.int64)
        return np.subtract(integers, _bits(self.magic), out=integers)


def fit(numbers: Array) -> Scale:
    """The scale for a baseline's finite numbers, sorted."""
    if not len(numbers):
        return Scale(0.0, 0, None, 0, (), None, None, 0.0)
    fitted = []
    for candidate in _candidates(numbers):
        fitted.append(_with_cells(candidate, numbers))
        if fitted[-1].coarse <= 1 / CELLS:
            return fitted[-1]
    return min(fitted, key=lambda scale: scale.coarse)


def _candidates(numbers: Array) -> Iterator[Scale]:
    least, most = float(numbers[0]), float(numbers[-1])
    for trim in _TRIMS:
        cut = int(len(numbers) * trim)
        yield _linear(float(numbers[cut]), float(numbers[-1 - cut]), least, most)
        if trim == _FIRST_LOG and least >= 0:
            yield _log(numbers)


def _linear(low: float, high: float, least: float, most: float) -> Scale:
    span = high - low
    if span == 0:
        # One value: what differs from it by a millionth differs in position.
        span = abs(low) / 256 or 1.0
    exponent = max(math.frexp(span)[1], -900)
    if span > math.ldexp(1 - 4 / POSITIONS, exponent):
        exponent += 1
    step = math.ldexp(1.0, exponent) / POSITIONS
    # Whole steps from zero: whole numbers lie on the bounds of positions.
    start = math.floor((low / 2 + high / 2) / step) - POSITIONS // 2
    return Scale(start * step, exponent, None, 0, (), least, most, 0.0)


def _log(numbers: Array) -> Scale:
    positive = numbers[numbers > 0]
    if not len(positive):
        return _linear(0.0, 0.0, 0.0, 0.0)
    most = float(numbers[-1])
    first = max(float(positive[int(len(positive) * _FIRST_LOG)]), most * 2.0**-500)
    shift = max((_bits(most) - _bits(first)) // (POSITIONS - 2), 1).bit_length()
    # Position 0 is for zeros and the few that are smaller.
    first = _number(_bits(first) - (1 << shift))
    high = min(most, 1024 * float(numbers[int((len(numbers) - 1) * 0.99)]))
    return replace(_linear(0.0, high, float(numbers[0]), most), first=first, shift=shift)


def _with_cells(scale: Scale, numbers: Array) -> Scale:
    counts = np.bincount(_clipped(scale, numbers), minlength=POSITIONS)
    starts = np.flatnonzero(np.concatenate(([True], numbers[1:] != numbers[:-1])))
    foremost = np.zeros(POSITIONS, dtype=np.int64)
    occurring = np.diff(starts, append=len(numbers))
    np.maximum.at(foremost, _clipped(scale, numbers[starts]), occurring)
    quantiles = np.arange(1, CELLS) * len(numbers) / CELLS
    cuts = np.searchsorted(np.cumsum(counts), quantiles) + 1
    tied = np.flatnonzero(counts * CELLS >= len(numbers))
    bounds = np.unique(np.concatenate((cuts, tied, tied + 1)))
    inner = bounds[(bounds > 0) & (bounds < POSITIONS)]
    coarse = float((counts - foremost).max()) / len(numbers)
    return replace(scale, bounds=tuple(inner.tolist()), coarse=coarse)


def _clipped(scale: Scale, numbers: Array) -> Array:
    low, high = scale.span
    inside = np.clip(numbers, low, np.nextafter(high, -math.inf))
    found = scale.positions(inside, scale.units(inside, np.empty(len(inside))))
    return np.clip(found, 0, POSITIONS - 1)


def cells(scale: Scale, positions: Array) -> tuple[int, ...]:
    """Counts by position as counts by cell."""
    starts: Sequence[int] = (0, *scale.bounds)
    return tuple(np.add.reduceat(positions, starts).tolist())


def _bits(number: float) -> int:
    return int(np.array([number]).view(np.int64)[0])


def _number(bits: int) -> float:
    return float(np.array([bits], dtype=np.int64).view(np.float64)[0])
