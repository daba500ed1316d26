"""Metrics equal scikit-learn's, and their intervals hold what they promise."""

from typing import Any

import numpy as np
import pytest
from sklearn import metrics as oracle

from modelyard.metrics import metrics, point_metrics

DICE = np.random.default_rng(5)
ROWS = 400
BINARY = DICE.integers(0, 2, ROWS)
CHANCE = np.clip(np.round(0.3 * BINARY + DICE.uniform(0, 0.7, ROWS), 2), 0, 1)
TWO = np.column_stack([1 - CHANCE, CHANCE])
CLASSES = DICE.integers(0, 3, ROWS)
THREE = DICE.dirichlet([1, 1, 1], ROWS) * 0.7 + 0.3 * np.eye(3)[CLASSES]
NUMBERS = DICE.normal(5, 2, ROWS)
NEAR = NUMBERS + DICE.normal(0, 1, ROWS)
SAID = (CHANCE > 0.5).astype(int)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("roc_auc", oracle.roc_auc_score(BINARY, CHANCE)),
        ("accuracy", oracle.accuracy_score(BINARY, SAID)),
        ("balanced_accuracy", oracle.balanced_accuracy_score(BINARY, SAID)),
        ("f1", oracle.f1_score(BINARY, SAID)),
        ("precision", oracle.precision_score(BINARY, SAID)),
        ("recall", oracle.recall_score(BINARY, SAID)),
        ("log_loss", oracle.log_loss(BINARY, TWO)),
        ("brier", oracle.brier_score_loss(BINARY, CHANCE)),
    ],
)
def test_binary_metric_equals_scikit_learns(name: str, expected: float) -> None:
    assert point_metrics("binary", BINARY, TWO)[name] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("accuracy", oracle.accuracy_score(CLASSES, THREE.argmax(1))),
        ("balanced_accuracy", oracle.balanced_accuracy_score(CLASSES, THREE.argmax(1))),
        ("macro_f1", oracle.f1_score(CLASSES, THREE.argmax(1), average="macro")),
        ("log_loss", oracle.log_loss(CLASSES, THREE)),
    ],
)
def test_multiclass_metric_equals_scikit_learns(name: str, expected: float) -> None:
    assert point_metrics("multiclass", CLASSES, THREE)[name] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("rmse", oracle.root_mean_squared_error(NUMBERS, NEAR)),
        ("mae", oracle.mean_absolute_error(NUMBERS, NEAR)),
        ("r2", oracle.r2_score(NUMBERS, NEAR)),
    ],
)
def test_regression_metric_equals_scikit_learns(name: str, expected: float) -> None:
    assert point_metrics("regression", NUMBERS, NEAR[:, None])[name] == pytest.approx(expected)


def test_accuracy_interval_agrees_with_wilsons() -> None:
    measured = metrics("binary", BINARY, TWO)["accuracy"]
    p, z = float((BINARY == SAID).mean()), 1.96
    center = (p + z * z / (2 * ROWS)) / (1 + z * z / ROWS)
    half = z * np.sqrt(p * (1 - p) / ROWS + z * z / (4 * ROWS**2)) / (1 + z * z / ROWS)
    assert measured.low == pytest.approx(center - half, abs=0.01)
    assert measured.high == pytest.approx(center + half, abs=0.01)


def test_intervals_hold_the_value_and_are_the_same_every_time() -> None:
    once = metrics("binary", BINARY, TWO)
    assert once == metrics("binary", BINARY, TWO)
    assert all(m.low <= m.value <= m.high for m in once.values())  # type: ignore[operator]


@pytest.mark.parametrize(
    ("answers", "chance", "undefined"),
    [
        ([1, 1, 1], [0.9, 0.2, 0.7], {"roc_auc", "balanced_accuracy"}),
        ([0, 0, 0], [0.1, 0.2, 0.3],
         {"roc_auc", "balanced_accuracy", "f1", "precision", "recall"}),
        ([1, 0, 1], [0.1, 0.2, 0.3], {"precision"}),
    ],
)  # fmt: skip
def test_metric_without_a_value_is_none(
    answers: list[int], chance: list[float], undefined: set[str]
) -> None:
    scores = np.column_stack([1 - np.array(chance), chance])
    measured: dict[str, Any] = dict(metrics("binary", np.array(answers), scores))
    assert {name for name, metric in measured.items() if metric.value is None} == undefined


def test_tied_scores_count_half() -> None:
    tied = np.full((4, 2), 0.5)
    assert point_metrics("binary", np.array([0, 1, 0, 1]), tied)["roc_auc"] == 0.5


def test_large_test_sets_take_fewer_draws() -> None:
    answers = np.tile(BINARY, 500)
    scores = np.tile(TWO, (500, 1))
    measured = metrics("binary", answers, scores)["accuracy"]
    assert measured.low is not None and measured.high is not None
    assert measured.high - measured.low < 0.01
