"""Models written in R: the team's R code trains, predicts and serves; everything else stays as is.

A team's package holds its R files and one line of Python, `build_model = model_of(__package__)`.
What that builds behaves like a fitted scikit-learn estimator, so that the jobs, the checks and the
commands need not know. R is asked through files, in a process of its own (modelyard/r/runtime).
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from modelyard.data import DataContract
    from modelyard.r.estimator import RModel


def model_of(package: str) -> "Callable[[DataContract, Mapping[str, str]], RModel]":
    """`build_model` of a package whose folder holds model.R."""

    def build_model(contract: "DataContract", hyperparameters: Mapping[str, str]) -> "RModel":
        from modelyard.r.code import RCode
        from modelyard.r.estimator import RModel

        return RModel(RCode.of(package), contract, hyperparameters)

    return build_model
