"""Boosters are kept in their own formats.

Neither library is among our requirements; the stand-ins answer as their documentation says: a
Booster made from a file predicts the positive class of two, every class of many.
"""

import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from modelyard import boosters

ROWS = np.array([[1.0], [2.0], [4.0]])


class Booster:
    """Says each row's first number times a factor."""

    def __init__(self, model_file: str | None = None, factor: float = 0.1) -> None:
        self.factor = factor
        if model_file:
            self.load_model(model_file)

    def save_model(self, file: str) -> None:
        Path(file).write_text(json.dumps(self.factor))

    def load_model(self, file: str) -> None:
        self.factor = json.loads(Path(file).read_text())

    def predict(self, rows: Any) -> Any:
        return np.asarray(rows)[:, 0] * self.factor


class LGBMClassifier:
    """Fitted, as far as anyone asks."""

    __module__ = "lightgbm.sklearn"
    booster_ = Booster(factor=0.2)


class XGBClassifier:
    """Fitted, as far as anyone asks."""

    __module__ = "xgboost.sklearn"

    def get_booster(self) -> Booster:
        return Booster(factor=0.25)


@pytest.fixture(autouse=True)
def libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    """The two libraries' stand-ins."""
    for name in ("lightgbm", "xgboost"):
        library: Any = ModuleType(name)
        library.Booster, library.DMatrix = Booster, np.asarray
        monkeypatch.setitem(sys.modules, name, library)


@pytest.mark.parametrize(
    ("estimator", "file", "positive"),
    [
        (LGBMClassifier(), boosters.LIGHTGBM, [0.2, 0.4, 0.8]),
        (XGBClassifier(), boosters.XGBOOST, [0.25, 0.5, 1.0]),
    ],
)
def test_booster_is_kept_natively_and_gives_both_probabilities(
    estimator: Any, file: str, positive: list[float], tmp_path: Path
) -> None:
    assert boosters.dump(estimator, tmp_path) == [file]
    loaded = boosters.load(tmp_path)
    assert loaded is not None
    np.testing.assert_allclose(loaded.predict_proba(ROWS)[:, 1], positive)
    np.testing.assert_allclose(loaded.predict_proba(ROWS).sum(axis=1), 1)


def test_steps_before_a_booster_are_kept_with_it(tmp_path: Path) -> None:
    scaler = StandardScaler().fit(ROWS)
    pipeline = make_pipeline(scaler, LGBMClassifier())
    assert boosters.dump(pipeline, tmp_path) == [boosters.LIGHTGBM, boosters.FEATURES]
    loaded = boosters.load(tmp_path)
    assert loaded is not None
    np.testing.assert_allclose(loaded.predict(ROWS), scaler.transform(ROWS)[:, 0] * 0.2)


def test_other_estimators_are_no_boosters(tmp_path: Path) -> None:
    assert not boosters.is_boosted(make_pipeline(StandardScaler()))
    assert boosters.load(tmp_path) is None
