"""Profiles of parts merge to the profile of the whole."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelyard.data import Column
from modelyard.profile import (
    NumberProfile,
    baseline,
    document,
    merge,
    number_profile,
    parse,
    profile,
    quantile_edges,
)

NUMBER = Column(name="n", kind="number", use="feature")
COLOUR = Column(name="c", kind="category", use="feature", categories=("red", "blue"))
NOTE = Column(name="t", kind="text", use="feature")
COLUMNS = [NUMBER, COLOUR, NOTE]
EDGES = {"n": (-1.0, 0.0, 2.5), "t": (2.0, 4.0)}
FLOATS = st.floats(-1e6, 1e6) | st.just(float("nan")) | st.just(-0.0)
ROW = st.tuples(
    FLOATS, st.sampled_from(["red", "blue", "(other)", "(missing)"]), st.text(max_size=5)
)


def profiled(rows: list[tuple[float, str, str]]) -> Any:
    """The profile of a few rows on fixed edges."""
    columns = [[row[n] for row in rows] for n in range(3)]
    return profile(
        {
            "n": np.array(columns[0], dtype=float),
            "c": np.array(columns[1], dtype=object),
            "t": np.array(columns[2], dtype=object),
        },
        COLUMNS,
        EDGES,
    )


def same(one: Any, other: Any) -> None:
    """Counts are equal to the unit, moments to rounding."""
    for name, column in one.items():
        if isinstance(column, NumberProfile):
            assert column.counts == other[name].counts
            assert (column.rows, column.missing) == (other[name].rows, other[name].missing)
            assert (column.min, column.max) == (other[name].min, other[name].max)
            assert column.mean == pytest.approx(other[name].mean, rel=1e-9, abs=1e-6)
            assert column.squares == pytest.approx(other[name].squares, rel=1e-6, abs=1e-3)
        else:
            assert column == other[name]


@settings(deadline=None)
@given(st.lists(ROW), st.lists(ROW), st.lists(ROW))
def test_merge_is_the_profile_of_all_rows_in_any_grouping(a: Any, b: Any, c: Any) -> None:
    one, two, three = profiled(a), profiled(b), profiled(c)
    same(merge(merge(one, two), three), profiled(a + b + c))
    same(merge(one, merge(two, three)), profiled(a + b + c))
    same(merge(three, merge(one, two)), profiled(a + b + c))


@settings(deadline=None)
@given(st.lists(st.floats(-1e6, 1e6), min_size=1))
def test_every_number_falls_into_its_cell(numbers: list[float]) -> None:
    found = number_profile(np.array(numbers), (-1.0, 0.0, 2.5))
    expected = [
        sum(n < -1 for n in numbers),
        sum(-1 <= n < 0 for n in numbers),
        sum(0 <= n < 2.5 for n in numbers),
        sum(n >= 2.5 for n in numbers),
    ]
    assert list(found.counts) == expected


def test_moments_are_mean_and_sum_of_squared_deviations() -> None:
    found = number_profile(np.array([1.0, 2.0, np.nan, 6.0]), ())
    assert (found.mean, found.squares, found.missing) == (3.0, 14.0, 1)


def test_edges_are_distinct_quantiles() -> None:
    assert quantile_edges(np.array([1.0] * 50 + [2.0] * 50)) == (1.0, 2.0)
    assert len(quantile_edges(np.arange(100_000.0))) == 1000


@pytest.mark.parametrize("numbers", [[], [np.nan, np.nan]])
def test_column_without_numbers_has_a_profile(numbers: list[float]) -> None:
    found = number_profile(np.array(numbers, dtype=float), quantile_edges(np.array(numbers)))
    assert (found.missing, found.counts, found.min) == (len(numbers), (0,), None)


def test_baseline_survives_strict_json() -> None:
    arrays = {
        "n": np.array([1.0, np.nan, 3.0]),
        "c": np.array(["red", "(missing)", "(other)"], dtype=object),
        "t": np.array(["", "ab", "abc"], dtype=object),
    }
    found = baseline(arrays, COLUMNS)
    assert parse(json.loads(json.dumps(document(found), allow_nan=False))) == found


def test_profiles_on_other_edges_do_not_merge() -> None:
    one, other = number_profile(np.ones(2), (1.0,)), number_profile(np.ones(2), (2.0,))
    with pytest.raises(ValueError, match="different edges"):
        merge({"n": one}, {"n": other})
