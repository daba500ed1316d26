"""The model: boosted trees on top of the features, and what can be tuned about them."""

from collections.abc import Mapping

from lightgbm import LGBMRegressor
from modelyard.data import DataContract
from modelyard.hyperparameters import tuned
from sklearn.pipeline import Pipeline, make_pipeline

from .features import build_features, category_positions


def build_model(contract: DataContract, hyperparameters: Mapping[str, str]) -> Pipeline:
    """An unfitted model; hyperparameters come from project.yaml (training.hyperparameters).

    The same rows give the same trees: the seed and the order of every sum are fixed. 0 jobs are as
    many as project.yaml says (training.threads). Add `early_stopping_rounds=20` to what is tuned to
    stop when the validation rows gain no more.
    """
    settings = tuned(
        hyperparameters,
        n_estimators=300,
        learning_rate=0.05,
        num_leaves=7,
        min_child_samples=5,
        reg_lambda=1.0,
    )
    booster = LGBMRegressor(
        **settings,
        cat_feature=category_positions(contract),
        random_state=0,
        deterministic=True,
        force_col_wise=True,
        n_jobs=0,
        verbose=-1,
    )
    return make_pipeline(build_features(contract), booster)
