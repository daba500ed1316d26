"""Probabilities that keep their word are told from those that do not."""

from collections.abc import Mapping
from functools import cache

import numpy as np
import pytest

from modelyard.calibration import calibration
from modelyard.metrics import Metric, expected, metrics


def drawn(rows: int, honest: bool) -> tuple[np.ndarray, np.ndarray]:
    dice = np.random.default_rng(7)
    probability = dice.uniform(0.02, 0.98, rows)
    answers = (dice.uniform(size=rows) < probability).astype(int)
    said = probability if honest else np.clip(probability**3, 0.001, 0.999)
    return answers, np.column_stack([1 - said, said])


@pytest.mark.parametrize("honest", [True, False])
def test_calibration_tells_honest_probabilities_from_others(honest: bool) -> None:
    assert calibration(*drawn(3000, honest))["calibrated"] is honest


def test_z_is_what_one_computes_by_hand() -> None:
    answers, scores = np.array([1, 0]), np.array([[0.2, 0.8], [0.4, 0.6]])
    # (1-0.8)(1-1.6) + (0-0.6)(1-1.2) over sqrt(0.36*0.16 + 0.04*0.24)
    hand = (0.2 * -0.6 + -0.6 * -0.2) / np.sqrt(0.36 * 0.16 + 0.04 * 0.24)
    assert calibration(answers, scores)["z"] == pytest.approx(hand)


def test_few_rows_are_not_called_calibrated() -> None:
    found = calibration(*drawn(40, honest=True))
    assert (found["calibrated"], "too few" in found["reason"]) == (False, True)


@cache
def known_and_guessed() -> tuple[Mapping[str, Metric], Mapping[str, Metric]]:
    """The metrics of honest probabilities, with the answers and without."""
    answers, scores = drawn(1500, honest=True)
    return metrics("binary", answers, scores), expected("binary", scores)


@pytest.mark.parametrize("metric", ["accuracy", "roc_auc", "brier", "f1"])
def test_the_estimate_without_answers_comes_close_to_the_truth(metric: str) -> None:
    true, guess = known_and_guessed()
    assert guess[metric].value == pytest.approx(true[metric].value, abs=0.03)


def test_expected_accuracy_is_the_mean_of_the_surer_side() -> None:
    scores = np.array([[0.3, 0.7], [0.9, 0.1], [0.45, 0.55]])
    assert expected("binary", scores)["accuracy"].value == pytest.approx((0.7 + 0.9 + 0.55) / 3)


def test_expected_accuracy_of_several_classes_is_the_mean_of_the_surest() -> None:
    scores = np.array([[0.2, 0.5, 0.3], [0.8, 0.1, 0.1]])
    assert expected("multiclass", scores)["accuracy"].value == pytest.approx((0.5 + 0.8) / 2)
