"""Explanations add up to the decision they explain, and are refused where they cannot."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from modelyard import boosters, explain
from modelyard.data import DataContract
from modelyard.explain import ExplanationError
from modelyard.model import Model, save
from modelyard.project import Problem
from modelyard.tables import as_frame, to_arrays

DICE = np.random.default_rng(5)
ROWS = [
    {
        "amount": None if n % 9 == 0 else round(float(DICE.normal(100, 30)), 2),
        "age": int(DICE.integers(18, 80)),
        "noise": round(float(DICE.normal()), 3),
        "colour": None if n % 7 == 0 else str(DICE.choice(["red", "blue", "green"])),
    }
    for n in range(200)
]
FEATURES = [
    {"name": "amount", "kind": "number", "use": "feature"},
    {"name": "age", "kind": "integer", "use": "feature"},
    {"name": "noise", "kind": "number", "use": "feature"},
    {
        "name": "colour",
        "kind": "category",
        "use": "feature",
        "categories": ["blue", "green", "red"],
    },
]
TARGETS: dict[Problem, dict[str, Any]] = {
    "binary": {"kind": "category", "categories": ["no", "yes"]},
    "multiclass": {"kind": "integer", "categories": ["0", "1", "2"]},
    "regression": {"kind": "number"},
}
UNSEEN = [*ROWS[:5], {"amount": 1e4, "age": None, "noise": -3, "colour": "violet"}]


def fitted(folder: Path, problem: Problem, final: Any, *between: Any) -> Model:
    """A model of three numbers, one of which means nothing, and a category with gaps."""
    target = {"name": "target", "use": "target", **TARGETS[problem]}
    contract = DataContract.parse({"columns": [*FEATURES, target]})
    arrays = to_arrays(ROWS, contract.feature_columns)
    answers = np.nan_to_num(arrays["amount"], nan=90.0) + 30 * (arrays["colour"] == "red")
    if problem != "regression":
        classes = len(contract.labels)
        answers = np.digitize(answers, np.quantile(answers, np.linspace(0, 1, classes + 1)[1:-1]))
    numbers = make_pipeline(SimpleImputer(), StandardScaler())
    encoder = OneHotEncoder(handle_unknown="ignore")
    columns = ColumnTransformer(
        [("n", numbers, ["amount", "age", "noise"]), ("c", encoder, ["colour"])]
    )
    pipeline = make_pipeline(columns, *between, final)
    pipeline.fit(as_frame(arrays, contract.feature_columns), answers)
    return save(pipeline, folder, contract, problem, arrays)


def decisions(model: Model, unit: str) -> Any:
    """What the model decides for the unseen rows, in the unit of its explanation."""
    arrays = to_arrays(UNSEEN, model.contract.feature_columns)
    scores = model.scores(arrays)
    if unit == "log-odds":
        frame = as_frame(arrays, model.contract.feature_columns)
        return np.asarray(model.estimator.decision_function(frame)).reshape(len(UNSEEN), -1)
    return scores[:, 1:] if scores.shape[1] == 2 else scores


@pytest.mark.parametrize(
    ("final", "problem", "unit"),
    [
        (LogisticRegression(), "binary", "log-odds"),
        (LogisticRegression(), "multiclass", "log-odds"),
        (Ridge(), "regression", "target"),
        (DecisionTreeClassifier(max_depth=5), "binary", "probability"),
        (RandomForestClassifier(8, random_state=0), "multiclass", "probability"),
        (RandomForestRegressor(8, random_state=0), "regression", "target"),
        (GradientBoostingClassifier(n_estimators=8), "binary", "log-odds"),
        (GradientBoostingClassifier(n_estimators=5), "multiclass", "log-odds"),
        (GradientBoostingRegressor(n_estimators=8), "regression", "target"),
    ],
)
def test_contributions_add_up_to_the_decision(
    tmp_path: Path, final: Any, problem: Problem, unit: str
) -> None:
    model = fitted(tmp_path, problem, final)
    explained = explain.explain(model, to_arrays(UNSEEN, model.contract.feature_columns))
    assert explained.unit == unit
    total = explained.base + sum(explained.contributions.values())
    np.testing.assert_allclose(total, decisions(model, unit), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("final", [LogisticRegression(), GradientBoostingClassifier()])
def test_what_decides_is_what_is_important(tmp_path: Path, final: Any) -> None:
    model = fitted(tmp_path, "binary", final)
    explained = explain.explain(model, to_arrays(ROWS, model.contract.feature_columns))
    found = explain.importance(explained)
    assert set(found) == {"amount", "age", "noise", "colour"}
    assert sorted(found, key=lambda name: -found[name])[:2] == ["amount", "colour"]


def test_linear_contributions_are_nothing_on_average(tmp_path: Path) -> None:
    model = fitted(tmp_path, "binary", LogisticRegression())
    explained = explain.explain(model, to_arrays(ROWS, model.contract.feature_columns))
    means = [parts.mean() for parts in explained.contributions.values()]
    np.testing.assert_allclose(means, 0, atol=1e-9)


@pytest.mark.parametrize(
    ("final", "between"),
    [(KNeighborsClassifier(), ()), (DecisionTreeClassifier(), (PCA(2),))],
    ids=["not made of terms or trees", "trees on mixed columns"],
)
def test_model_without_an_exact_explanation_gets_none(
    tmp_path: Path, final: Any, between: tuple[Any, ...]
) -> None:
    model = fitted(tmp_path, "binary", final, *between)
    with pytest.raises(ExplanationError, match="no exact explanation"):
        explain.explain(model, to_arrays(UNSEEN, model.contract.feature_columns))


@pytest.mark.parametrize(
    "raw",
    [
        # LightGBM: x0, x1, base of the first output, then of the second.
        np.array([[1.0, 2.0, 9.0, 3.0, 4.0, 8.0]]),
        # XGBoost: one list of x0, x1, base for each output.
        np.array([[[1.0, 2.0, 9.0], [3.0, 4.0, 8.0]]]),
    ],
    ids=["lightgbm", "xgboost"],
)
def test_boosters_own_contributions_are_read_in_their_layout(raw: Any) -> None:
    boosted = boosters.Boosted(None, lambda rows: rows, lambda _rows: raw)
    found = boosted.contributions(np.zeros((1, 2)))
    assert found.tolist() == [[[1.0, 3.0], [2.0, 4.0], [9.0, 8.0]]]
