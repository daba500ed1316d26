"""Groups are compared where they can be, and said to be too small where they cannot."""

from typing import Any

import numpy as np
import pytest

from modelyard.data import Column
from modelyard.fairness import fairness, group_names, unlabelled

GROUP = Column(name="group", kind="category", use="protected", categories=("a", "b"))
AGE = Column(name="age", kind="number", use="protected")


def report(groups: list[str], answers: list[int], chance: list[float]) -> Any:
    """The fairness report of a binary model for one attribute."""
    scores = np.column_stack([1 - np.array(chance), chance])
    arrays = {"group": np.array(groups, dtype=object)}
    return fairness("binary", np.array(answers), scores, arrays, [GROUP])["group"]


def test_rates_are_those_of_the_confusion_table() -> None:
    found = report(["a"] * 4, [1, 1, 0, 0], [0.9, 0.2, 0.8, 0.1])["groups"]["a"]
    assert found.pop("intervals")["base_rate"] == pytest.approx((0.1500, 0.8500), abs=5e-5)
    assert found == {
        "rows": 4, "positives": 2, "base_rate": 0.5, "selection_rate": 0.5,
        "true_positive_rate": 0.5, "false_positive_rate": 0.5,
    }  # fmt: skip


def test_ratio_is_lowest_over_highest_selection_rate() -> None:
    chance = [0.9] * 8 + [0.1] * 2 + [0.9] * 4 + [0.1] * 6
    found = report(["a"] * 10 + ["b"] * 10, [1] * 20, chance)
    assert (found["ratio"], found["gap"]) == (0.5, 0.4)


def test_small_group_is_shown_but_not_compared() -> None:
    found = report(["a"] * 10 + ["b"] * 9, [1] * 19, [0.9] * 19)
    assert found["groups"]["b"]["rows"] == 9
    assert found["ratio"] is None
    assert found["reason"] == "fewer than two groups with 10 rows"


def test_rate_without_rows_is_none() -> None:
    assert report(["a"], [1], [0.9])["groups"]["a"]["false_positive_rate"] is None


def test_nobody_selected_has_a_gap_but_no_ratio() -> None:
    found = report(["a"] * 10 + ["b"] * 10, [1] * 20, [0.1] * 20)
    assert (found["gap"], found["ratio"]) == (0.0, None)


def test_number_of_many_values_is_cut_at_its_quartiles() -> None:
    ages = np.array([*range(20, 60), np.nan], dtype=float)
    names = group_names(ages, AGE)
    assert sorted(set(names)) == [
        "(missing)", "29.75 to 39.5", "39.5 to 49.25", "below 29.75", "from 49.25",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("problem", "measure"), [("multiclass", "accuracy"), ("regression", "mae")]
)
def test_other_problems_have_measures_of_their_own(problem: Any, measure: str) -> None:
    scores = np.eye(3)[[0, 1, 2] * 10] if problem == "multiclass" else np.ones((30, 1))
    arrays = {"group": np.array(["a", "b"] * 15, dtype=object)}
    found = fairness(problem, np.array([0, 1, 2] * 10), scores, arrays, [GROUP])
    assert measure in found["group"]["groups"]["a"]


def test_ninety_against_sixty_eight_percent_is_a_gap_of_twenty_two_points() -> None:
    chance = [0.9] * 90 + [0.1] * 10 + [0.9] * 34 + [0.1] * 16
    found = report(["a"] * 100 + ["b"] * 50, [1] * 150, chance)
    assert found["gap"] == pytest.approx(0.22)
    assert found["ratio"] == pytest.approx(0.68 / 0.9)


def test_binary_models_get_clarifys_metrics_and_a_warning_for_few() -> None:
    found = report(["a"] * 40 + ["b"] * 10, [1] * 25 + [0] * 25, [0.9] * 30 + [0.1] * 20)["bias"]
    assert found["b"]["small"] and not found["a"]["small"]
    dppl = found["b"]["post_training"]["DPPL"]
    assert (dppl["value"], dppl["reason"]) == (0.75, None)
    assert 0 < dppl["low"] < 0.75 < dppl["high"] < 1


def test_three_people_are_shown_with_the_width_of_what_is_plausible() -> None:
    found = report(["a"] * 60 + ["b"] * 3, [1] * 63, [0.9] * 50 + [0.1] * 10 + [0.1] * 3)["bias"]
    impact = found["b"]["post_training"]["DI"]
    assert (found["b"]["small"], impact["value"]) == (True, 0.0)
    assert impact["high"] - impact["low"] > 1


def test_group_without_any_known_outcome_is_listed() -> None:
    arrays = {"group": np.array(["a", "a", "b", "b"], dtype=object)}
    unknown = unlabelled(arrays, np.array([True, True, False, False]), [GROUP])
    assert unknown == {"group": {"b": 2}}
    scores = np.array([[0.1, 0.9]] * 2)
    known = {"group": arrays["group"][:2]}
    found = fairness("binary", np.array([1, 0]), scores, known, [GROUP], unknown)
    assert found["group"]["unlabelled"] == {"b": 2}


def test_group_of_the_contract_that_never_occurs_is_listed() -> None:
    assert report(["a"] * 4, [1] * 4, [0.9] * 4)["unlabelled"] == {"b": 0}
