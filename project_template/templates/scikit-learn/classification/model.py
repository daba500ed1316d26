"""The model: an estimator on top of the features, and what can be tuned about it."""

from collections.abc import Mapping

from modelyard.data import DataContract
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline

from .features import build_features


def build_model(contract: DataContract, hyperparameters: Mapping[str, str]) -> Pipeline:
    """An unfitted model; hyperparameters come from project.yaml (training.hyperparameters).

    A logistic regression is the honest baseline: fast, calibrated, and explained by its weights.
    Any scikit-learn classifier with predict_proba fits here.
    """
    return make_pipeline(
        build_features(contract),
        LogisticRegression(C=float(hyperparameters.get("C", "0.1")), max_iter=1000),
    )
