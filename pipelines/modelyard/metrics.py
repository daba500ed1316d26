"""How good predictions are, each metric with a 95 % confidence interval.

Intervals are percentile bootstrap (Efron and Tibshirani 1993, chapter 13): rows are drawn with
replacement `RESAMPLES` times with a fixed seed, the metric computed on each draw, and the 2.5th and
97.5th percentiles taken. A draw is a vector of row weights, so a metric is a weighted mean.
ROC AUC is the Mann-Whitney statistic, ties counted half. A metric that has no value (one class
only, no positive prediction) is None, never NaN.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from modelyard.project import Problem

RESAMPLES = 1000
# Above this many rows an interval is narrower than anyone reads; fewer draws bound the time.
_MAX_CELLS = 20_000_000
_BLOCK_CELLS = 2_000_000
_SEED = 20260101
_TINY = 1e-15

Array = npt.NDArray[Any]
Weighted = Callable[[Array], Array]


@dataclass(frozen=True)
class Metric:
    """A value and the interval that holds it with 95 % confidence; None where undefined."""

    value: float | None
    low: float | None
    high: float | None


def point_metrics(problem: Problem, answers: Array, scores: Array) -> dict[str, float | None]:
    """The metrics of `scores` (rows x classes, or rows x 1) without intervals."""
    return points(_metrics(problem, answers, scores), len(answers))


def metrics(problem: Problem, answers: Array, scores: Array) -> Mapping[str, Metric]:
    """The metrics with their intervals."""
    return drawn(_metrics(problem, answers, scores), len(answers))


def points(functions: Mapping[str, Weighted], rows: int) -> dict[str, float | None]:
    """What each function says of so many rows that count once each."""
    once = np.ones((1, rows))
    with np.errstate(divide="ignore", invalid="ignore"):
        return {name: finite(function(once)[0]) for name, function in functions.items()}


def drawn(
    functions: Mapping[str, Weighted], rows: int, clusters: Array | None = None
) -> Mapping[str, Metric]:
    """The same with intervals; rows of one cluster (a number from 0 each) are drawn together."""
    found = points(functions, rows)
    draws: dict[str, list[Array]] = {name: [] for name in functions}
    with np.errstate(divide="ignore", invalid="ignore"):
        for weights in _weights(rows, clusters):
            for name, function in functions.items():
                draws[name].append(function(weights))
    return {name: _interval(found[name], np.concatenate(draws[name])) for name in functions}


def expected(problem: Problem, scores: Array) -> Mapping[str, Metric]:
    """The metrics to expect if the probabilities are right, before any answer is known.

    Each row counts as every class it may turn out to be, by the class's probability (Garg et al.
    2022, "Leveraging unlabeled data to predict out-of-distribution performance", calibrated case).
    The interval is that of the rows drawn; it knows nothing of probabilities that are wrong.
    """
    rows, classes = scores.shape
    answers = np.repeat(np.arange(classes), rows)
    functions = _metrics(problem, answers, np.tile(scores, (classes, 1)))
    likely = scores.T.ravel()
    once = np.ones((1, rows))
    with np.errstate(divide="ignore", invalid="ignore"):
        found = {
            name: finite(function(np.tile(once, classes) * likely)[0])
            for name, function in functions.items()
        }
        draws: dict[str, list[Array]] = {name: [] for name in functions}
        for weights in _weights(rows):
            for name, function in functions.items():
                draws[name].append(function(np.tile(weights, classes) * likely))
    return {name: _interval(found[name], np.concatenate(draws[name])) for name in functions}


def _weights(rows: int, clusters: Array | None = None) -> Any:
    """How often each row is drawn, in blocks of resamples."""
    random = np.random.default_rng(_SEED)
    resamples = max(100, min(RESAMPLES, _MAX_CELLS // rows))
    block = max(1, min(resamples, _BLOCK_CELLS // rows))
    units = rows if clusters is None else int(clusters.max()) + 1
    for start in range(0, resamples, block):
        size = min(block, resamples - start)
        chosen = random.integers(0, units, (size, units))
        chosen += np.arange(size)[:, None] * units
        counts = np.bincount(chosen.ravel(), minlength=size * units).reshape(size, units)
        weights = counts.astype(float)
        yield weights if clusters is None else weights[:, clusters]


def _interval(point: float | None, draws: Array) -> Metric:
    defined = draws[np.isfinite(draws)]
    if point is None or not len(defined):
        return Metric(point, None, None)
    low, high = np.percentile(defined, [2.5, 97.5])
    return Metric(point, float(low), float(high))


def finite(value: Any) -> float | None:
    """The number, None where it is none."""
    return float(value) if math.isfinite(value) else None


def _metrics(problem: Problem, answers: Array, scores: Array) -> dict[str, Weighted]:
    if problem == "regression":
        return _regression(answers, scores[:, 0])
    if problem == "binary":
        return {**_binary(answers, scores[:, 1]), **_probabilistic(answers, scores)}
    return {**_multiclass(answers, scores), **_probabilistic(answers, scores)}


def _mean(values: Array) -> Weighted:
    return lambda weights: weights @ values / weights.sum(axis=1)


def _binary(answers: Array, probability: Array) -> dict[str, Weighted]:
    positive, predicted = answers == 1, probability > 0.5
    cells = [positive & predicted, ~positive & predicted, positive & ~predicted]
    cells.append(~positive & ~predicted)
    table = np.array(cells, dtype=float).T

    def of(formula: Callable[[Array, Array, Array, Array], Array]) -> Weighted:
        return lambda weights: formula(*(weights @ table).T)

    return {
        "roc_auc": _roc_auc(positive, probability),
        "accuracy": of(lambda tp, fp, fn, tn: (tp + tn) / (tp + fp + fn + tn)),
        "balanced_accuracy": of(lambda tp, fp, fn, tn: (tp / (tp + fn) + tn / (tn + fp)) / 2),
        "f1": of(lambda tp, fp, fn, tn: 2 * tp / (2 * tp + fp + fn)),
        "precision": of(lambda tp, fp, fn, tn: tp / (tp + fp)),
        "recall": of(lambda tp, fp, fn, tn: tp / (tp + fn)),
        "brier": _mean((probability - positive) ** 2),
    }


def _roc_auc(positive: Array, score: Array) -> Weighted:
    order = np.argsort(score, kind="stable")
    starts = np.flatnonzero(np.concatenate(([True], np.diff(score[order]) != 0)))
    is_positive = positive[order].astype(float)

    def auc(weights: Array) -> Array:
        ordered = weights[:, order]
        ups = np.add.reduceat(ordered * is_positive, starts, axis=1)
        downs = np.add.reduceat(ordered * (1 - is_positive), starts, axis=1)
        below = np.cumsum(downs, axis=1) - downs / 2
        return (ups * below).sum(axis=1) / (ups.sum(axis=1) * downs.sum(axis=1))

    return auc


def _multiclass(answers: Array, scores: Array) -> dict[str, Weighted]:
    predicted, classes = scores.argmax(axis=1), scores.shape[1]
    one_hot = np.eye(classes)
    actual, said = one_hot[answers], one_hot[predicted]
    hits = actual * said

    def recalls(weights: Array) -> Array:
        return weights @ hits / (weights @ actual)

    def f1s(weights: Array) -> Array:
        return 2 * (weights @ hits) / (weights @ actual + weights @ said)

    return {
        "accuracy": _mean((predicted == answers).astype(float)),
        "balanced_accuracy": lambda weights: _mean_of_defined(recalls(weights)),
        "macro_f1": lambda weights: _mean_of_defined(f1s(weights)),
    }


def _mean_of_defined(by_class: Array) -> Array:
    """Classes that a draw does not hold do not count, as in scikit-learn."""
    defined = np.isfinite(by_class)
    return np.where(defined, by_class, 0).sum(axis=1) / defined.sum(axis=1)


def _probabilistic(answers: Array, scores: Array) -> dict[str, Weighted]:
    chosen = np.clip(scores[np.arange(len(answers)), answers], _TINY, 1)
    return {"log_loss": _mean(-np.log(chosen))}


def _regression(answers: Array, predicted: Array) -> dict[str, Weighted]:
    error = answers - predicted
    squared = _mean(error**2)
    centered = answers - answers.mean()

    def r2(weights: Array) -> Array:
        variance = _mean(centered**2)(weights) - _mean(centered)(weights) ** 2
        return np.where(variance > 0, 1 - squared(weights) / variance, np.nan)

    return {
        "rmse": lambda weights: np.sqrt(squared(weights)),
        "mae": _mean(np.abs(error)),
        "r2": r2,
    }
