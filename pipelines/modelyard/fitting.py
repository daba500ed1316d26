"""Fits a team's model: weights go to its last step, and so do rows to stop early by.

Boosters and networks can watch rows they do not learn from and stop when these no longer gain.
A booster asks for it with `early_stopping_rounds`, a network always does; the steps before it
prepare those rows as they prepare all others.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy.typing as npt

if TYPE_CHECKING:
    import pandas as pd

Array = npt.NDArray[Any]


def fit(
    estimator: Any,
    frame: "pd.DataFrame",
    answers: Array,
    weights: Array | None = None,
    unseen: "tuple[pd.DataFrame, Array] | None" = None,
) -> Any:
    """The fitted estimator; `unseen` are rows and answers to stop early by.

    Without them a booster that would stop early runs all its rounds, and a network holds out rows
    of its own.
    """
    if not _stops_early(estimator):
        return estimator.fit(frame, answers, **_for_last(estimator, _weighed(weights)))
    final = _final(estimator)
    if unseen is None or not len(unseen[1]):
        if not getattr(final, "stops_early", False):
            final.set_params(early_stopping_rounds=None)
        return estimator.fit(frame, answers, **_for_last(estimator, _weighed(weights)))
    made, watched = frame, unseen[0]
    if final is not estimator and len(estimator.steps) > 1:
        before = estimator[:-1]
        made, watched = before.fit_transform(frame, answers), before.transform(watched)
    final.fit(made, answers, **_watching(final, watched, unseen[1]), **_weighed(weights))
    return estimator


def _stops_early(estimator: Any) -> bool:
    final = _final(estimator)
    if getattr(final, "stops_early", False):  # modelyard.networks
        return True
    settings = final.get_params() if hasattr(final, "get_params") else {}
    return bool(settings.get("early_stopping_rounds"))


def _weighed(weights: Array | None) -> Mapping[str, Any]:
    return {} if weights is None else {"sample_weight": weights}


def _for_last(estimator: Any, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    last = f"{estimator.steps[-1][0]}__" if hasattr(estimator, "steps") else ""
    return {f"{last}{name}": value for name, value in arguments.items()}


def _watching(final: Any, rows: Any, answers: Array) -> Mapping[str, Any]:
    """The rows to stop early by, as each library takes them."""
    name = type(final).__module__.partition(".")[0]
    if name == "lightgbm":
        return {"eval_X": rows, "eval_y": answers}
    # XGBoost prints every round unless it is told not to.
    quiet = {"verbose": False} if name == "xgboost" else {}
    return {"eval_set": [(rows, answers)], **quiet}


def _final(estimator: Any) -> Any:
    return estimator.steps[-1][1] if hasattr(estimator, "steps") else estimator
