"""The model: boosted trees on top of the features, and what can be tuned about them."""

from collections.abc import Mapping

from modelyard.data import DataContract
from modelyard.hyperparameters import tuned
from sklearn.pipeline import Pipeline, make_pipeline
from xgboost import XGBRegressor

from .features import build_features


def build_model(contract: DataContract, hyperparameters: Mapping[str, str]) -> Pipeline:
    """An unfitted model; hyperparameters come from project.yaml (training.hyperparameters).

    The same rows give the same trees: the seed is fixed, and project.yaml says on how many threads
    (training.threads). Add `early_stopping_rounds=20` to what is tuned to stop when the validation
    rows gain no more.
    """
    settings = tuned(
        hyperparameters,
        n_estimators=150,
        learning_rate=0.05,
        max_depth=4,
        min_child_weight=5.0,
        reg_lambda=1.0,
    )
    return make_pipeline(build_features(contract), XGBRegressor(**settings, random_state=0))
