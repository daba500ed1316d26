"""Numbers fall into their cells, whatever they are, and sums are exact."""

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelyard import profile
from tests.modelyard.profile.examples import batch, number_baseline, numbers_of

RANDOM = np.random.default_rng(11)
SHAPES = {
    "normal": RANDOM.normal(50, 10, 20_000),
    "far from zero": RANDOM.normal(1.7e12, 1e9, 20_000),
    "tiny": RANDOM.normal(0, 1e-200, 20_000),
    "huge": RANDOM.normal(0, 1e200, 20_000),
    "skewed": RANDOM.lognormal(10, 1, 20_000),
    "very skewed": RANDOM.lognormal(0, 3, 20_000),
    "heavy tails": RANDOM.standard_cauchy(20_000),
    "whole numbers": RANDOM.integers(0, 100, 20_000).astype(float),
    "mostly zero": np.where(RANDOM.random(20_000) < 0.9, 0.0, RANDOM.lognormal(5, 2, 20_000)),
    "two values": RANDOM.integers(0, 2, 20_000).astype(float),
    "one value": np.full(20_000, 3.7),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_number_lies_between_the_edges_of_its_cell(shape: str) -> None:
    numbers = SHAPES[shape]
    found = number_baseline(numbers).columns["n"]
    assert isinstance(found, profile.NumberProfile)
    below = np.searchsorted(np.sort(numbers), found.edges, side="left")
    expected = np.diff([0, *below, len(numbers)])
    # An edge is known to a millionth of a step; a number that close to one may be across it.
    assert np.abs(np.cumsum(found.counts) - np.cumsum(expected)).max() <= 2
    assert sum(found.counts) == len(numbers)


@pytest.mark.parametrize("shape", SHAPES)
def test_no_cell_of_several_numbers_holds_much_of_the_baseline(shape: str) -> None:
    found = number_baseline(SHAPES[shape]).columns["n"]
    assert isinstance(found, profile.NumberProfile)
    assert found.scale.coarse <= 1 / 200
    wide = [n for i, n in enumerate(found.counts) if not found.scale.points[i]]
    assert max(wide) / found.known <= 1 / 200


@pytest.mark.parametrize("shape", SHAPES)
def test_mean_and_deviation_are_those_of_all_numbers(shape: str) -> None:
    numbers = SHAPES[shape]
    found = number_baseline(numbers).columns["n"]
    assert isinstance(found, profile.NumberProfile)
    span = float(np.ptp(numbers)) or abs(float(numbers[0]))
    assert found.mean == pytest.approx(
        math.fsum(numbers) / len(numbers), rel=1e-12, abs=span * 1e-9
    )
    deviation = float((numbers / span).std()) * span
    assert found.std == pytest.approx(deviation, rel=1e-6, abs=span * 1e-6)


@pytest.mark.parametrize("shape", SHAPES)
def test_quantiles_are_within_a_cell_of_the_exact_ones(shape: str) -> None:
    numbers = np.sort(SHAPES[shape])
    found = number_baseline(numbers).columns["n"]
    assert isinstance(found, profile.NumberProfile)
    low, high = numbers[int(len(numbers) * 0.49)], numbers[int(len(numbers) * 0.51)]
    assert found.median is not None
    assert low - abs(low) * 1e-4 <= found.median <= high + abs(high) * 1e-4


def test_sums_are_exact_for_numbers_on_the_grid() -> None:
    found = numbers_of(number_baseline(np.arange(100.0)), [3.0, 4.0, 1e6, -1e6, 1e300])
    exact = (Fraction(7) + Fraction(1e300)) / 5
    assert found.mean == pytest.approx(float(exact), rel=1e-9)
    near = numbers_of(number_baseline(np.arange(100.0)), [1.0, 2.0, 6.0])
    assert (near.mean, near.std) == (3.0, pytest.approx(math.sqrt(14 / 3)))


def test_negative_zero_is_zero() -> None:
    baseline = number_baseline([-1.0, 0.0, 1.0])
    assert numbers_of(baseline, [-0.0]) == numbers_of(baseline, [0.0])


@pytest.mark.parametrize("shape", ["normal", "very skewed", "mostly zero"])
@pytest.mark.parametrize("value", [-1e300, -5.0, -0.0, 1e300])
def test_numbers_off_the_grid_count_into_its_ends(shape: str, value: float) -> None:
    baseline = number_baseline(SHAPES[shape])
    found = numbers_of(baseline, [value])
    exact = np.searchsorted(found.edges, value, side="right")
    assert [i for i, count in enumerate(found.counts) if count] == [exact]


def test_nan_null_and_infinite_rows_are_told_apart() -> None:
    rows = pa.array([1.0, None, float("nan"), math.inf, -math.inf, 1e302], from_pandas=False)
    found = numbers_of(number_baseline([1.0, 2.0]), rows)
    assert (found.null, found.nan, found.infinite, found.known) == (1, 1, 3, 1)
    assert (found.missing, found.min, found.max) == (2, 1.0, 1.0)


def test_rows_outside_the_baselines_range_are_counted() -> None:
    found = numbers_of(number_baseline(np.arange(10.0)), [-1.0, 0.0, 9.0, 9.5, 1e9])
    assert (found.below, found.above) == (1, 2)


def test_ties_have_cells_of_their_own() -> None:
    numbers = [0.0] * 500 + [1.0] * 300 + RANDOM.uniform(2, 3, 200).tolist()
    found = number_baseline(numbers).columns["n"]
    assert isinstance(found, profile.NumberProfile)
    points = {found.edges[i - 1]: n for i, n in enumerate(found.counts) if found.scale.points[i]}
    assert (points[0.0], points[1.0]) == (500, 300)


@pytest.mark.parametrize("numbers", [[], [math.nan, math.nan]])
def test_a_column_without_numbers_has_a_profile(numbers: Sequence[float]) -> None:
    found = number_baseline(numbers).columns["n"]
    assert isinstance(found, profile.NumberProfile)
    assert (found.missing, found.counts, found.min) == (len(numbers), (0,), None)
    assert (found.mean, found.std, found.median) == (None, None, None)


def test_no_rows_have_a_profile() -> None:
    found = numbers_of(number_baseline([1.0, 2.0]), np.empty(0))
    assert (found.rows, found.known, found.mean) == (0, 0, None)


@settings(deadline=None)
@given(
    st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=50),
    st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=50),
)
def test_larger_numbers_never_lie_in_lower_cells(baseline: Any, numbers: Any) -> None:
    stored = number_baseline(baseline)
    cells = []
    for number in sorted(numbers):
        found = profile.batches([batch(n=[number])], stored).columns["n"]
        assert isinstance(found, profile.NumberProfile)
        cells.append(found.counts.index(1) if 1 in found.counts else cells[-1] if cells else -1)
    assert cells == sorted(cells)
