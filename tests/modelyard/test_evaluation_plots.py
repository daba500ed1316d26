"""Plots of an evaluation: right where it can be checked, readable without seeing, and stable."""

import xml.etree.ElementTree as ET
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import auc, roc_auc_score

from modelyard.evaluation_plots import plots, roc

DICE = np.random.default_rng(1)
ANSWERS = (DICE.random(400) < 0.3).astype(int)
SCORE = np.clip(0.3 * ANSWERS + 0.7 * DICE.random(400), 0, 1)
SCORES = np.column_stack([1 - SCORE, SCORE])
EVALUATION: dict[str, Any] = {
    "calibration": {"bins": [{"rows": 9, "predicted": 0.1, "observed": 0.2}]},
    "explanation": {"importance": {"size <b>": 0.7, "age": 0.3}},
}
NOTHING: dict[str, Any] = {"calibration": None, "explanation": {"importance": {}}}


def test_area_under_the_drawn_curve_is_scikit_learns() -> None:
    x, y = zip(*roc(ANSWERS == 1, SCORE), strict=True)
    assert auc(x, y) == pytest.approx(roc_auc_score(ANSWERS, SCORE), abs=0.01)


def test_equal_scores_draw_the_diagonal() -> None:
    assert roc(ANSWERS == 1, np.full(400, 0.5)) == [(0.0, 0.0), (1.0, 1.0)]


def test_binary_problem_has_roc_calibration_and_importance() -> None:
    found = plots("binary", ANSWERS, SCORES, EVALUATION)
    assert found.keys() == {"roc.svg", "calibration.svg", "importance.svg"}


def test_regression_has_means_instead_of_rows() -> None:
    values = DICE.normal(size=1000)
    (drawn,) = plots("regression", values, values[:, None], NOTHING).values()
    assert drawn.count(",") < 60


@pytest.mark.parametrize("name", ["roc.svg", "calibration.svg", "importance.svg"])
def test_plot_is_well_formed_and_tells_itself_in_words(name: str) -> None:
    root = ET.fromstring(plots("binary", ANSWERS, SCORES, EVALUATION)[name])
    space = "{http://www.w3.org/2000/svg}"
    assert root.find(f"{space}title") is not None
    assert (root.findtext(f"{space}desc") or "").count(":") >= 1


def test_same_numbers_give_the_same_bytes() -> None:
    assert plots("binary", ANSWERS, SCORES, EVALUATION) == plots(
        "binary", ANSWERS, SCORES, EVALUATION
    )
