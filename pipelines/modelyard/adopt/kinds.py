"""What a call makes, judged by what it is imported as: a pipeline, a bare estimator, neither."""

from __future__ import annotations

import ast
from typing import Literal

from modelyard.adopt.source import Script

Kind = Literal["pipeline", "estimator", "foreign"]

_PIPELINES = ("sklearn.pipeline.Pipeline", "sklearn.pipeline.make_pipeline")
_WITH_ESTIMATORS = (
    "calibration", "compose", "discriminant_analysis", "dummy", "ensemble", "gaussian_process",
    "isotonic", "kernel_ridge", "linear_model", "model_selection", "multiclass", "naive_bayes",
    "neighbors", "neural_network", "semi_supervised", "svm", "tree",
)  # fmt: skip
_BOOSTED = ("lightgbm.LGBM", "xgboost.XGB", "lightgbm.sklearn.LGBM", "xgboost.sklearn.XGB")
# Those that take another estimator, or columns, and are a model only around one.
_AROUND = (
    "TransformedTargetRegressor",
    "GridSearchCV",
    "RandomizedSearchCV",
    "CalibratedClassifier",
)
_NOT_MODELS = ("KFold", "Split", "split", "score", "validate", "predict", "Transformer", "selector")
_FOREIGN = {
    "lightgbm.train": "LGBMClassifier or LGBMRegressor",
    "xgboost.train": "XGBClassifier or XGBRegressor",
    "catboost.CatBoostClassifier": "a scikit-learn estimator, LightGBM or XGBoost",
    "catboost.CatBoostRegressor": "a scikit-learn estimator, LightGBM or XGBoost",
    "statsmodels.api.Logit": "sklearn.linear_model.LogisticRegression",
    "statsmodels.api.OLS": "sklearn.linear_model.LinearRegression",
}
# What handles gaps in its input by itself.
_GAPS_ALLOWED = (
    "LGBM",
    "XGB",
    "HistGradientBoosting",
    "RandomForest",
    "ExtraTrees",
    "DecisionTree",
)
_REGRESSORS = ("Regress", "Ridge", "Lasso", "ElasticNet", "SVR", "Lars", "RANSAC", "TheilSen")
_CLASSIFIERS = ("Classif", "LogisticRegression", "SVC", "NB", "Discriminant", "Perceptron")


def kind(script: Script, node: ast.AST | None) -> Kind | None:
    """What an expression makes; None where it is no call or makes something else."""
    if not isinstance(node, ast.Call):
        return None
    name = script.dotted(node.func)
    if name in _PIPELINES:
        return "pipeline"
    if name in _FOREIGN:
        return "foreign"
    if name.startswith(_BOOSTED):
        return "estimator"
    package, _, rest = name.partition(".")
    module, _, last = rest.partition(".")
    if (
        package != "sklearn"
        or module not in _WITH_ESTIMATORS
        or any(w in last for w in _NOT_MODELS)
    ):
        return None
    return "estimator" if last[:1].isupper() or last.rpartition(".")[2][:1].isupper() else None


def instead(script: Script, node: ast.Call) -> str:
    """What to use in place of a model that cannot be kept without pickle."""
    return _FOREIGN[script.dotted(node.func)]


def learners(script: Script, node: ast.AST) -> list[str]:
    """The estimators' names within an expression, the outermost first."""
    calls = (inner for inner in ast.walk(node) if kind(script, inner) == "estimator")
    return [
        script.dotted(call.func).rpartition(".")[2] for call in calls if isinstance(call, ast.Call)
    ]


def framework(names: list[str]) -> str:
    """The template's name for what the estimators are from."""
    for beginning, found in (("LGBM", "lightgbm"), ("XGB", "xgboost")):
        if any(name.startswith(beginning) for name in names):
            return found
    return "scikit-learn"


def fills_gaps(names: list[str]) -> bool:
    """Whether the model learns from rows with gaps."""
    return any(name.startswith(_GAPS_ALLOWED) for name in names)


def is_around(names: list[str]) -> bool:
    """Whether what it is around, rather than itself, sees the columns."""
    return any(name.startswith(_AROUND) for name in names[:1])


def predicts(names: list[str]) -> str | None:
    """`numbers` or `classes`, where the estimators' names tell."""
    for name in names:
        if any(word in name for word in _CLASSIFIERS):
            return "classes"
        if any(word in name for word in _REGRESSORS):
            return "numbers"
    return None
