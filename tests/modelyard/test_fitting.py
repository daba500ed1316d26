"""Weights and rows to stop early by reach the last step of a team's model."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from lightgbm import LGBMClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from xgboost import XGBClassifier

from modelyard.fitting import fit

DICE = np.random.default_rng(3)
ROWS = pd.DataFrame({"x": DICE.normal(size=300), "y": DICE.normal(size=300)})
# Chance decides most answers, so that more rounds soon make a booster worse on other rows.
LABELS = (ROWS["x"] + 2 * DICE.normal(size=300) > 0).astype(int).to_numpy()
SEEN, UNSEEN = (ROWS[:200], LABELS[:200]), (ROWS[200:], LABELS[200:])
BOOSTERS = [
    lambda **more: LGBMClassifier(n_estimators=100, verbose=-1, n_jobs=1, **more),
    lambda **more: XGBClassifier(n_estimators=100, n_jobs=1, **more),
]


@pytest.mark.parametrize(
    "estimator", [LogisticRegression(), make_pipeline(StandardScaler(), LogisticRegression())]
)
def test_weights_reach_the_last_step(estimator: Any) -> None:
    plain = fit(estimator, *SEEN).predict_proba(ROWS)
    heavy = np.where(SEEN[1] == 1, 9.0, 0.1)
    assert (fit(estimator, *SEEN, heavy).predict_proba(ROWS) > plain)[:, 1].all()


def test_model_without_weights_is_a_type_error() -> None:
    with pytest.raises(TypeError):
        fit(KNeighborsClassifier(), *SEEN, np.ones(200))


@pytest.mark.parametrize("booster", BOOSTERS, ids=["lightgbm", "xgboost"])
@pytest.mark.parametrize("weights", [None, np.ones(200)], ids=["plain", "weighed"])
def test_booster_stops_when_unseen_rows_no_longer_gain(booster: Any, weights: Any) -> None:
    pipeline = make_pipeline(
        StandardScaler().set_output(transform="pandas"), booster(early_stopping_rounds=5)
    )
    fitted = fit(pipeline, *SEEN, weights, UNSEEN)
    assert rounds(fitted.steps[-1][1]) < 50
    # The best round's, not the last one's: `fit` prepared the unseen rows as it prepares all.
    assert fitted.score(*UNSEEN) > 0.5


@pytest.mark.parametrize("booster", BOOSTERS, ids=["lightgbm", "xgboost"])
def test_without_unseen_rows_all_rounds_are_run(booster: Any, capfd: Any) -> None:
    fitted = fit(booster(early_stopping_rounds=5), *SEEN)
    assert rounds(fitted) == 100
    assert capfd.readouterr().out == ""


def rounds(booster: Any) -> int:
    """How many rounds answer."""
    if isinstance(booster, XGBClassifier):
        stopped = booster.get_booster().attr("best_iteration")
        return int(stopped) + 1 if stopped else booster.get_booster().num_boosted_rounds()
    return int(booster.best_iteration_ or booster.n_estimators_)
