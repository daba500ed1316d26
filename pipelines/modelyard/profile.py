"""A mergeable profile of each column: what monitoring compares later data with.

Numbers (and lengths of texts) are counted in the cells between fixed edges, which are quantiles of
the training rows: cell i holds edges[i-1] <= x < edges[i]. Categories are counted by value, those
not listed as '(other)'. Counts add up exactly, so profiles of parts merge to the profile of the
whole; mean and variance follow Chan, Golub and LeVeque (1983) and agree to rounding.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from modelyard.data import Column
from modelyard.tables import Arrays, is_numeric
from modelyard.values import MISSING

SCHEMA_VERSION = 1
GRID = 1000
Array = npt.NDArray[Any]


@dataclass(frozen=True)
class NumberProfile:
    """Counts between fixed edges, and moments; `squares` is the sum of squared deviations."""

    rows: int
    missing: int
    mean: float
    squares: float
    min: float | None
    max: float | None
    edges: tuple[float, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True)
class CategoryProfile:
    """Counts by value."""

    rows: int
    missing: int
    counts: Mapping[str, int]


ColumnProfile = NumberProfile | CategoryProfile
Profile = Mapping[str, ColumnProfile]


def baseline(arrays: Arrays, columns: Sequence[Column]) -> Profile:
    """The profile of training rows, with edges at their quantiles."""
    edges = {
        column.name: quantile_edges(_numbers(arrays[column.name], column))
        for column in columns
        if not _is_category(column)
    }
    return profile(arrays, columns, edges)


def profile(
    arrays: Arrays, columns: Sequence[Column], edges: Mapping[str, Sequence[float]]
) -> Profile:
    """The profile of any rows on the edges of a baseline."""
    return {
        column.name: _categories(arrays[column.name])
        if _is_category(column)
        else number_profile(_numbers(arrays[column.name], column), edges[column.name])
        for column in columns
    }


def merge(one: Profile, other: Profile) -> Profile:
    """The profile of both sets of rows together; associative, and the order does not matter."""
    return {name: _merged(one[name], other[name]) for name in one}


def document(found: Profile) -> dict[str, Any]:
    """Plain data for baseline_profile.json."""
    return {
        "schema_version": SCHEMA_VERSION,
        "columns": {name: asdict(column) for name, column in found.items()},
    }


def parse(stored: Mapping[str, Any]) -> Profile:
    """The profile that `document` wrote."""
    columns: dict[str, ColumnProfile] = {}
    for name, column in stored["columns"].items():
        if "edges" in column:
            edges, counts = tuple(column["edges"]), tuple(column["counts"])
            columns[name] = NumberProfile(**{**column, "edges": edges, "counts": counts})
        else:
            columns[name] = CategoryProfile(**column)
    return columns


def quantile_edges(numbers: Array) -> tuple[float, ...]:
    """Up to GRID distinct quantiles of the numbers that are present."""
    known = np.sort(numbers[~np.isnan(numbers)])
    if not len(known):
        return ()
    positions = np.arange(1, GRID + 1) * len(known) // (GRID + 1)
    return tuple(np.unique(known[positions]).tolist())


def number_profile(numbers: Array, edges: Sequence[float]) -> NumberProfile:
    """The profile of one column of numbers."""
    known = np.sort(numbers[~np.isnan(numbers)])
    # -0.0 and 0.0 are one value; without this they would be two minima.
    known = known + 0.0
    below = np.searchsorted(known, np.asarray(edges, dtype=float), side="left")
    counts = np.diff(np.concatenate(([0], below, [len(known)])))
    mean = float(known.mean()) if len(known) else 0.0
    return NumberProfile(
        rows=len(numbers),
        missing=len(numbers) - len(known),
        mean=mean,
        squares=float(((known - mean) ** 2).sum()),
        min=float(known[0]) if len(known) else None,
        max=float(known[-1]) if len(known) else None,
        edges=tuple(float(edge) for edge in edges),
        counts=tuple(counts.tolist()),
    )


def _categories(array: Array) -> CategoryProfile:
    found, counts = np.unique(array.astype(str), return_counts=True)
    by_value = dict(zip(found.tolist(), counts.tolist(), strict=True))
    missing = by_value.pop(MISSING, 0)
    return CategoryProfile(len(array), missing, by_value)


def _is_category(column: Column) -> bool:
    return bool(column.categories)


def _numbers(array: Array, column: Column) -> Array:
    if is_numeric(column):
        return array
    return np.array([len(text) if text else np.nan for text in array], dtype=np.float64)


def _merged(one: ColumnProfile, other: ColumnProfile) -> ColumnProfile:
    rows, missing = one.rows + other.rows, one.missing + other.missing
    if isinstance(one, CategoryProfile) and isinstance(other, CategoryProfile):
        names = sorted({*one.counts, *other.counts})
        counts = {name: one.counts.get(name, 0) + other.counts.get(name, 0) for name in names}
        return CategoryProfile(rows, missing, counts)
    if not isinstance(one, NumberProfile) or not isinstance(other, NumberProfile):
        raise ValueError("a number and a category cannot be merged")
    if one.edges != other.edges:
        raise ValueError("profiles on different edges cannot be merged")
    known, theirs = one.rows - one.missing, other.rows - other.missing
    total, apart = known + theirs, other.mean - one.mean
    weight = theirs / total if total else 0.0
    return NumberProfile(
        rows=rows,
        missing=missing,
        mean=one.mean + apart * weight,
        squares=one.squares + other.squares + apart * apart * known * weight,
        min=min((m for m in (one.min, other.min) if m is not None), default=None),
        max=max((m for m in (one.max, other.max) if m is not None), default=None),
        edges=one.edges,
        counts=tuple(a + b for a, b in zip(one.counts, other.counts, strict=True)),
    )
