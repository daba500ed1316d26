"""How a model treats the groups of each protected attribute, which it never sees.

Binary: selection rate (share predicted positive), true and false positive rate, base rate.
Multiclass: accuracy. Regression: mean prediction, mean absolute error. `ratio` is the lowest of the
groups' leading measure over the highest, `gap` highest minus lowest (demographic parity ratio and
difference of fairlearn's `fairlearn.metrics`). Groups below MIN_ROWS are shown but not compared;
what has no value is None with a reason, never 0 or infinity. Binary models also get SageMaker
Clarify's metrics of each group (`bias`), marked `small` where a group is too few to be sure, each
with its 95 % interval (`bias_intervals`), and shares their Wilson interval (`intervals`).
`unlabelled` counts, by group, the rows whose outcome nobody knows; a group without any row that is
known cannot be judged and is listed all the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from modelyard import bias, bias_intervals
from modelyard.data import Column
from modelyard.project import Problem
from modelyard.tables import Arrays, is_numeric
from modelyard.values import MISSING

MIN_ROWS = 10
_MAX_GROUPS = 8
_LEADING: Mapping[Problem, str] = {
    "binary": "selection_rate",
    "multiclass": "accuracy",
    "regression": "mean_prediction",
}

Array = npt.NDArray[Any]


def fairness(
    problem: Problem,
    answers: Array,
    scores: Array,
    arrays: Arrays,
    protected: Sequence[Column],
    unlabelled: Mapping[str, Mapping[str, int]] | None = None,
) -> dict[str, Any]:
    """Per protected attribute its groups' measures, and their ratio and gap."""
    report: dict[str, Any] = {}
    for column in protected:
        names = group_names(arrays[column.name], column)
        groups = {
            str(name): _measures(problem, answers[names == name], scores[names == name])
            for name in sorted(set(names))
        }
        report[column.name] = {"groups": groups, **_compared(groups, _LEADING[problem])}
        if problem == "binary":
            report[column.name]["bias"] = _bias(names, answers == 1, scores[:, 1] > 0.5)
        unknown = dict((unlabelled or {}).get(column.name, {}))
        absent = dict.fromkeys(set(column.categories) - set(groups), 0)
        report[column.name]["unlabelled"] = {**absent, **unknown}
    return report


def unlabelled(arrays: Arrays, known: Array, protected: Sequence[Column]) -> dict[str, Any]:
    """By protected attribute and group, how many rows have no known outcome.

    A number of many values is left out: its bands are those of the rows that are looked at.
    """
    found = {}
    for column in protected:
        array = arrays[column.name]
        if is_numeric(column) and len(np.unique(array[~np.isnan(array)])) > _MAX_GROUPS:
            continue
        names, counts = np.unique(
            group_names(array, column)[~known].astype(str), return_counts=True
        )
        found[column.name] = {str(n): int(c) for n, c in zip(names, counts, strict=True)}
    return found


def decisions(
    problem: Problem, scores: Array, arrays: Arrays, protected: Sequence[Column]
) -> dict[str, Any]:
    """The same by decisions alone, before anyone knows whether they were right."""
    if problem == "multiclass":
        raise ValueError("decisions among several classes have no leading measure")
    leading = _LEADING[problem]
    decided = scores[:, 0] if problem == "regression" else (scores[:, 1] > 0.5).astype(float)
    report = {}
    for column in protected:
        names = group_names(arrays[column.name], column)
        groups = {
            str(name): {
                "rows": int((names == name).sum()),
                leading: _share(decided[names == name].sum(), (names == name).sum()),
            }
            for name in sorted(set(names))
        }
        report[column.name] = {"groups": groups, **_compared(groups, leading)}
    return report


def group_names(array: Array, column: Column) -> Array:
    """The group of each row; a number of many values is cut at its quartiles."""
    if not is_numeric(column):
        return array
    known = ~np.isnan(array)
    if len(np.unique(array[known])) <= _MAX_GROUPS:
        names = [f"{value:g}" if value == value else MISSING for value in array]
        return np.array(names, dtype=object)
    edges = np.unique(np.quantile(array[known], [0.25, 0.5, 0.75]))
    bounds = [f"{edge:g}" for edge in edges]
    bands = [f"below {bounds[0]}"]
    bands += [f"{low} to {high}" for low, high in pairwise(bounds)]
    bands.append(f"from {bounds[-1]}")
    cells = np.searchsorted(edges, array, side="right")
    names = [bands[cell] if here else MISSING for cell, here in zip(cells, known, strict=True)]
    return np.array(names, dtype=object)


def _bias(names: Array, labels: Array, selected: Array) -> dict[str, Any]:
    """SageMaker Clarify's metrics of each group against everybody else."""
    return {str(name): _facet(names == name, labels, selected) for name in sorted(set(names))}


def _facet(facet: Array, labels: Array, selected: Array) -> dict[str, Any]:
    others, group = (bias.count(each, labels, selected) for each in (~facet, facet))
    return {
        "rows": group.rows,
        "small": group.rows < bias.SMALL_GROUP,
        "pre_training": _plain(
            bias.pre_training(facet, labels), bias_intervals.pre_training(others, group)
        ),
        "post_training": _plain(
            bias.post_training(facet, labels, selected), bias_intervals.post_training(others, group)
        ),
    }


def _plain(
    found: Mapping[str, bias.Bias], intervals: Mapping[str, bias_intervals.Interval | None]
) -> dict[str, Any]:
    plain = {}
    for name, metric in found.items():
        low, high = (metric.value is not None and intervals.get(name)) or (None, None)
        plain[name] = {**asdict(metric), "low": low, "high": high}
    return plain


def _measures(problem: Problem, answers: Array, scores: Array) -> dict[str, Any]:
    rows = len(answers)
    if problem == "regression":
        error = np.abs(answers - scores[:, 0])
        mean = _share(scores[:, 0].sum(), rows)
        return {"rows": rows, "mean_prediction": mean, "mae": _share(error.sum(), rows)}
    if problem == "multiclass":
        return {"rows": rows, "accuracy": _share((scores.argmax(axis=1) == answers).sum(), rows)}
    positive, selected = answers == 1, scores[:, 1] > 0.5
    negative = ~positive
    parts = {
        "base_rate": (positive.sum(), rows),
        "selection_rate": (selected.sum(), rows),
        "true_positive_rate": ((selected & positive).sum(), positive.sum()),
        "false_positive_rate": ((selected & negative).sum(), negative.sum()),
    }
    return {
        "rows": rows,
        "positives": int(positive.sum()),
        **{name: _share(*part) for name, part in parts.items()},
        "intervals": {
            name: bias_intervals.share(int(part), int(whole))
            for name, (part, whole) in parts.items()
        },
    }


def _share(part: Any, whole: Any) -> float | None:
    return float(part) / float(whole) if whole else None


def _compared(groups: Mapping[str, Mapping[str, Any]], measure: str) -> dict[str, Any]:
    known = [g[measure] for g in groups.values() if g["rows"] >= MIN_ROWS]
    compared: dict[str, Any] = {"measure": measure, "ratio": None, "gap": None}
    if len(known) < 2:
        return {**compared, "reason": f"fewer than two groups with {MIN_ROWS} rows"}
    low, high = min(known), max(known)
    compared["gap"] = high - low
    if low < 0 or high <= 0:
        return {**compared, "reason": "a ratio needs positive measures"}
    return {**compared, "ratio": low / high}
