"""What could be done about bias, with its price: nothing here is ever applied by itself.

Reweighing (Kamiran and Calders 2012, "Data preprocessing techniques for classification without
discrimination", section 5.3) gives every training row the weight that makes group and label
independent: share of the group times share of the label over the share of both together.
`thresholds` tells what other decision thresholds, the same for everybody, would do.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from modelyard import bias, bias_intervals
from modelyard.data import Column, DataContract
from modelyard.errors import ModelyardError
from modelyard.fairness import MIN_ROWS, group_names
from modelyard.tables import Arrays

THRESHOLDS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)

# The hyperparameter in project.yaml with which a team adopts reweighing.
REWEIGH = "reweigh"

Array = npt.NDArray[Any]


class MitigationError(ModelyardError):
    """A mitigation that cannot be tried on these data."""


def reweighing(groups: Array, labels: Array) -> Mapping[tuple[str, str], float]:
    """The weight of each (group, label) that occurs; of all rows together they average 1."""
    rows = len(labels)
    names, answers = groups.astype(str), labels.astype(str)
    weights = {}
    for group in np.unique(names):
        for label in np.unique(answers):
            both = int(((names == group) & (answers == label)).sum())
            if both:
                expected = int((names == group).sum()) * int((answers == label).sum())
                weights[str(group), str(label)] = expected / (rows * both)
    return weights


def row_weights(groups: Array, labels: Array) -> npt.NDArray[np.float64]:
    """The weight of each row."""
    weights = reweighing(groups, labels)
    pairs = zip(groups.astype(str), labels.astype(str), strict=True)
    return np.array([weights[str(group), str(label)] for group, label in pairs])


def weights_for(stated: str, arrays: Arrays, labels: Array, contract: DataContract) -> Array:
    """The weight of each row for protected attributes as `reweigh` states them: "race" or
    "race,sex" for each combination.

    Raises:
        MitigationError: An attribute is not protected, or its groups have no labels to weigh.
    """
    names = [name.strip() for name in stated.split(",")]
    for name in names:
        if name not in contract.protected:
            known = ", ".join(contract.protected) or "none is"
            raise MitigationError(f"reweigh: '{name}' is not a protected attribute ({known})")
    parts = [group_names(arrays[name], contract[name]).astype(str) for name in names]
    groups = np.array([" ".join(row) for row in zip(*parts, strict=True)], dtype=object)
    return row_weights(groups, labels)


def thresholds(
    answers: Array, scores: Array, arrays: Arrays, protected: Sequence[Column]
) -> list[dict[str, Any]]:
    """For each threshold its accuracy, the share selected, and each attribute's lowest DI."""
    return [
        outcome(f"threshold {threshold}", answers, scores[:, 1] > threshold, arrays, protected)
        for threshold in THRESHOLDS
    ]


def outcome(
    name: str, answers: Array, selected: Array, arrays: Arrays, protected: Sequence[Column]
) -> dict[str, Any]:
    """One alternative's decisions: how often they are right, and whom they select."""
    right = int(((answers == 1) == selected).sum())
    return {
        "name": name,
        "accuracy": _share(right, len(answers)),
        "selection_rate": _share(int(selected.sum()), len(answers)),
        "fairness": {
            column.name: lowest_impact(group_names(arrays[column.name], column), answers, selected)
            for column in protected
        },
    }


def lowest_impact(names: Array, answers: Array, selected: Array) -> dict[str, Any] | None:
    """The lowest disparate impact (DI) of a group; None where none has MIN_ROWS rows."""
    found: list[dict[str, Any]] = []
    for group in np.unique(names.astype(str)):
        facet = names.astype(str) == group
        others, own = (bias.count(each, answers == 1, selected) for each in (~facet, facet))
        value = bias.post_training(facet, answers == 1, selected)["DI"].value
        if value is None or min(others.rows, own.rows) < MIN_ROWS:
            continue
        low, high = bias_intervals.post_training(others, own)["DI"] or (None, None)
        found.append({"group": str(group), "rows": own.rows, "DI": value, "low": low, "high": high})
    return min(found, key=lambda impact: impact["DI"]) if found else None


def _share(part: int, whole: int) -> dict[str, float | None]:
    low, high = bias_intervals.share(part, whole) or (None, None)
    return {"value": part / whole if whole else None, "low": low, "high": high}
