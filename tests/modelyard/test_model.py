"""Models on disk: nothing is loaded that is not known, whole and trusted."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge, RidgeClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, OneHotEncoder, StandardScaler

from modelyard import scorer
from modelyard.data import DataContract
from modelyard.model import Model, ModelError, save
from modelyard.skops_files import EstimatorError
from modelyard.tables import as_frame, to_arrays

DICE = np.random.default_rng(11)
ROWS = [
    {
        "amount": None if n % 9 == 0 else round(float(DICE.normal(100, 30)), 2),
        "age": int(DICE.integers(18, 80)),
        "colour": None if n % 7 == 0 else str(DICE.choice(["red", "blue", "green"])),
    }
    for n in range(300)
]


def contract(target: dict[str, Any]) -> DataContract:
    """Two numbers, a category with gaps, and a target."""
    colours = ["blue", "green", "red"]
    columns = [
        {"name": "amount", "kind": "number", "use": "feature"},
        {"name": "age", "kind": "integer", "use": "feature"},
        {"name": "colour", "kind": "category", "use": "feature", "categories": colours},
        {"name": "target", "use": "target", **target},
    ]
    return DataContract.parse({"columns": columns})


BINARY = contract({"kind": "category", "categories": ["no", "yes"]})
THREE = contract({"kind": "integer", "categories": ["0", "1", "2"]})
NUMBER = contract({"kind": "number"})
ARRAYS = to_arrays(ROWS, BINARY.feature_columns)
FRAME = as_frame(ARRAYS, BINARY.feature_columns)


def features(*extra: Any) -> ColumnTransformer:
    """What the project template builds."""
    numbers = make_pipeline(SimpleImputer(add_indicator=True), *extra, StandardScaler())
    encoder = OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=5)
    return ColumnTransformer([("n", numbers, ["amount", "age"]), ("c", encoder, ["colour"])])


def saved(
    folder: Path, estimator: Any, agreed: DataContract = BINARY, problem: Any = "binary"
) -> Model:
    """An estimator fitted on the rows, saved and loaded again."""
    classes = max(2, len(agreed.labels))
    answers: Any = np.nan_to_num(ARRAYS["amount"], nan=90) + 9 * DICE.normal(size=len(ROWS))
    if agreed.labels:
        answers = np.digitize(answers, np.quantile(answers, np.linspace(0, 1, classes + 1)[1:-1]))
    estimator.fit(FRAME, answers)
    return save(estimator, folder, agreed, problem, ARRAYS)


@pytest.mark.parametrize(
    ("final", "agreed", "problem"),
    [
        (LogisticRegression(), BINARY, "binary"),
        (LogisticRegression(), THREE, "multiclass"),
        (Ridge(), NUMBER, "regression"),
    ],
)
def test_linear_pipeline_is_served_by_arithmetic_that_equals_it(
    tmp_path: Path, final: Any, agreed: DataContract, problem: Any
) -> None:
    model = saved(tmp_path, make_pipeline(features(), final), agreed, problem)
    assert model.scorer is not None
    fitted = model.estimator
    expected = fitted.predict_proba(FRAME) if agreed.labels else fitted.predict(FRAME)[:, None]
    np.testing.assert_allclose(model.scores(ARRAYS), expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    "estimator",
    [
        make_pipeline(features(), GradientBoostingClassifier(n_estimators=5)),
        make_pipeline(features(), RandomForestClassifier(n_estimators=5)),
        make_pipeline(features(MinMaxScaler(clip=True)), LogisticRegression()),
    ],
    ids=["boosting", "forest", "clipped"],
)
def test_model_that_is_not_a_sum_of_its_columns_is_served_by_scikit_learn(
    tmp_path: Path, estimator: Any
) -> None:
    model = saved(tmp_path, estimator)
    assert model.scorer is None
    np.testing.assert_array_equal(model.scores(ARRAYS), estimator.predict_proba(FRAME))


def test_one_row_gives_the_same_bits_as_many(tmp_path: Path) -> None:
    model = saved(tmp_path, make_pipeline(features(), LogisticRegression()))
    found = model.scorer
    assert found is not None
    together = found.decide(ARRAYS, len(ROWS)).tolist()
    alone = [found.decide_row([ARRAYS[t.name][n] for t in found.terms]) for n in range(len(ROWS))]
    assert together == alone


def test_arithmetic_survives_its_file(tmp_path: Path) -> None:
    found = saved(tmp_path, make_pipeline(features(), LogisticRegression())).scorer
    assert found is not None
    assert scorer.parse(json.loads(json.dumps(found.document()))) == found


def test_predictions_carry_the_labels_of_the_data(tmp_path: Path) -> None:
    linear = make_pipeline(features(), LogisticRegression())
    [binary] = saved(tmp_path / "b", linear).predict(ROWS[:1])
    assert binary["prediction"] in ("no", "yes")
    assert 0 <= binary["probability"] <= 1
    [many] = saved(tmp_path / "m", linear, THREE, "multiclass").predict(ROWS[:1])
    assert many["prediction"] in (0, 1, 2)
    assert sum(many["probabilities"].values()) == pytest.approx(1)
    ridge = make_pipeline(features(), Ridge())
    [value] = saved(tmp_path / "r", ridge, NUMBER, "regression").predict(ROWS[:1])
    assert set(value) == {"prediction"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A saved model."""
    saved(tmp_path, make_pipeline(features(), LogisticRegression()))
    return tmp_path


def test_altered_file_is_refused(folder: Path) -> None:
    with (folder / "model.skops").open("ab") as stream:
        stream.write(b"x")
    with pytest.raises(ModelError, match=r"model\.skops: differs from its checksum"):
        Model.load(folder)


def test_missing_file_is_refused(folder: Path) -> None:
    (folder / "scorer.json").unlink()
    with pytest.raises(ModelError, match=r"scorer\.json: is missing"):
        Model.load(folder)


def test_added_file_is_refused(folder: Path) -> None:
    (folder / "model.pkl").write_bytes(b"x")
    with pytest.raises(ModelError, match=r"model\.pkl: is not in manifest\.json"):
        Model.load(folder)


def test_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"holds no manifest\.json"):
        Model.load(tmp_path)


def _team_code(values: Any) -> Any:
    return values


class TeamClassifier(ClassifierMixin, BaseEstimator):
    """A type of the team's own."""

    def fit(self, frame: Any, answers: Any) -> "TeamClassifier":
        self.classes_ = np.unique(answers)
        return self

    def predict_proba(self, frame: Any) -> Any:
        return np.full((len(frame), 2), 0.5)


@pytest.mark.parametrize(
    ("estimator", "name"),
    [
        (TeamClassifier(), "TeamClassifier"),
        (
            make_pipeline(features(FunctionTransformer(_team_code)), LogisticRegression()),
            "_team_code",
        ),
    ],
    ids=["type", "function"],
)
def test_code_of_the_teams_own_is_refused_by_name(
    tmp_path: Path, estimator: Any, name: str
) -> None:
    with pytest.raises(EstimatorError, match=rf"{name}.*use scikit-learn's own"):
        saved(tmp_path, estimator)


def test_function_of_numpy_is_refused_because_it_could_load_a_pickle(tmp_path: Path) -> None:
    with pytest.raises(EstimatorError, match=r"numpy\.load"):
        save(FunctionTransformer(np.load), tmp_path, BINARY, "binary", ARRAYS)


def test_classifier_without_probabilities_is_refused(tmp_path: Path) -> None:
    model = saved(tmp_path, make_pipeline(features(), RidgeClassifier()))
    with pytest.raises(EstimatorError, match="CalibratedClassifierCV"):
        model.scores(ARRAYS)
