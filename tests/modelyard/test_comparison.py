"""Two versions are compared with intervals from the literature, and judged only on enough rows."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from scipy import stats

from modelyard import comparison, outcomes
from modelyard.captures import Record


def yes(count: int, size: int) -> list[bool]:
    return [number < count for number in range(size)]


@pytest.mark.parametrize(
    ("main", "challenger", "low", "high"),
    [
        ((48, 80), (56, 70), 0.0524, 0.3339),
        ((3, 10), (9, 10), 0.1705, 0.8090),
        ((0, 20), (10, 10), 0.6791, 1.0),
    ],
)
def test_interval_of_two_shares_is_newcombes(
    main: tuple[int, int], challenger: tuple[int, int], low: float, high: float
) -> None:
    """Table II of his paper, method 10."""
    found = comparison.shares("share", yes(*main), yes(*challenger), better=1).difference
    assert found is not None
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-4)


def test_interval_of_two_means_is_welchs() -> None:
    dice = np.random.default_rng(3)
    main, challenger = dice.normal(5, 1, 40).tolist(), dice.normal(5.5, 3, 60).tolist()
    found = comparison.means("mean", main, challenger, better=-1).difference
    expected = stats.ttest_ind(challenger, main, equal_var=False).confidence_interval()
    assert found is not None
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


@pytest.mark.parametrize(
    ("main", "challenger", "better", "verdict", "words"),
    [
        (500, 600, 1, "better", "the challenger is better: share +0.1, 95 % interval +0."),
        (600, 500, 1, "worse", "the challenger is worse"),
        (500, 600, -1, "worse", "the challenger is worse"),
        (500, 600, 0, "different", "the two differ"),
        (500, 505, 1, "no-difference", "no difference shown"),
    ],
)
def test_verdict_needs_an_interval_beside_zero(
    main: int, challenger: int, better: int, verdict: str, words: str
) -> None:
    found = comparison.shares("share", yes(main, 1000), yes(challenger, 1000), better)
    assert (found.verdict, found.sentence.startswith(words)) == (verdict, True), found.sentence


@pytest.mark.parametrize("size", [0, 1, 99])
def test_few_rows_give_no_verdict(size: int) -> None:
    found = comparison.shares("share", yes(0, 1000), yes(size, size), better=1)
    assert found.verdict == "not-enough-data"
    assert found.sentence == (
        f"not enough data: main has 1000 rows, the challenger {size}, and 100 of each are needed"
    )


@pytest.mark.parametrize("count", [0, 20])
def test_share_lies_within_its_interval(count: int) -> None:
    found = comparison.wilson(count, 20)
    assert 0 <= found.low <= found.value <= found.high <= 1


def record(variant: str, number: int, prediction: Any, **more: Any) -> Record:
    """A captured request of one row."""
    return Record(
        inference_id=f"{variant}-{number}",
        time=datetime(2026, 3, 4, tzinfo=UTC),
        model_package=f"arn:x:model-package/loans/{7 if variant == 'main' else 8}",
        variant=variant,
        rows=[{"a": number}],
        predictions=[{"prediction": prediction, **more}],
        in_window=True,
    )


def test_outcome_by_truth_comes_first_where_labels_are_there() -> None:
    records = [record("main", n, 1 if n < 60 else 0) for n in range(120)]
    records += [record("challenger", n, 1 if n < 110 else 0) for n in range(120)]
    labels = {(one.inference_id, 1): "1" for one in records}
    by_truth, by_decision = outcomes.compare(records, labels, "binary", "1")
    assert (by_truth.measure, by_truth.verdict) == ("share of right answers", "better")
    assert (by_decision.measure, by_decision.verdict) == ("share of '1'", "different")


def test_without_labels_only_decisions_are_compared() -> None:
    records = [record(variant, n, n % 2) for variant in ("main", "challenger") for n in range(120)]
    (found,) = outcomes.compare(records, {}, "binary", "1")
    assert found.verdict == "no-difference"


def test_regression_is_compared_by_its_error() -> None:
    dice = np.random.default_rng(2)
    records = [record("main", n, 10 + dice.normal()) for n in range(150)]
    records += [record("challenger", n, 10 + 0.1 * dice.normal()) for n in range(150)]
    labels = {(one.inference_id, 1): 10.0 for one in records}
    by_truth, by_decision = outcomes.compare(records, labels, "regression", "")
    assert (by_truth.measure, by_truth.verdict) == ("mean absolute error", "better")
    assert by_decision.measure == "mean prediction"


def test_shadow_is_held_against_main_on_the_rows_both_were_asked() -> None:
    records = [record("main", n, "yes", probability=0.7) for n in range(4)]
    records += [record("challenger", n, "yes", probability=0.7) for n in range(1, 3)]
    records += [record("challenger", 3, "no", probability=0.45), record("challenger", 9, "no")]
    found = outcomes.agree(records)
    assert (found.rows, found.equal) == (3, 2)
    assert found.largest == pytest.approx(0.25)
    assert found.sentence.startswith("66.7% of 3 rows get the same answer")


def test_shadow_that_saw_nothing_says_so() -> None:
    assert outcomes.agree([record("main", 1, "yes")]).sentence.startswith("not enough data")


def test_each_variant_is_named_by_its_version() -> None:
    records = [record("main", 1, 1), record("challenger", 1, 1)]
    found = outcomes.versions(records)
    assert found == {
        "challenger": "arn:x:model-package/loans/8",
        "main": "arn:x:model-package/loans/7",
    }
