"""Fitted estimators: asked for scores, and kept in formats that run no code when loaded."""

import sys
from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from modelyard import boosters, network_files, skops_files
from modelyard.data import DataContract
from modelyard.r import estimator as r_estimator
from modelyard.r.estimator import RModel
from modelyard.scorer import Floats, Link
from modelyard.skops_files import EstimatorError
from modelyard.tables import Arrays

if TYPE_CHECKING:
    import pandas as pd

FILE_NAME = "model.skops"
_PACKAGES = ("modelyard", "scikit-learn", "skops", "numpy", "pandas")
# A model is scored by the major and minor version that made it; these are imported as named.
_FRAMEWORKS = ("lightgbm", "xgboost", "torch")


def versions(estimator: Any) -> dict[str, str]:
    """What the estimator was made with."""
    python = ".".join(map(str, sys.version_info[:3]))
    made_with = {"python": python, **{package: version(package) for package in _PACKAGES}}
    name = "torch" if network_files.is_network(estimator) else boosters.library(estimator)
    if name is not None:
        made_with[name] = str(import_module(name).__version__)
    return {**made_with, **foreign_versions(estimator)}


def foreign_versions(estimator: Any) -> dict[str, str]:
    """What took part in making it and is no distribution of Python's."""
    return dict(estimator.versions) if isinstance(estimator, RModel) else {}


def framework(made_with: Mapping[str, str]) -> str:
    """The library, or language, a model was made with."""
    if "r" in made_with:
        return "R"
    return next((name for name in _FRAMEWORKS if name in made_with), "scikit-learn")


def dump(estimator: Any, folder: Path) -> list[str]:
    """Writes the estimator; the names of its files. EstimatorError names an untrusted type."""
    if isinstance(estimator, RModel):
        return estimator.dump(folder)
    if boosters.library(estimator) is not None:
        return boosters.dump(estimator, folder)
    if network_files.is_network(estimator):
        return network_files.dump(estimator, folder)
    skops_files.dump(estimator, folder / FILE_NAME)
    return [FILE_NAME]


def load(folder: Path, made_with: Mapping[str, str], contract: DataContract) -> Any:
    """The estimator in a folder, if it holds trusted types only."""
    _require_same("scikit-learn", version("scikit-learn"), made_with["scikit-learn"])
    for name in _FRAMEWORKS:
        if name in made_with:
            _require_same(name, _installed(name), made_with[name])
    if (folder / r_estimator.FILE_NAME).is_file():
        return RModel.loaded(folder, contract)
    if (folder / network_files.NETWORK).is_file():
        return network_files.load(folder)
    return boosters.load(folder) or skops_files.load(folder / FILE_NAME)


def _require_same(name: str, ours: str | None, theirs: str) -> None:
    if ours is None or ours.split(".")[:2] != theirs.split(".")[:2]:
        here = f"here is {ours}" if ours else "here is none"
        raise EstimatorError(
            f"the model was made with {name} {theirs}, {here}: "
            "serve it with the image that trained it"
        )


def _installed(name: str) -> str | None:
    """The version here; not asked of the distribution, which has several names."""
    try:
        return str(import_module(name).__version__)
    except ModuleNotFoundError:
        return None


def scores(estimator: Any, frame: "pd.DataFrame | Arrays", classes: int) -> Floats:
    """Probabilities by class (fitted on 0, 1, ...), or one column of values for a regression.

    An estimator that reads arrays by column (`reads_arrays`) may be given those.
    """
    if not classes:
        return np.asarray(estimator.predict(frame), dtype=np.float64).reshape(-1, 1)
    if not hasattr(estimator, "predict_proba"):
        raise EstimatorError(
            f"{type(estimator).__name__} gives no probabilities: use one with predict_proba, "
            "or wrap it in sklearn.calibration.CalibratedClassifierCV"
        )
    return np.asarray(estimator.predict_proba(frame), dtype=np.float64)


def link(estimator: Any, classes: int) -> Link | None:
    """How an estimator's decision becomes its answer, if it is known to be a simple one."""
    if isinstance(estimator, RModel):
        return estimator.link
    final = estimator.steps[-1][1] if hasattr(estimator, "steps") else estimator
    if not classes:
        return "identity"
    if type(final).__name__ not in ("LogisticRegression", "LogisticRegressionCV"):
        return None
    if classes == 2:
        return "logistic"
    return "softmax" if getattr(final, "solver", "") != "liblinear" else None


def decisions(estimator: Any, frame: "pd.DataFrame") -> Floats:
    """What the link is applied to, one column per output."""
    ask = getattr(estimator, "decision_function", None) or estimator.predict
    return np.asarray(ask(frame), dtype=np.float64).reshape(len(frame), -1)
