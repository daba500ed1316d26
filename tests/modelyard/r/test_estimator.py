"""A model in R is used like any other: fitted, saved, loaded, scored, explained."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from modelyard import explain
from modelyard.challenge import challenge
from modelyard.data import DataContract
from modelyard.metrics import point_metrics
from modelyard.model import Model
from modelyard.r.process import RError
from modelyard.skops_files import EstimatorError
from modelyard.tables import as_frame, to_arrays
from tests.modelyard.r.conftest import Package, fitted

pytestmark = pytest.mark.r

FEATURES = [
    {"name": "Größe (m)", "kind": "number", "use": "feature"},
    {"name": "colour", "kind": "category", "use": "feature", "categories": ["blue", "red"]},
]
NUMBER = {"name": "value", "kind": "number", "use": "target"}
COLOURS = ["blue", "red", None, "green"]
ROWS = [
    {"Größe (m)": None if number % 9 == 0 else number / 7, "colour": COLOURS[number % 4]}
    for number in range(120)
]


def contract(*classes: str, text: bool = False) -> DataContract:
    """Two or three features and a target with these classes, or a number."""
    target = {"name": "kind", "kind": "category", "use": "target", "categories": list(classes)}
    more = [{"name": "note", "kind": "text", "use": "feature"}] if text else []
    return DataContract.parse({"columns": [*FEATURES, *more, target if classes else NUMBER]})


def answers(classes: int) -> Any:
    """Answers that follow from the first column, or nearly so."""
    numbers = np.arange(120) + 7 * (np.arange(120) % 5)
    return numbers * 3.0 if not classes else np.minimum(numbers * classes // 150, classes - 1)


def arrays_of(stated: DataContract, rows: Any = ROWS) -> Any:
    return to_arrays(rows, stated.feature_columns)


@pytest.mark.parametrize("classes", [(), ("no", "yes"), ("a", "b", "c")])
def test_linear_model_in_r_is_found_to_be_arithmetic(
    package: Package, tmp_path: Path, classes: tuple[str, ...]
) -> None:
    stated = contract(*classes)
    kind = "classification" if classes else "regression"
    build_model = package(f"linear_{len(classes)}", kind)
    estimator, model = fitted(build_model, stated, ROWS, answers(len(classes)), tmp_path)
    assert model.scorer is not None
    arrays = arrays_of(stated)
    frame = as_frame(arrays, stated.feature_columns)
    by_r = estimator.predict_proba(frame) if classes else estimator.predict(frame)[:, None]
    assert model.scores(arrays) == pytest.approx(by_r, abs=1e-9)


def test_linear_model_in_r_explains_its_answers_exactly(package: Package, tmp_path: Path) -> None:
    stated = contract()
    build_model = package("explained_in_r")
    _, model = fitted(build_model, stated, ROWS, answers(0), tmp_path)
    arrays = arrays_of(stated)
    found = explain.explain(model, arrays)
    total = found.base + sum(found.contributions.values())
    assert total == pytest.approx(model.scores(arrays))


TREE = """
build_model <- function(train, contract, hyperparameters) {
  high <- train$rows[["Größe (m)"]] > 8
  shares <- tapply(as.integer(train$answers) - 1, paste(high, train$rows$colour), mean)
  list(names = names(shares), shares = as.vector(shares), overall = runif(1) / 1000)
}
predict_model <- function(model, rows) {
  key <- paste(rows[["Größe (m)"]] > 8, rows$colour)
  share <- model$shares[match(key, model$names)]
  ifelse(is.na(share), model$overall, share)
}
"""


@pytest.fixture(scope="module")
def tree(package: Package, tmp_path_factory: pytest.TempPathFactory) -> Model:
    """A model that is no arithmetic, so that R is asked for every score."""
    folder = tmp_path_factory.mktemp("tree")
    stated, build_model = contract("no", "yes"), package("tree_in_r", model=TREE)
    model = fitted(build_model, stated, ROWS, answers(2), folder)[1]
    assert model.scorer is None
    return model


def test_any_model_in_r_is_scored_by_r_once_loaded(tree: Model) -> None:
    scores = Model.load(tree.folder).scores(arrays_of(tree.contract))
    found = point_metrics("binary", answers(2), scores)
    assert (found["accuracy"] or 0) > 0.8
    assert scores.sum(axis=1) == pytest.approx(1)


def test_rows_alone_and_together_are_scored_alike(tree: Model) -> None:
    alone = [tree.predict([row])[0] for row in ROWS[:5]]
    assert alone == tree.predict(ROWS[:5])


def test_same_rows_give_the_same_model_in_r(tree: Model, package: Package, tmp_path: Path) -> None:
    from tree_in_r.model import build_model

    again = fitted(build_model, tree.contract, ROWS, answers(2), tmp_path)[1]
    assert again.sha256 == tree.sha256


def test_model_in_r_says_what_it_was_made_with(tree: Model) -> None:
    assert int(tree.versions["r"].split(".")[0]) >= 4
    assert {"r-jsonlite", "r: lapack", "python"} <= set(tree.versions)


def test_model_file_holds_nothing_but_plain_data(tree: Model) -> None:
    document = json.loads((tree.folder / "model.r.json").read_text(encoding="utf-8"))
    assert [part["type"] for part in document["values"]] == ["character", "double", "double"]


def test_texts_reach_r_as_they_are(package: Package, tmp_path: Path) -> None:
    code = """
    build_model <- function(train, contract, hyperparameters) list()
    predict_model <- function(model, rows) nchar(rows$note)
    """
    stated = contract(text=True)
    rows = [{**ROWS[1], "note": note} for note in ("größer", "", None, 'a "b"\n\\')]
    _, model = fitted(package("texts_in_r", model=code), stated, rows, [1.0] * 4, tmp_path)
    assert model.scores(arrays_of(stated, rows))[:, 0].tolist() == [6, 0, 0, 7]


def test_weights_and_hyperparameters_reach_r(package: Package) -> None:
    code = """
    build_model <- function(train, contract, hyperparameters) {
      list(weighted.mean(train$answers, train$weights) * as.numeric(hyperparameters$times))
    }
    predict_model <- function(model, rows) rep(model[[1]], nrow(rows))
    """
    stated = contract()
    arrays = arrays_of(stated, ROWS[:2])
    frame = as_frame(arrays, stated.feature_columns)
    estimator = package("weighted_in_r", model=code)(stated, {"times": "10"})
    estimator.fit(frame, np.array([1.0, 2.0]), sample_weight=np.array([3.0, 1.0]))
    assert estimator.predict(frame).tolist() == [12.5, 12.5]


TUNED = """
tuned <- list(times = 2, rounds = 3L, deep = FALSE, by = "gain")
build_model <- function(train, contract, hyperparameters) hyperparameters
predict_model <- function(model, rows) {
  stopifnot(is.integer(model$rounds), is.logical(model$deep), model$by == "gain")
  rep(model$times + model$rounds + model$deep, nrow(rows))
}
"""


@pytest.fixture(scope="module")
def tuned(package: Package) -> Any:
    return package("tuned_in_r", model=TUNED)


def trained_with(build_model: Any, stated: dict[str, str]) -> float:
    features = contract()
    frame = as_frame(arrays_of(features, ROWS[:2]), features.feature_columns)
    estimator = build_model(features, stated).fit(frame, np.array([1.0, 2.0]))
    return float(estimator.predict(frame)[0])


@pytest.mark.parametrize(
    ("stated", "value"),
    [({}, 5.0), ({"times": "1e1", "rounds": "4", "deep": "True", "reweigh": "sex"}, 15.0)],
)
def test_tuned_values_are_of_the_defaults_type(
    tuned: Any, stated: dict[str, str], value: float
) -> None:
    assert trained_with(tuned, stated) == value


@pytest.mark.parametrize(
    ("stated", "told"),
    [
        ({"round": "4"}, "round: is not tuned by this model; did you mean rounds? it has by, deep"),
        ({"zzzz": "4"}, "zzzz: is not tuned by this model; it has by, deep, rounds, times, and"),
        ({"rounds": "4.5"}, "rounds: '4.5' is not a whole number; write one"),
        ({"times": "many"}, "times: 'many' is not a number; write one"),
        ({"deep": "so"}, "deep: 'so' is not true or false; write one"),
    ],
)
def test_what_cannot_be_tuned_is_told_with_its_key(
    tuned: Any, stated: dict[str, str], told: str
) -> None:
    with pytest.raises(RError) as error:
        trained_with(tuned, stated)
    assert f"project.yaml: training.hyperparameters.{told}" in str(error.value)


BUILD = "build_model <- function(train, contract, hyperparameters) "
CONSTANT = BUILD + "list()\n"
WRONG = {
    "absent": ("x <- 1", "the R code defines no function build_model: write it in model.R"),
    "syntax": ("build_model <- function(", "model.R:2:0: unexpected end of input"),
    "failing": (
        BUILD + "{\n  fit(train)\n}\npredict_model <- function(model, rows) 1",
        'model.R line 2: could not find function "fit"',
    ),
    "code": (
        BUILD + "list(family = binomial())\npredict_model <- function(model, rows) 1",
        "the model$family$linkfun is a function, which cannot be kept without keeping code",
    ),
    "rows": (
        CONSTANT + "predict_model <- function(model, rows) 1:2",
        "predict_model gave 2 rows for 120",
    ),
    "text": (
        CONSTANT + 'predict_model <- function(model, rows) rep("a", nrow(rows))',
        "predict_model gave a character; it must give numbers",
    ),
    "gaps": (
        CONSTANT + "predict_model <- function(model, rows) rep(NA_real_, nrow(rows))",
        "predict_model gave NA for row 1",
    ),
    "percent": (
        CONSTANT + "predict_model <- function(model, rows) rep(70, nrow(rows))",
        "predict_model gave no probabilities for row 1: -69, 70",
    ),
    "width": (
        CONSTANT + "predict_model <- function(model, rows) matrix(0.25, nrow(rows), 4)",
        "predict_model gave 4 columns where 2 belong",
    ),
    "contradiction": (
        CONSTANT
        + "predict_model <- function(model, rows) rep(0.7, nrow(rows))\n"
        + "decide_model <- function(model, rows) rep(0.7, nrow(rows))",
        "predict_model and decide_model disagree on row 1: probabilities must be plogis",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_mistake_in_r_is_told_with_its_place(package: Package, name: str) -> None:
    code, message = WRONG[name]
    stated = contract("no", "yes")
    build_model = package(f"wrong_{name}", model=code)
    frame = as_frame(arrays_of(stated), stated.feature_columns)
    with pytest.raises(RError) as told:
        build_model(stated, {}).fit(frame, answers(2))
    assert message in str(told.value)


def test_other_code_than_the_models_own_never_runs_on_it(package: Package, tmp_path: Path) -> None:
    stated, build_model = contract("no", "yes"), package("changed_in_r", model=TREE)
    estimator, model = fitted(build_model, stated, ROWS, answers(2), tmp_path)
    with (estimator.code.folder / "model.R").open("a") as file:
        file.write("# changed\n")
    champion = Model.load(model.folder)
    with pytest.raises(EstimatorError, match="made by other R code"):
        champion.scores(arrays_of(stated))
    told = challenge(model.folder, {}, {"accuracy": None}, arrays_of(stated), answers(2))
    assert told["better"] is None
    assert "the champion cannot be scored here: the model was made by other" in told["sentence"]


def test_date_format_that_r_would_read_otherwise_is_refused_at_training(package: Package) -> None:
    day = {"name": "day", "kind": "date", "use": "feature", "format": "%A %d %Y"}
    stated = DataContract.parse({"columns": [day, NUMBER]})
    frame = as_frame({"day": np.array([1.0, 2.0])}, stated.feature_columns)
    with pytest.raises(RError, match="the date format '%A %d %Y' uses %A, which R does not read"):
        package("dated_in_r")(stated, {}).fit(frame, np.array([1.0, 2.0]))
