"""Fairness gates: what is sure is met or failed, what is not is unclear, and nothing is silent."""

from typing import Any

import pytest

from modelyard.fairness_gates import FairnessResult, judge

DI = {"race": {"DI": {"min": 0.8}}}


def evaluation(
    value: float | None, low: float | None, high: float | None, rows: int = 200, **more: Any
) -> dict[str, Any]:
    """An evaluation with two groups; group d is measured so, group a meets everything."""
    fine = {"rows": 500, "small": False, "post_training": {"DI": {"value": 1, "low": 1, "high": 1}}}
    measured = {"value": value, "low": low, "high": high, "reason": more.pop("reason", None)}
    group = {"rows": rows, "small": rows < 30, "post_training": {"DI": measured}}
    return {"fairness": {"race": {"bias": {"a": fine, "d": group}, **more}}}


def of_d(found: dict[str, Any]) -> FairnessResult:
    """The result of group d."""
    return next(result for result in judge(DI, found).results if result.group == "d")


@pytest.mark.parametrize(
    ("value", "low", "high", "rows", "verdict", "is_open"),
    [
        (0.95, 0.85, 1.05, 200, "met", False),
        (0.80, 0.80, 0.90, 200, "met", False),
        (0.60, 0.50, 0.70, 200, "failed", True),
        (0.75, 0.60, 0.90, 200, "unclear", True),
        (0.85, 0.70, 1.00, 200, "unclear", False),
        (0.60, 0.50, 0.70, 3, "unclear", True),
        (0.95, None, None, 200, "unclear", False),
        (None, None, None, 200, "unclear", True),
    ],
)
def test_verdict_follows_the_interval_and_decision_the_value(
    value: float | None,
    low: float | None,
    high: float | None,
    rows: int,
    verdict: str,
    is_open: bool,
) -> None:
    found = of_d(evaluation(value, low, high, rows))
    assert (found.verdict, found.open) == (verdict, is_open)


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (
            evaluation(0.6, 0.5, 0.7),
            "race=d: DI 0.60 is below the minimum 0.80",
        ),
        (
            evaluation(0.75, 0.6, 0.9),
            "race=d: DI 0.75 is below the minimum 0.80 (unclear: anything from 0.60 to 0.90 is "
            "plausible)",
        ),
        (evaluation(0.6, 0.1, 2, 3), "race=d: DI 0.60 is below the minimum 0.80 (unclear: only 3 "
         "rows)"),
        (
            evaluation(None, None, None, reason="the denominator is 0"),
            "race=d: DI has no value, its minimum is 0.80: the denominator is 0",
        ),
    ],
)  # fmt: skip
def test_sentence_says_what_and_how_sure(found: dict[str, Any], sentence: str) -> None:
    assert of_d(found).sentence == sentence


def test_group_whose_outcomes_nobody_knows_is_open() -> None:
    found = judge(DI, evaluation(1, 1, 1, unlabelled={"e": 12, "d": 4}))
    assert [result.sentence for result in found.open] == [
        "race=e: DI has no value, its minimum is 0.80: none of its 12 rows has a known outcome"
    ]


def test_group_of_the_contract_without_rows_is_open() -> None:
    (found,) = judge(DI, evaluation(1, 1, 1, unlabelled={"e": 0})).open
    assert found.sentence.endswith("it has no rows")


def test_attribute_that_was_not_measured_is_open() -> None:
    (found,) = judge({"sex": {"DI": {"min": 0.8}}}, evaluation(1, 1, 1)).open
    assert found.sentence == (
        "sex=(all): DI has no value, its minimum is 0.80: there is no second group"
    )


def test_difference_is_bounded_on_both_sides() -> None:
    both = {"race": {"DI": {"min": 0.8, "max": 1.25}}}
    found = judge(both, evaluation(1.5, 1.4, 1.6))
    assert [(result.bound, result.verdict) for result in found.open] == [("max", "failed")]


def test_nothing_stated_needs_no_decision() -> None:
    assert judge({}, evaluation(0.1, 0.1, 0.1)).document() == {
        "needs_decision": False,
        "sentence": "no fairness gate applies",
        "results": [],
    }
