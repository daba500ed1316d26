"""Fitted scikit-learn estimators: asked for scores, and kept as skops files of trusted types."""

import re
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from modelyard.errors import ModelyardError
from modelyard.scorer import Floats, Link

if TYPE_CHECKING:
    import pandas as pd

FILE_NAME = "model.skops"
# Classes of scikit-learn rebuild their state; its functions, and anyone else's code, are refused.
_TRUSTED = re.compile(
    r"sklearn\.[\w.]+\.(_[a-z]\w*\.)?_?[A-Z]\w*|numpy\.(dtype|random\._pickle\.\w+)"
)
_PACKAGES = ("modelyard", "scikit-learn", "skops", "numpy", "pandas")


class EstimatorError(ModelyardError):
    """An estimator that cannot be scored or kept; the message says what to use instead."""


def versions() -> dict[str, str]:
    """What the estimator was made with."""
    python = ".".join(map(str, sys.version_info[:3]))
    return {"python": python, **{package: version(package) for package in _PACKAGES}}


def dump(estimator: Any, folder: Path) -> list[str]:
    """Writes the estimator; the names of its files. EstimatorError names an untrusted type."""
    import skops.io

    skops.io.dump(estimator, folder / FILE_NAME)
    _trusted(folder / FILE_NAME)
    return [FILE_NAME]


def load(folder: Path, made_with: Mapping[str, str]) -> Any:
    """The estimator in a folder, if it holds trusted types only."""
    import skops.io

    ours, theirs = version("scikit-learn"), made_with["scikit-learn"]
    if ours.split(".")[:2] != theirs.split(".")[:2]:
        raise EstimatorError(
            f"the model was made with scikit-learn {theirs}, here is {ours}: "
            "serve it with the image that trained it"
        )
    return skops.io.load(folder / FILE_NAME, trusted=_trusted(folder / FILE_NAME))


def _trusted(file: Path) -> list[str]:
    import skops.io

    types: list[str] = skops.io.get_untrusted_types(file=file)
    refused = [name for name in types if not _TRUSTED.fullmatch(name)]
    if refused:
        raise EstimatorError(
            f"the model holds {', '.join(refused)}, which is not a type of scikit-learn and so "
            "cannot be loaded safely: use scikit-learn's own transformers and estimators in "
            "build_features and build_model"
        )
    return types


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
