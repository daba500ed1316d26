"""LightGBM and XGBoost models in their own formats, asked for scores as scikit-learn's are.

The estimator may be the booster itself or the last step of a pipeline; what comes before it is kept
as a skops file. Neither library is needed unless a team uses it.
"""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from modelyard import skops_files

LIGHTGBM, XGBOOST = "model.lightgbm.txt", "model.xgboost.ubj"
FEATURES = "features.skops"


class Boosted(NamedTuple):
    """A loaded booster behind the steps that prepare its input."""

    features: Any
    predict_raw: Callable[[Any], Any]
    explain_raw: Callable[[Any], Any]

    def _answers(self, frame: Any) -> Any:
        return np.asarray(self.predict_raw(self._prepared(frame)), dtype=np.float64)

    def _prepared(self, frame: Any) -> Any:
        return frame if self.features is None else self.features.transform(frame)

    def predict(self, frame: Any) -> Any:
        """Values of a regression."""
        return self._answers(frame)

    def predict_proba(self, frame: Any) -> Any:
        """Probabilities by class; of two classes a booster gives the positive one's only."""
        answers = self._answers(frame)
        return np.column_stack([1 - answers, answers]) if answers.ndim == 1 else answers

    def contributions(self, frame: Any) -> Any:
        """Shapley values (rows, made columns and the base, outputs) in the booster's raw units."""
        prepared = self._prepared(frame)
        found = np.asarray(self.explain_raw(prepared), dtype=np.float64)
        if found.ndim == 3:  # XGBoost: (rows, outputs, columns and base)
            return found.transpose(0, 2, 1)
        width = np.asarray(prepared).shape[1] + 1
        # LightGBM: the columns and the base of one output after the other.
        return found.reshape(len(found), -1, width).transpose(0, 2, 1)


def is_boosted(estimator: Any) -> bool:
    """Whether the final step is a booster."""
    return _library(_final(estimator)) is not None


def dump(estimator: Any, folder: Path) -> list[str]:
    """Writes the booster natively and the steps before it with skops; the files' names."""
    final = _final(estimator)
    if _library(final) == "lightgbm":
        files = [LIGHTGBM]
        final.booster_.save_model(str(folder / LIGHTGBM))
    else:
        files = [XGBOOST]
        final.get_booster().save_model(str(folder / XGBOOST))
    if final is not estimator and len(estimator.steps) > 1:
        skops_files.dump(estimator[:-1], folder / FEATURES)
        files.append(FEATURES)
    return files


def load(folder: Path) -> Boosted | None:
    """The booster in a folder, or None where there is none."""
    features = folder / FEATURES
    before = skops_files.load(features) if features.is_file() else None
    if (folder / LIGHTGBM).is_file():
        lightgbm = import_module("lightgbm")
        loaded = lightgbm.Booster(model_file=str(folder / LIGHTGBM))
        return Boosted(before, loaded.predict, lambda rows: loaded.predict(rows, pred_contrib=True))
    if (folder / XGBOOST).is_file():
        xgboost = import_module("xgboost")
        booster = xgboost.Booster()
        booster.load_model(str(folder / XGBOOST))
        return Boosted(
            before,
            lambda rows: booster.predict(xgboost.DMatrix(rows)),
            lambda rows: booster.predict(xgboost.DMatrix(rows), pred_contribs=True),
        )
    return None


def _final(estimator: Any) -> Any:
    return estimator.steps[-1][1] if hasattr(estimator, "steps") else estimator


def _library(final: Any) -> str | None:
    name = type(final).__module__.partition(".")[0]
    return name if name in ("lightgbm", "xgboost") else None
