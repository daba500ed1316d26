"""LightGBM and XGBoost: kept in their own formats, and answering as they did when they were fitted.

The features are what the project template builds for them: numbers as they are, categories as
codes that the libraries split on as such.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from lightgbm import LGBMClassifier, LGBMRegressor
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder, StandardScaler
from xgboost import XGBClassifier, XGBRegressor

from modelyard import boosters, explain, lookup
from modelyard.data import DataContract
from modelyard.fitting import fit
from modelyard.model import Model, save
from modelyard.project import Problem
from modelyard.skops_files import EstimatorError
from modelyard.tables import as_frame, to_arrays

DICE = np.random.default_rng(11)
COLOURS = ["blue", "green", "red"]
ROWS = [
    {
        "amount": None if n % 9 == 0 else round(float(DICE.normal(100, 30)), 2),
        "age": int(DICE.integers(18, 80)),
        "colour": None if n % 7 == 0 else str(DICE.choice(COLOURS)),
        "words": "late again" if n % 3 else "paid on time",
    }
    for n in range(240)
]
STRANGE: dict[str, Any] = {"amount": None, "age": 10**6, "colour": "violet", "words": "none of it"}
TARGETS: dict[Problem, dict[str, Any]] = {
    "binary": {"kind": "category", "categories": ["no", "yes"]},
    "multiclass": {"kind": "integer", "categories": ["0", "1", "2"]},
    "regression": {"kind": "number"},
}
SMALL: dict[str, Any] = {"n_estimators": 6, "n_jobs": 1}
NATIVE: dict[str, dict[str, Any]] = {
    "lightgbm": {"cat_feature": [2], "min_child_samples": 5, "verbose": -1},
    "xgboost": {"feature_types": ["q", "q", "c"], "max_depth": 3},
}
KINDS: dict[str, tuple[Any, Any]] = {
    "lightgbm": (LGBMClassifier, LGBMRegressor),
    "xgboost": (XGBClassifier, XGBRegressor),
}
EACH = pytest.mark.parametrize("library", ["lightgbm", "xgboost"])
EVERY_PROBLEM = pytest.mark.parametrize("problem", list(TARGETS))


def agreed(problem: Problem, *more: dict[str, Any]) -> DataContract:
    """Two numbers and a category, all with gaps, and a target."""
    columns = [
        {"name": "amount", "kind": "number", "use": "feature"},
        {"name": "age", "kind": "integer", "use": "feature"},
        {"name": "colour", "kind": "category", "use": "feature", "categories": COLOURS},
        *more,
        {"name": "target", "use": "target", **TARGETS[problem]},
    ]
    return DataContract.parse({"columns": columns})


def booster(library: str, problem: Problem, **more: Any) -> Any:
    """A small one that splits on the category as such."""
    return KINDS[library][problem == "regression"](**{**SMALL, **NATIVE[library], **more})


def features(*more: Any, numbers: Any = "passthrough") -> ColumnTransformer:
    """Numbers as they are, categories as codes."""
    codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan)
    return ColumnTransformer(
        [("numbers", numbers, ["amount", "age"]), ("categories", codes, ["colour"]), *more]
    )


def answers(contract: DataContract) -> Any:
    """What depends on the amount and on being red."""
    arrays = to_arrays(ROWS, agreed("regression").feature_columns)
    found = np.nan_to_num(arrays["amount"], nan=90.0) + 30 * (arrays["colour"] == "red")
    classes = len(contract.labels)
    if not classes:
        return found
    return np.digitize(found, np.quantile(found, np.linspace(0, 1, classes + 1)[1:-1]))


def saved(folder: Path, estimator: Any, problem: Problem, contract: DataContract) -> Model:
    """An estimator fitted on the rows, saved and loaded again."""
    arrays = to_arrays(ROWS, contract.feature_columns)
    fit(estimator, as_frame(arrays, contract.feature_columns), answers(contract))
    return save(estimator, folder, contract, problem, arrays)


def expected(estimator: Any, contract: DataContract, rows: list[dict[str, Any]]) -> Any:
    """What the fitted estimator itself answers."""
    frame = as_frame(to_arrays(rows, contract.feature_columns), contract.feature_columns)
    return estimator.predict_proba(frame) if contract.labels else estimator.predict(frame)[:, None]


@EACH
@EVERY_PROBLEM
def test_loaded_model_answers_as_the_fitted_one(
    tmp_path: Path, library: str, problem: Problem
) -> None:
    contract = agreed(problem)
    estimator = make_pipeline(features(), booster(library, problem))
    model = saved(tmp_path, estimator, problem, contract)
    assert model.scorer is None
    assert model.served_by == library
    rows = [*ROWS, STRANGE]
    found = model.scores(to_arrays(rows, contract.feature_columns))
    told = expected(estimator, contract, rows)
    # XGBoost's own 1 - p is in single precision.
    np.testing.assert_array_equal(found[:, -1], told[:, -1])
    np.testing.assert_allclose(found, told, atol=1e-7)


@EACH
def test_no_file_of_a_model_is_a_pickle_and_all_are_listed(tmp_path: Path, library: str) -> None:
    saved(
        tmp_path, make_pipeline(features(), booster(library, "binary")), "binary", agreed("binary")
    )
    own = {"lightgbm": boosters.LIGHTGBM, "xgboost": boosters.XGBOOST}[library]
    names = {file.name for file in tmp_path.iterdir()}
    assert names == {own, boosters.FEATURES, lookup.FILE_NAME, explain.FILE_NAME, "manifest.json"}
    assert not any(file.read_bytes()[:1] == b"\x80" for file in tmp_path.iterdir())


@EACH
def test_one_row_alone_is_answered_as_among_many(tmp_path: Path, library: str) -> None:
    contract = agreed("binary")
    model = saved(
        tmp_path, make_pipeline(features(), booster(library, "binary")), "binary", contract
    )
    arrays = to_arrays(ROWS, contract.feature_columns)
    alone = [model.scores({name: a[n : n + 1] for name, a in arrays.items()}) for n in range(20)]
    np.testing.assert_array_equal(np.concatenate(alone), model.scores(arrays)[:20])


@EACH
def test_request_needs_neither_a_frame_nor_scikit_learn(
    tmp_path: Path, library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    estimator = make_pipeline(features(), booster(library, "binary"))
    model = saved(tmp_path, estimator, "binary", agreed("binary"))
    monkeypatch.setattr("modelyard.model.as_frame", None)
    monkeypatch.setattr("modelyard.skops_files.load", None)
    [answer] = model.predict([STRANGE])
    assert answer["prediction"] in ("no", "yes")


@EACH
def test_words_are_counted_by_scikit_learn_in_front_of_the_booster(
    tmp_path: Path, library: str
) -> None:
    contract = agreed("binary", {"name": "words", "kind": "text", "use": "feature"})
    words = ("words", TfidfVectorizer(), "words")
    settings = {} if library == "lightgbm" else {"feature_types": None}
    estimator = make_pipeline(features(words), booster(library, "binary", **settings))
    model = saved(tmp_path, estimator, "binary", contract)
    assert not (tmp_path / lookup.FILE_NAME).exists()
    found = model.scores(to_arrays([*ROWS, STRANGE], contract.feature_columns))
    np.testing.assert_allclose(found, expected(estimator, contract, [*ROWS, STRANGE]), rtol=1e-6)


@EACH
def test_scaled_numbers_are_no_table_and_still_answered(tmp_path: Path, library: str) -> None:
    contract = agreed("binary")
    estimator = make_pipeline(features(numbers=StandardScaler()), booster(library, "binary"))
    model = saved(tmp_path, estimator, "binary", contract)
    assert not (tmp_path / lookup.FILE_NAME).exists()
    found = model.scores(to_arrays(ROWS, contract.feature_columns))
    np.testing.assert_allclose(found, expected(estimator, contract, ROWS), rtol=1e-6)


@EACH
@EVERY_PROBLEM
def test_contributions_add_up_to_what_was_decided(
    tmp_path: Path, library: str, problem: Problem
) -> None:
    contract = agreed(problem)
    model = saved(tmp_path, make_pipeline(features(), booster(library, problem)), problem, contract)
    arrays = to_arrays([*ROWS, STRANGE], contract.feature_columns)
    explained = explain.explain(model, arrays)
    assert explained.unit == ("target" if problem == "regression" else "log-odds")
    assert set(explained.contributions) == {"amount", "age", "colour"}
    total = explained.base + sum(explained.contributions.values())
    scores = model.scores(arrays)
    if problem == "binary":
        total, scores = 1 / (1 + np.exp(-total)), scores[:, 1:]
    elif problem == "multiclass":
        total = np.exp(total) / np.exp(total).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(total, scores, rtol=1e-4)


@EACH
def test_answer_whose_logarithm_is_added_up_is_not_explained(tmp_path: Path, library: str) -> None:
    objective = {"lightgbm": "poisson", "xgboost": "count:poisson"}[library]
    estimator = make_pipeline(features(), booster(library, "regression", objective=objective))
    model = saved(tmp_path, estimator, "regression", agreed("regression"))
    assert model.explanation is None


@EACH
def test_rounds_after_the_best_one_do_not_answer(tmp_path: Path, library: str) -> None:
    contract = agreed("binary")
    arrays = to_arrays(ROWS, contract.feature_columns)
    frame = as_frame(arrays, contract.feature_columns)
    chance = DICE.integers(0, 2, len(ROWS))
    settings: dict[str, Any] = {"n_estimators": 40, "early_stopping_rounds": 5}
    estimator = make_pipeline(features(), booster(library, "binary", **settings))
    fit(estimator, frame[:160], chance[:160], None, (frame[160:], chance[160:]))
    model = save(estimator, tmp_path, contract, "binary", arrays)
    np.testing.assert_allclose(model.scores(arrays), expected(estimator, contract, ROWS), rtol=1e-6)


@EACH
def test_the_same_rows_give_the_same_bytes(tmp_path: Path, library: str) -> None:
    settings: dict[str, Any] = {"subsample": 0.7, "colsample_bytree": 0.7, "random_state": 0}
    made = [
        saved(tmp_path / name, make_pipeline(features(), booster(library, "binary", **settings)),
              "binary", agreed("binary"))
        for name in ("first", "second")
    ]  # fmt: skip
    assert made[0].sha256 == made[1].sha256


@EACH
def test_model_of_another_version_of_the_library_is_refused(tmp_path: Path, library: str) -> None:
    estimator = make_pipeline(features(), booster(library, "binary"))
    model = saved(tmp_path, estimator, "binary", agreed("binary"))
    assert model.versions[library].count(".") == 2
    document = json.loads((tmp_path / "manifest.json").read_text())
    document["versions"][library] = "2.1.0"
    (tmp_path / "manifest.json").write_text(json.dumps(document))
    with pytest.raises(
        EstimatorError,
        match=rf"made with {library} 2\.1\.0, here is \d.*: serve it with the image that trained",
    ):
        _ = Model.load(tmp_path).estimator


@EACH
def test_objective_of_the_teams_own_is_refused(tmp_path: Path, library: str) -> None:
    def squared(told: Any, found: Any) -> tuple[Any, Any]:
        return found - told, np.ones_like(told)

    estimator = make_pipeline(features(), booster(library, "regression", objective=squared))
    with pytest.raises(EstimatorError, match="name one of the library's own"):
        saved(tmp_path, estimator, "regression", agreed("regression"))


def test_other_estimators_are_no_boosters(tmp_path: Path) -> None:
    assert boosters.library(make_pipeline(StandardScaler())) is None
    assert boosters.load(tmp_path) is None
