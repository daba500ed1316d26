"""Explanations of models made of trees: along each row's path, the split's column gets the step.

The steps of a path add up to the answer minus the root's, so nothing is approximated ("decision
path decomposition", Saabas 2014). LightGBM and XGBoost give Shapley values, which add up too.
The columns a tree sees are made from the contract's by the steps before it; which from which is
found by changing one at a time, and a made column of several origins means no explanation.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from modelyard import boosters
from modelyard.explain import Explanation, ExplanationError, Unit
from modelyard.scorer import Floats
from modelyard.tables import Arrays, as_frame

if TYPE_CHECKING:
    import pandas as pd

    from modelyard.model import Model

_FORESTS = frozenset(
    f"{name}{kind}"
    for name in ("DecisionTree", "ExtraTree", "RandomForest", "ExtraTrees")
    for kind in ("Classifier", "Regressor")
)
_BOOSTED = frozenset(("GradientBoostingClassifier", "GradientBoostingRegressor"))
# Objectives whose trees add up to the logarithm of the answer, which is no unit of its own here.
_OF_THE_LOGARITHM = frozenset(
    ("poisson", "gamma", "tweedie", "count:poisson", "reg:gamma", "reg:tweedie", "survival:cox")
)
# So many values of a column are tried, beside so many rows as they are.
_TRIED, _BESIDE = 200, 3


def document(estimator: Any, arrays: Arrays, frame: "pd.DataFrame") -> dict[str, Any] | None:
    """What is stored beside a model of trees: the column each made column comes from."""
    steps, final = _split(estimator)
    name = type(final).__name__
    booster = boosters.library(final) is not None
    if not booster and name not in _FORESTS | _BOOSTED:
        return None
    if booster and getattr(final, "objective", None) in _OF_THE_LOGARITHM:
        return None
    if name in _BOOSTED and getattr(final, "init", None) not in (None, "zero"):
        return None
    origins = _origins(steps, arrays, frame)
    if origins is None:
        return None
    forest = name in _FORESTS
    unit = "probability" if name.endswith("Classifier") and forest else "log-odds"
    return {
        "method": "trees",
        "unit": "target" if name.endswith("Regressor") else unit,
        "origins": origins,
    }


def explain(model: "Model", document: Mapping[str, Any], arrays: Arrays) -> Explanation:
    """The explanation of converted rows."""
    reads_arrays = getattr(model.estimator, "reads_arrays", False)
    source = arrays if reads_arrays else as_frame(arrays, model.contract.feature_columns)
    base, made = _contributions(model.estimator, source)
    if len(model.labels) == 2 and len(base) == 2:
        base, made = base[1:], made[:, :, 1:]
    origins: Sequence[str | None] = document["origins"]
    strays = [i for i, origin in enumerate(origins) if origin is None and made[:, i].any()]
    if strays:
        raise ExplanationError(f"made column {strays[0]} comes from no column that is known")
    contributions = {
        name: made[:, [i for i, origin in enumerate(origins) if origin == name]].sum(axis=1)
        for name in model.contract.features
    }
    return Explanation(cast(Unit, document["unit"]), base, contributions)


def _contributions(estimator: Any, source: Any) -> tuple[Floats, Floats]:
    """Base (outputs) and contributions (rows, made columns, outputs) in the estimator's units."""
    if hasattr(estimator, "contributions"):
        found = estimator.contributions(source)
        return found[0, -1], found[:, :-1]
    steps, final = _split(estimator)
    # scikit-learn's trees compare in single precision ("sklearn.tree", DTYPE).
    made = np.asarray(_transformed(steps, source), dtype=np.float32)
    if type(final).__name__ in _BOOSTED:
        grid = final.estimators_
        stages = [
            _tree(tree.tree_, made, grid.shape[1], output) * final.learning_rate
            for row in grid
            for output, tree in enumerate(row)
        ]
        total = np.sum(stages, axis=0)
        decision = getattr(final, "decision_function", final.predict)(made)
        moved = total.sum(axis=1)
        return (np.asarray(decision).reshape(len(made), -1) - moved)[0], total
    trees = [tree.tree_ for tree in getattr(final, "estimators_", [final])]
    outputs = getattr(final, "n_classes_", 1)
    total = np.mean([_tree(tree, made, outputs, None) for tree in trees], axis=0)
    return np.mean([_values(tree)[0] for tree in trees], axis=0), total


def _tree(tree: Any, made: Any, outputs: int, output: int | None) -> Floats:
    """One tree's steps by made column: of all outputs, or of the one it was grown for."""
    values, leaves = _values(tree), tree.apply(made)
    parent = np.full(tree.node_count, -1)
    for side in (tree.children_left, tree.children_right):
        parent[side[side >= 0]] = np.flatnonzero(side >= 0)
    result = np.zeros((len(made), tree.n_features, outputs))
    for leaf in np.unique(leaves):
        steps, node = np.zeros((tree.n_features, values.shape[1])), leaf
        while parent[node] >= 0:
            steps[tree.feature[parent[node]]] += values[node] - values[parent[node]]
            node = parent[node]
        if output is None:
            result[leaves == leaf] = steps
        else:
            result[leaves == leaf, :, output] = steps[:, 0]
    return result


def _values(tree: Any) -> Floats:
    """What each node answers; inner ones anew from their leaves, which boosting moves."""
    values = np.array(tree.value[:, 0, :], dtype=np.float64)
    weight = tree.weighted_n_node_samples
    for node in range(tree.node_count - 1, -1, -1):
        left, right = tree.children_left[node], tree.children_right[node]
        if left >= 0:
            both = weight[left] * values[left] + weight[right] * values[right]
            values[node] = both / (weight[left] + weight[right])
    return values


def _split(estimator: Any) -> tuple[Any, Any]:
    """The steps that make a model's columns, and the model."""
    if not hasattr(estimator, "steps"):
        return None, estimator
    return (estimator[:-1] if len(estimator.steps) > 1 else None), estimator.steps[-1][1]


def _transformed(steps: Any, frame: "pd.DataFrame") -> Any:
    made: Any = frame if steps is None else steps.transform(frame)
    return made.toarray() if hasattr(made, "toarray") else np.asarray(made)


def _origins(steps: Any, arrays: Arrays, frame: "pd.DataFrame") -> list[str | None] | None:
    """The one column each made column changes with (None: with none); None where it has two."""
    if steps is None:
        return list(map(str, frame.columns))
    origins: dict[int, str] = {}
    width = 0
    beside = np.linspace(0, len(frame) - 1, min(_BESIDE, len(frame))).astype(int)
    for name, array in arrays.items():
        tried = _distinct(array)
        for row in beside:
            probe = frame.iloc[np.full(len(tried), row)].reset_index(drop=True)
            probe[name] = tried
            made = _transformed(steps, probe)
            width = made.shape[1]
            for index in np.flatnonzero((made != made[0]).any(axis=0) & ~_all_nan(made)):
                if origins.setdefault(int(index), name) != name:
                    return None
    return [origins.get(index) for index in range(width)]


def _all_nan(made: Any) -> Any:
    return np.isnan(made).all(axis=0) if made.dtype.kind == "f" else np.zeros(made.shape[1], bool)


def _distinct(array: Any) -> Any:
    """Values of a column: all of few, the whole range of many."""
    found = np.unique(array)
    return found[np.linspace(0, len(found) - 1, min(_TRIED, len(found))).astype(int)]
