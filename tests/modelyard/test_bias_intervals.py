"""Intervals of bias metrics: the published examples, honest in small groups, silent where blind."""

import math

import numpy as np
import pytest

from modelyard import bias_intervals
from modelyard.bias import Counts, post_training, pre_training

MANY = Counts(rows=200, positives=100, tp=80, fp=30, fn=20, tn=70)
FEWER = Counts(rows=100, positives=50, tp=30, fp=10, fn=20, tn=40)
THREE = Counts(rows=3, positives=2, tp=0, fp=0, fn=2, tn=1)
# Rows that count to the two tables above.
FACET = np.repeat([False, True], [200, 100])
LABELS = np.repeat([True, False, True, False] * 2, [80, 30, 20, 70, 30, 10, 20, 40])
DECIDED = np.repeat([True, True, False, False] * 2, [80, 30, 20, 70, 30, 10, 20, 40])


def test_share_has_wilsons_interval() -> None:
    # Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I: 81/263.
    assert bias_intervals.share(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        # Newcombe 1998, "Interval estimation for the difference", table II, method 10.
        ((56, 70), (48, 80), (0.0524, 0.3339)),
        ((9, 10), (3, 10), (0.1705, 0.8090)),
        ((10, 10), (0, 10), (0.6075, 1.0)),
    ],
)
def test_difference_has_newcombes_interval(
    one: tuple[int, int], other: tuple[int, int], expected: tuple[float, float]
) -> None:
    assert bias_intervals.difference(one, other) == pytest.approx(expected, abs=5e-5)


def test_ratio_has_a_log_interval_with_half_a_case_added() -> None:
    low, high = bias_intervals.ratio((40, 100), (110, 200)) or (0, 0)
    middle = math.log(40.5 / 100.5) - math.log(110.5 / 200.5)
    half = 1.959964 * math.sqrt(1 / 40.5 - 1 / 100.5 + 1 / 110.5 - 1 / 200.5)
    assert (low, high) == pytest.approx((math.exp(middle - half), math.exp(middle + half)))


def test_nobody_of_three_is_not_certain() -> None:
    low, high = bias_intervals.post_training(MANY, THREE)["DI"] or (0, 0)
    assert 0 < low < 0.1
    assert high > 1


@pytest.mark.parametrize("name", ["DCA", "DCR", "TE", "GE"])
def test_what_must_be_drawn_again_has_no_interval_in_a_group_of_three(name: str) -> None:
    assert bias_intervals.post_training(MANY, THREE)[name] is None


POST = post_training(FACET, LABELS, DECIDED)
PRE = pre_training(FACET, LABELS)


@pytest.mark.parametrize("name", [*POST])
def test_interval_of_decisions_holds_the_value(name: str) -> None:
    low, high = bias_intervals.post_training(MANY, FEWER)[name] or (math.nan, math.nan)
    assert low <= (POST[name].value or 0.0) <= high
    assert low < high


@pytest.mark.parametrize("name", [*PRE])
def test_interval_of_labels_holds_the_value(name: str) -> None:
    low, high = bias_intervals.pre_training(MANY, FEWER)[name] or (math.nan, math.nan)
    assert low - 1e-12 <= (PRE[name].value or 0.0) <= high


def test_drawn_intervals_agree_with_the_closed_form() -> None:
    drawn = bias_intervals._Drawn(MANY, FEWER).interval(
        lambda a, d: (a[:, 0] + a[:, 1]) / 200 - (d[:, 0] + d[:, 1]) / 100
    )
    assert drawn == pytest.approx(bias_intervals.post_training(MANY, FEWER)["DPPL"], abs=0.02)


def test_same_counts_have_the_same_interval() -> None:
    assert bias_intervals.post_training(MANY, FEWER) == bias_intervals.post_training(MANY, FEWER)
