"""What would have changed a decision: it really does, changes little, and only what people can."""

import dataclasses
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from modelyard import actionable, profile
from modelyard.counterfactual import CounterfactualError, Counterfactuals, search
from modelyard.data import Column, DataContract, DataError
from modelyard.model import Model, save
from modelyard.project import Problem
from modelyard.tables import as_frame, to_arrays

DICE = np.random.default_rng(11)
ROWS = [
    {
        "income": round(float(DICE.normal(5000, 1500)), 2),
        "debt": round(float(abs(DICE.normal(900, 400))), 2),
        "accounts": int(DICE.integers(0, 9)),
        "age": int(DICE.integers(18, 80)),
        "home": str(DICE.choice(["rents", "owns", "other"])),
        "cosigned": bool(DICE.random() < 0.3),
    }
    for _ in range(300)
]
FEATURES = [
    {"name": "income", "kind": "number", "use": "feature"},
    {"name": "debt", "kind": "number", "use": "feature", "actionable": "decrease"},
    {"name": "accounts", "kind": "integer", "use": "feature"},
    {"name": "age", "kind": "integer", "use": "feature"},
    {"name": "home", "kind": "category", "use": "feature", "categories": ["other", "owns",
     "rents"]},
    {"name": "cosigned", "kind": "boolean", "use": "feature"},
]  # fmt: skip
TARGET = {"name": "granted", "kind": "category", "use": "target", "categories": ["no", "yes"]}
ENCODER = OneHotEncoder(handle_unknown="ignore")
PLACES: list[Path] = []
CHANGEABLE = {"income", "debt", "accounts", "home", "cosigned"}


def fitted(folder: Path, final: Any, problem: Problem = "binary") -> Model:
    """A model that grants credit by income, debt, accounts, age, home and a cosigner."""
    target: dict[str, Any] = TARGET
    if problem == "regression":
        target = {"name": "granted", "kind": "number", "use": "target"}
    contract = DataContract.parse({"columns": [*FEATURES, target]})
    arrays = to_arrays(ROWS, contract.feature_columns)
    worth = arrays["income"] / 1500 - arrays["debt"] / 400 - arrays["accounts"] / 4
    worth += arrays["age"] / 40 + (arrays["home"] == "owns") + arrays["cosigned"]
    answers = worth if problem == "regression" else (worth > np.median(worth)).astype(int)
    numbers = ["income", "debt", "accounts", "age", "cosigned"]
    columns = ColumnTransformer([("n", StandardScaler(), numbers), ("c", ENCODER, ["home"])])
    pipeline = make_pipeline(columns, final)
    pipeline.fit(as_frame(arrays, contract.feature_columns), answers)
    return save(pipeline, folder, contract, problem, arrays)


FINALS = {
    "linear": LogisticRegression(),
    "forest": RandomForestClassifier(5, max_depth=5, random_state=0),
    "boosted": GradientBoostingClassifier(n_estimators=8, random_state=0),
}


@pytest.fixture(scope="module", autouse=True)
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where the models of this file lie."""
    PLACES.append(tmp_path_factory.mktemp("models"))
    yield PLACES[0]
    model_of.cache_clear()
    PLACES.clear()


@cache
def model_of(kind: str) -> Model:
    return fitted(PLACES[0] / kind, FINALS[kind])


@cache
def baseline() -> profile.Profile:
    columns = DataContract.parse({"columns": [*FEATURES, TARGET]}).feature_columns
    return profile.baseline(to_arrays(ROWS, columns), columns)


def changed(row: dict[str, Any], option: Any) -> dict[str, Any]:
    """The row after an option's changes."""
    return {**row, **{change.column: change.after for change in option.changes}}


@pytest.mark.parametrize("kind", FINALS)
@settings(max_examples=5, deadline=None)
@given(index=st.integers(0, len(ROWS) - 1))
def test_each_option_changes_the_decision_by_what_people_can_change(kind: str, index: int) -> None:
    model, row = model_of(kind), ROWS[index]
    before = model.predict([row])[0]["prediction"]
    found = search(model, row, baseline())
    after = [model.predict([changed(row, option)])[0] for option in found.options]
    assert {answer["prediction"] for answer in after} <= {"no", "yes"} - {before}
    assert [option.answer for option in found.options] == after
    changes = [change for option in found.options for change in option.changes]
    assert {change.column for change in changes} <= CHANGEABLE
    assert all(change.after < change.before for change in changes if change.column == "debt")
    assert all(_is_observed(change.column, change.after) for change in changes)
    efforts = [option.effort for option in found.options]
    assert efforts == sorted(efforts)
    assert bool(found.options) is (found.reason is None)


def _is_observed(column: str, value: Any) -> bool:
    seen: list[Any] = [row[column] for row in ROWS]
    return bool(value in seen if isinstance(value, str | bool) else min(seen) <= value <= max(seen))


def refused(model: Model) -> dict[str, Any]:
    """Somebody just refused."""
    chances = [answer["probability"] for answer in model.predict(ROWS)]
    nearest = max((chance, index) for index, chance in enumerate(chances) if chance <= 0.5)
    return dict(ROWS[nearest[1]])


def alone(found: Counterfactuals, column: str) -> Any:
    """The change of one column that suffices."""
    return next(
        option.changes[0]
        for option in found.options
        if [change.column for change in option.changes] == [column]
    )


def test_linear_model_is_moved_exactly_to_where_it_decides_otherwise() -> None:
    model = model_of("linear")
    row = refused(model)
    change = alone(search(model, row, baseline()), "income")
    assert model.scorer is not None
    arrays = to_arrays([row], model.contract.feature_columns)
    slope = next(term for term in model.scorer.terms if term.name == "income").slope[0]  # type: ignore[union-attr]
    needed = row["income"] - model.scorer.decide(arrays, 1)[0, 0] / slope
    assert needed <= change.after <= needed + 10  # the next number that people would write
    assert change.after == round(change.after)


def test_two_changes_are_offered_only_where_they_take_less_than_one() -> None:
    row = {**refused(model_of("linear")), "income": 2600.0, "debt": 1500.0}
    found = search(model_of("linear"), row, baseline())
    single = {o.changes[0].column: o.effort for o in found.options if len(o.changes) == 1}
    pairs = [option for option in found.options if len(option.changes) == 2]
    assert pairs
    assert all(
        option.effort < single.get(change.column, np.inf)
        for option in pairs
        for change in option.changes
    )


def test_hopeless_case_is_said() -> None:
    row = {
        "income": 900.0, "debt": 2200.0, "accounts": 8, "age": 18, "home": "rents",
        "cosigned": False,
    }  # fmt: skip
    model = model_of("linear")
    contract = DataContract.parse(
        {
            "columns": [
                {**column.model_dump(exclude_defaults=True), "actionable": False}
                if column.use == "feature" and column.name != "accounts"
                else column.model_dump(exclude_defaults=True)
                for column in model.contract.columns
            ]
        }
    )
    found = search(dataclasses.replace(model, contract=contract), row, baseline())
    assert found.options == ()
    assert found.reason == (
        "no plausible change of one or two of the features that can be changed (accounts) changes "
        "this decision"
    )


def test_what_nobody_stated_is_assumed_and_said() -> None:
    found = search(model_of("linear"), ROWS[0], baseline())
    assert set(found.changeable) == CHANGEABLE
    assert set(found.assumed) == CHANGEABLE - {"debt"}


def test_regression_decides_nothing(tmp_path: Path) -> None:
    with pytest.raises(CounterfactualError, match="decides nothing"):
        search(fitted(tmp_path, Ridge(), "regression"), ROWS[0], baseline())


@pytest.mark.parametrize(
    ("name", "is_own"),
    [
        ("age", True), ("applicantAge", True), ("age_years", True), ("n_dependents", True),
        ("average", False), ("mortgage", False), ("income", False), ("stage", False),
    ],
)  # fmt: skip
def test_names_of_who_somebody_is_are_never_taken_for_changeable(name: str, is_own: bool) -> None:
    assert actionable.is_assumed(Column(name=name, kind="number", use="feature")) is not is_own


@pytest.mark.parametrize(
    ("column", "sentence"),
    [
        (
            {"name": "sex", "kind": "integer", "use": "protected", "actionable": True},
            "'actionable' is for features; nobody is asked to change what is protected",
        ),
        (
            {"name": "x", "kind": "boolean", "use": "feature", "actionable": "up"},
            "actionable",
        ),
        (
            {"name": "x", "kind": "category", "use": "feature", "categories": ["a"],
             "actionable": "increase"},
            "only a number can increase; write true or false",
        ),
    ],
)  # fmt: skip
def test_impossible_statements_are_refused(column: dict[str, Any], sentence: str) -> None:
    target = {"name": "y", "kind": "integer", "use": "target", "categories": ["0", "1"]}
    with pytest.raises(DataError, match=sentence):
        DataContract.parse({"columns": [column, target]})
