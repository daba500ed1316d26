"""Gates: inclusive bounds, and sentences that say what is wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelyard.gates import judge


def test_metric_below_its_minimum_is_told() -> None:
    judgement = judge({"roc_auc": {"min": 0.6}}, {"roc_auc": {"value": 0.58}})
    assert not judgement.passed
    assert judgement.sentence == "roc_auc 0.58 is below the minimum 0.60"


def test_near_miss_shows_the_digits_that_differ() -> None:
    judgement = judge({"roc_auc": {"min": 0.6}}, {"roc_auc": 0.59996})
    assert judgement.sentence == "roc_auc 0.59996 is below the minimum 0.60000"


def test_a_limit_is_shown_as_it_was_stated() -> None:
    judgement = judge({"roc_auc": {"min": 0.999}}, {"roc_auc": {"value": 0.9}})
    assert judgement.sentence == "roc_auc 0.900 is below the minimum 0.999"


def test_metric_above_its_maximum_is_told() -> None:
    judgement = judge({"rmse": {"max": 2}}, {"rmse": 2.5})
    assert judgement.sentence == "rmse 2.50 is above the maximum 2.00"


@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), "0.9", True, {"low": 0.9}])
def test_what_is_no_number_does_not_pass(value: object) -> None:
    judgement = judge({"roc_auc": {"min": 0.6}}, {"roc_auc": value})
    assert not judgement.passed
    assert judgement.sentence == "roc_auc was not measured, its minimum is 0.60"


def test_no_gates_is_not_a_pass() -> None:
    assert not judge({}, {"roc_auc": 1.0}).passed


def test_failures_are_told_without_what_was_met() -> None:
    judgement = judge({"a": {"min": 0.5}, "b": {"min": 0.5, "max": 0.7}}, {"a": 0.9, "b": 0.8})
    assert judgement.sentence == "b 0.80 is above the maximum 0.70"
    assert [result.passed for result in judgement.results] == [True, True, False]


def test_document_states_passed_as_the_integer_pipelines_compare() -> None:
    document = judge({"a": {"min": 0.5}}, {"a": 0.5}).document()
    assert document["passed"] == 1
    assert type(document["passed"]) is int
    assert document["results"][0]["sentence"] == "a 0.50 meets the minimum 0.50"


@given(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9))
def test_a_minimum_passes_exactly_what_is_not_below_it(limit: float, value: float) -> None:
    assert judge({"m": {"min": limit}}, {"m": value}).passed == (value >= limit)
