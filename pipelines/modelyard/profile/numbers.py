"""Counts numbers on a scale, and sums them exactly: the part of a profile that must be fast.

Every number becomes an integer once (its distance from the scale's low end, in units of 2**-36 of
the span) and all that is kept are sums of integers, so that neither the order of rows nor how they
are cut into batches can change a bit. Squares are of integers rounded to 2**-22 of the span. A
number further away than the span is rounded to 37 (squares: 22) significant bits instead.
"""

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from modelyard.profile.scale import LARGEST, POSITIONS, Scale, cells

# Numbers at a time: what fits a core's second-level cache, and keeps sums below 2**63.
CHUNK = 1 << 16
SQUARE_SHIFT = 14
_FAR_BITS = 37
_FAR_SQUARE_BITS = 22

Array = npt.NDArray[Any]


class Scratch:
    """Room for a chunk, shared by the counters of one thread."""

    def __init__(self) -> None:
        self.units = np.empty(CHUNK)
        self.squares = np.empty(CHUNK, dtype=np.int64)


class NumberCounter:
    """What is known of the numbers seen so far."""

    def __init__(self, scale: Scale, scratch: Scratch | None = None) -> None:
        self.scale, self._scratch = scale, scratch or Scratch()
        self.known = self.nan = self.infinite = self.below = self.above = 0
        self.sum = self.squares = 0
        self.min, self.max = math.inf, -math.inf
        self._positions = np.zeros(POSITIONS, dtype=np.int64)
        self._span, self._stride = scale.span, scale.stride
        # Within: one addition turns a number into units, and squares of a chunk add up exactly.
        width = math.ldexp(1.0, scale.exponent)
        self._near = (scale.low - width, scale.low + 2 * width)

    @property
    def counts(self) -> tuple[int, ...]:
        """How many numbers each cell holds."""
        return cells(self.scale, self._positions)

    def add(self, numbers: Array) -> None:
        """Counts float64 numbers, NaN and infinite ones apart."""
        for start in range(0, len(numbers), CHUNK):
            self._add_chunk(numbers[start : start + CHUNK])

    def _add_chunk(self, numbers: Array) -> None:
        least, most = float(numbers.min()), float(numbers.max())
        if not (least > -LARGEST and most < LARGEST):
            finite = np.abs(numbers) < LARGEST
            nan = int(np.isnan(numbers).sum())
            self.nan += nan
            self.infinite += len(numbers) - int(finite.sum()) - nan
            numbers = numbers[finite]
            if not len(numbers):
                return
            least, most = float(numbers.min()), float(numbers.max())
        self.known += len(numbers)
        self.min, self.max = min(self.min, least), max(self.max, most)
        self._count_outside(numbers, least, most)
        near, far = numbers, numbers[:0]
        if least < self._near[0] or most > self._near[1]:
            is_near = (numbers >= self._near[0]) & (numbers <= self._near[1])
            near, far = numbers[is_near], numbers[~is_near]
        units = self.scale.units(near, self._scratch.units[: len(near)])
        self.sum += int(units.sum())
        rounded = np.add(units, 1 << (SQUARE_SHIFT - 1), out=self._scratch.squares[: len(near)])
        np.right_shift(rounded, SQUARE_SHIFT, out=rounded)
        self.squares += int(np.dot(rounded, rounded))
        self._count_positions(near, units)
        if len(far):
            self._sum_far(far)
            self._count_far(far)

    def _count_outside(self, numbers: Array, least: float, most: float) -> None:
        """How many lie below the smallest and above the largest number of the baseline."""
        low, high = self.scale.least, self.scale.most
        if low is not None and least < low:
            self.below += int(np.count_nonzero(numbers < low))
        if high is not None and most > high:
            self.above += int(np.count_nonzero(numbers > high))

    def _count_positions(self, near: Array, units: Array) -> None:
        places = self.scale.positions(near, units)
        if self.min < self._span[0] or self.max >= self._span[1]:
            np.clip(places, 0, POSITIONS - 1, out=places)
        # Whole numbers lie a power of two apart, where they would share a few lines of the cache.
        if self._stride and not int(np.bitwise_or.reduce(places)) & ((1 << self._stride) - 1):
            np.right_shift(places, self._stride, out=places)
            counts = np.bincount(places, minlength=POSITIONS >> self._stride)
            self._positions[:: 1 << self._stride] += counts
        else:
            self._positions += np.bincount(places, minlength=POSITIONS)

    def _sum_far(self, far: Array) -> None:
        mantissas, exponents = np.frexp(far - self.scale.low)
        for exponent in np.unique(exponents).tolist():
            chosen = mantissas[exponents == exponent]
            rounded = np.rint(chosen * 2.0**_FAR_BITS).astype(np.int64)
            self.sum += int(rounded.sum()) << (exponent - _FAR_BITS - self.scale.unit)
            rounded = np.rint(chosen * 2.0**_FAR_SQUARE_BITS).astype(np.int64)
            places = exponent - _FAR_SQUARE_BITS - self.scale.unit - SQUARE_SHIFT
            self.squares += int(np.dot(rounded, rounded)) << (2 * places)

    def _count_far(self, far: Array) -> None:
        if self.scale.first is None:
            self._positions[0] += int(np.count_nonzero(far < self.scale.low))
            self._positions[-1] += int(np.count_nonzero(far > self.scale.low))
            return
        places = self.scale.positions(far, far)
        self._positions += np.bincount(np.clip(places, 0, POSITIONS - 1), minlength=POSITIONS)
