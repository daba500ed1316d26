"""LightGBM and XGBoost models in their own formats, asked for scores as scikit-learn's are.

The estimator may be the booster itself or the last step of a pipeline; what comes before it is kept
as a skops file, and as a table where it is one (modelyard.lookup). Neither library is needed unless
a team uses it.
"""

import json
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from modelyard import lookup, skops_files
from modelyard.lookup import Lookup
from modelyard.skops_files import EstimatorError

LIGHTGBM, XGBOOST = "model.lightgbm.txt", "model.xgboost.ubj"
FEATURES = "features.skops"
# Starting threads takes longer than scoring so few rows.
_ALONE = 1000


class Boosted(NamedTuple):
    """A loaded booster behind the steps that prepare its input."""

    features: Any
    predict_raw: Callable[[Any], Any]
    explain_raw: Callable[[Any], Any]
    table: Lookup | None = None

    @property
    def reads_arrays(self) -> bool:
        """Whether it does without frames."""
        return self.table is not None

    def _answers(self, source: Any) -> Any:
        return np.asarray(self.predict_raw(self._prepared(source)), dtype=np.float64)

    def _prepared(self, source: Any) -> Any:
        if self.table is not None:
            return self.table.matrix(source)
        return source if self.features is None else self.features.transform(source)

    def predict(self, source: Any) -> Any:
        """Values of a regression."""
        return self._answers(source)

    def predict_proba(self, source: Any) -> Any:
        """Probabilities by class; of two classes a booster gives the positive one's only."""
        answers = self._answers(source)
        return np.column_stack([1 - answers, answers]) if answers.ndim == 1 else answers

    def contributions(self, source: Any) -> Any:
        """Shapley values (rows, made columns and the base, outputs) in the booster's raw units."""
        prepared = self._prepared(source)
        raw = self.explain_raw(prepared)
        found = np.asarray(raw.toarray() if hasattr(raw, "toarray") else raw, dtype=np.float64)
        if found.ndim == 3:  # XGBoost: (rows, outputs, columns and base)
            return found.transpose(0, 2, 1)
        width = prepared.shape[1] + 1
        # LightGBM: the columns and the base of one output after the other.
        return found.reshape(len(found), -1, width).transpose(0, 2, 1)


def library(estimator: Any) -> str | None:
    """The library of the final step, if that is a booster."""
    name = type(_final(estimator)).__module__.partition(".")[0]
    return name if name in ("lightgbm", "xgboost") else None


def dump(estimator: Any, folder: Path) -> list[str]:
    """Writes the booster natively and the steps before it with skops; the files' names."""
    final = _final(estimator)
    if callable(getattr(final, "objective", None)):
        raise EstimatorError(
            "the objective is a function, which no model file holds: name one of the library's own"
        )
    if library(final) == "lightgbm":
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
    if (folder / LIGHTGBM).is_file():
        predict, explain = _lightgbm(folder / LIGHTGBM)
    elif (folder / XGBOOST).is_file():
        predict, explain = _xgboost(folder / XGBOOST)
    else:
        return None
    features, table = folder / FEATURES, folder / lookup.FILE_NAME
    if table.is_file():
        known = lookup.parse(json.loads(table.read_text(encoding="utf-8")))
        return Boosted(None, predict, explain, known)
    before = skops_files.load(features) if features.is_file() else None
    return Boosted(before, predict, explain)


def _lightgbm(file: Path) -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
    booster = import_module("lightgbm").Booster(model_file=str(file))

    def predict(rows: Any) -> Any:
        return booster.predict(rows, num_threads=1 if rows.shape[0] < _ALONE else 0)

    return predict, lambda rows: booster.predict(rows, pred_contrib=True)


def _xgboost(file: Path) -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
    xgboost = import_module("xgboost")
    booster = xgboost.Booster()
    booster.load_model(str(file))
    # As scikit-learn's interface predicts: without the rounds after the best one.
    stopped = booster.attr("best_iteration")
    rounds = (0, int(stopped) + 1) if stopped is not None else (0, 0)

    def matrix(rows: Any) -> Any:
        return xgboost.DMatrix(rows, feature_types=booster.feature_types, enable_categorical=True)

    threads = 0

    def predict(rows: Any) -> Any:
        nonlocal threads
        wanted = 1 if rows.shape[0] < _ALONE else 0
        if wanted != threads:
            threads = wanted
            booster.set_param({"nthread": wanted})
        if not isinstance(rows, np.ndarray):
            return booster.predict(matrix(rows), iteration_range=rounds)
        return booster.inplace_predict(rows, iteration_range=rounds, validate_features=False)

    return predict, lambda rows: booster.predict(
        matrix(rows), pred_contribs=True, iteration_range=rounds
    )


def _final(estimator: Any) -> Any:
    return estimator.steps[-1][1] if hasattr(estimator, "steps") else estimator
