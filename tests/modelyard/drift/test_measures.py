"""Distances agree with scipy on the same cells, with closed forms, and with cases done by hand."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import spatial, special, stats

from modelyard.drift import groups, measures, significance
from modelyard.drift.measured import measure
from modelyard.profile import NumberProfile, batches
from tests.modelyard.profile.examples import batch, number_baseline

RANDOM = np.random.default_rng(5)
SAMPLES = {
    "undrifted": (RANDOM.normal(0, 1, 30_000), RANDOM.normal(0, 1, 20_000)),
    "shifted": (RANDOM.normal(0, 1, 30_000), RANDOM.normal(0.2, 1, 20_000)),
    "wider": (RANDOM.normal(0, 1, 30_000), RANDOM.normal(0, 1.5, 20_000)),
    "skewed": (RANDOM.lognormal(9, 2, 30_000), RANDOM.lognormal(9.3, 2, 20_000)),
    "tied": (RANDOM.poisson(3, 30_000).astype(float), RANDOM.poisson(3.4, 20_000).astype(float)),
    "mostly zero": (
        np.where(RANDOM.random(30_000) < 0.8, 0, RANDOM.lognormal(3, 1, 30_000)),
        np.where(RANDOM.random(20_000) < 0.7, 0, RANDOM.lognormal(3, 1, 20_000)),
    ),
    "booleans": (
        (RANDOM.random(30_000) < 0.2).astype(float),
        (RANDOM.random(20_000) < 0.3).astype(float),
    ),
    "a short window": (RANDOM.normal(0, 1, 30_000), RANDOM.normal(0.3, 1, 100)),
}
COUNTS = st.lists(st.integers(0, 500), min_size=2, max_size=12)


def measured(then: Any, now: Any) -> Any:
    baseline = number_baseline(then)
    current = batches([batch(n=np.asarray(now, dtype=float))], baseline)
    return measure(baseline.columns["n"], current.columns["n"])


@pytest.mark.parametrize("name", SAMPLES)
def test_ks_is_scipys_within_its_stated_error(name: str) -> None:
    then, now = SAMPLES[name]
    found, exact = measured(then, now), stats.ks_2samp(then, now).statistic
    # Never above: it is the distance at some of the places where scipy looks at all.
    assert found.ks <= exact + 1e-9
    assert exact <= found.ks + found.ks_error
    assert found.ks_error <= 0.005


def test_ks_of_ties_is_exact() -> None:
    then, now = SAMPLES["tied"]
    assert measured(then, now).ks == pytest.approx(stats.ks_2samp(then, now).statistic, abs=1e-12)


@pytest.mark.parametrize("name", SAMPLES)
def test_js_is_scipys_on_the_same_groups(name: str) -> None:
    found = measured(*SAMPLES[name])
    exact = spatial.distance.jensenshannon(found.groups.then, found.groups.now, base=2)
    assert found.js == pytest.approx(exact, abs=1e-7)


def test_psi_of_known_shares_is_the_closed_form() -> None:
    then, now = np.array([0.5, 0.5]), np.array([0.8, 0.2])
    assert measures.psi(then, now) == pytest.approx(0.3 * math.log(1.6) - 0.3 * math.log(0.4))


def test_an_empty_cell_counts_as_the_floor() -> None:
    by_hand = (0.9999 - 0.5) * 0 + 0.5 * math.log(0.5 / 1e-4) - 0.0001 * math.log(0.5 / 1e-4)
    found = measures.psi(np.array([1.0, 0.0]), np.array([0.5, 0.5]))
    assert found == pytest.approx(by_hand - 0.5 * math.log(0.5))


def test_psi_of_a_shifted_normal_column_is_the_square_of_the_shift() -> None:
    then = stats.norm.ppf((np.arange(100_000) + 0.5) / 100_000)
    assert measured(then, then + 0.3).psi == pytest.approx(0.09, rel=0.06)


@pytest.mark.parametrize("shift", [0.1, 0.3, 1.0])
def test_separability_is_that_of_two_normal_columns(shift: float) -> None:
    auc = stats.norm.cdf(shift / math.sqrt(2))
    assert measures.separability(shift**2) == pytest.approx(2 * auc - 1)


@pytest.mark.parametrize("name", SAMPLES)
def test_the_same_rows_are_not_apart_at_all(name: str) -> None:
    then, _ = SAMPLES[name]
    found = measured(then, then)
    assert (found.psi, found.ks, found.js, found.divergence, found.moved) == (0, 0, 0, 0, 0)


def test_disjoint_numbers_are_wholly_apart() -> None:
    found = measured(np.arange(1000.0), np.arange(5000.0, 6000.0))
    assert found.ks >= 1 - 1 / 500
    assert math.isfinite(found.psi)
    assert found.outside_share == 1


def test_js_of_disjoint_shares_is_one() -> None:
    assert measures.js(np.array([1.0, 0.0]), np.array([0.0, 1.0])) == pytest.approx(1)


def test_noise_is_what_undrifted_windows_show() -> None:
    shares = np.full(10, 0.1)
    then = RANDOM.multinomial(5000, shares, 400)
    now = RANDOM.multinomial(1000, shares, 400)
    pairs = zip(then, now, strict=True)
    found = [measures.psi(measures.shares(a), measures.shares(b)) for a, b in pairs]
    assert np.mean(found) == pytest.approx(measures.psi_noise(then[0], now[0]), rel=0.1)


def test_groups_are_the_baselines_deciles() -> None:
    found = measured(*SAMPLES["undrifted"])
    assert len(found.groups.then) == 10
    assert found.groups.then / found.groups.then.sum() == pytest.approx(0.1, abs=0.003)


def test_a_frequent_number_is_a_group_by_itself() -> None:
    found = measured(*SAMPLES["booleans"])
    assert [bar.label for bar in found.groups.bars] == ["0", "1"]
    assert sum(bar.now for bar in found.groups.bars) == pytest.approx(1)


def test_bars_say_where_groups_begin_and_end() -> None:
    found = measured(np.arange(1000.0), np.arange(1000.0))
    assert isinstance(found.then, NumberProfile)
    assert found.groups.bars[0].label.startswith("below ")
    assert (found.groups.bars[0].low, found.groups.bars[-1].high) == (0.0, 999.0)
    assert all(isinstance(bar, groups.Bar) for bar in found.groups.bars)


@settings(deadline=None)
@given(st.data(), COUNTS)
def test_chi_square_is_scipys_where_enough_is_expected(data: Any, then: list[int]) -> None:
    now = data.draw(st.lists(st.integers(0, 500), min_size=len(then), max_size=len(then)))
    table = np.array([then, now], dtype=float)
    table = table[:, table.sum(axis=0) > 0]
    if table.shape[1] < 2 or not table.sum(axis=1).all():
        assert significance.chi_square(np.array(then), np.array(now)) is None
        return
    exact = stats.chi2_contingency(table, correction=False)
    if exact.expected_freq.min() >= significance.MIN_EXPECTED:
        found = significance.chi_square(np.array(then), np.array(now))
        assert found == pytest.approx(exact.pvalue, rel=1e-9, abs=1e-300)


@settings(deadline=None)
@given(COUNTS, st.integers(0, 3))
def test_rare_cells_are_pooled_into_a_test_that_holds(then: list[int], few: int) -> None:
    now = [few] * len(then)
    found = significance.chi_square(np.array(then), np.array(now))
    assert found is None or 0 <= found <= 1


@settings(deadline=None)
@given(st.integers(1, 2000), st.floats(0, 1e5))
def test_upper_gamma_is_scipys(df: int, statistic: float) -> None:
    exact = float(special.gammaincc(df / 2, statistic / 2))
    found = significance.upper_gamma(df / 2, statistic / 2)
    assert found == pytest.approx(exact, rel=1e-8, abs=1e-290)


@settings(deadline=None)
@given(st.integers(1, 400), st.integers(1, 400), st.data())
def test_rates_are_fishers_where_little_is_expected(then: int, now: int, data: Any) -> None:
    some, few = data.draw(st.integers(0, then)), data.draw(st.integers(0, now))
    total, marked = then + now, some + few
    if min(marked, total - marked) * min(then, now) / total >= significance.MIN_EXPECTED:
        return
    law = stats.hypergeom(total, marked, now)
    above = few * total >= marked * now
    tail = law.sf(few - 1) if above else law.cdf(few)
    found = significance.rates(some, then, few, now)
    assert found == pytest.approx(min(1.0, 2 * float(tail)), rel=1e-6, abs=1e-300)


def test_a_rate_that_was_zero_is_seen_to_rise() -> None:
    found = significance.rates(0, 10_000, 30, 1000)
    assert found is not None
    assert found < 1e-20


@pytest.mark.parametrize("distance", [0.001, 0.01, 0.02, 0.05, 0.5])
def test_kolmogorov_is_scipys_for_large_windows(distance: float) -> None:
    root = math.sqrt(10_000 * 10_000 / 20_000)
    exact = float(special.kolmogorov((root + 0.12 + 0.11 / root) * distance))
    found = significance.kolmogorov(distance, 10_000, 10_000)
    assert found == pytest.approx(exact, abs=1e-9)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_adjusted_p_values_are_scipys(values: list[float]) -> None:
    exact = stats.false_discovery_control(values)
    assert significance.adjusted(values) == pytest.approx(list(exact))


def test_columns_without_a_test_do_not_count() -> None:
    assert significance.adjusted([0.01, None, 0.02]) == [0.02, None, 0.02]
