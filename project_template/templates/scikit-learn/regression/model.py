"""The model: an estimator on top of the features, and what can be tuned about it."""

from collections.abc import Mapping

from modelyard.data import DataContract
from sklearn.linear_model import Ridge
from sklearn.pipeline import Pipeline, make_pipeline

from .features import build_features


def build_model(contract: DataContract, hyperparameters: Mapping[str, str]) -> Pipeline:
    """An unfitted model; hyperparameters come from project.yaml (training.hyperparameters).

    A ridge regression is the honest baseline: fast, stable, and explained by its weights.
    Any scikit-learn regressor fits here.
    """
    return make_pipeline(
        build_features(contract),
        Ridge(alpha=float(hyperparameters.get("alpha", "1.0"))),
    )
