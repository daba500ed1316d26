"""Fitted estimators: asked for scores, and kept in formats that run no code when loaded."""

import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from modelyard import boosters, skops_files
from modelyard.scorer import Floats, Link
from modelyard.skops_files import EstimatorError

if TYPE_CHECKING:
    import pandas as pd

FILE_NAME = "model.skops"
_PACKAGES = ("modelyard", "scikit-learn", "skops", "numpy", "pandas")


def versions() -> dict[str, str]:
    """What the estimator was made with."""
    python = ".".join(map(str, sys.version_info[:3]))
    return {"python": python, **{package: version(package) for package in _PACKAGES}}


def dump(estimator: Any, folder: Path) -> list[str]:
    """Writes the estimator; the names of its files. EstimatorError names an untrusted type."""
    if boosters.is_boosted(estimator):
        return boosters.dump(estimator, folder)
    skops_files.dump(estimator, folder / FILE_NAME)
    return [FILE_NAME]


def load(folder: Path, made_with: Mapping[str, str]) -> Any:
    """The estimator in a folder, if it holds trusted types only."""
    ours, theirs = version("scikit-learn"), made_with["scikit-learn"]
    if ours.split(".")[:2] != theirs.split(".")[:2]:
        raise EstimatorError(
            f"the model was made with scikit-learn {theirs}, here is {ours}: "
            "serve it with the image that trained it"
        )
    return boosters.load(folder) or skops_files.load(folder / FILE_NAME)


def scores(estimator: Any, frame: "pd.DataFrame", classes: int) -> Floats:
    """Probabilities by class (fitted on 0, 1, ...), or one column of values for a regression."""
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
