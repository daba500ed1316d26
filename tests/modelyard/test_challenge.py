"""Challenger and champion on the same rows: who wins, by what, and what cannot be compared."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from modelyard import metrics
from modelyard.challenge import challenge
from modelyard.data import DataContract
from modelyard.metrics import Metric
from modelyard.model import save
from modelyard.tables import as_frame, to_arrays

DICE = np.random.default_rng(5)
ROWS = [{"signal": float(DICE.normal()), "noise": float(DICE.normal())} for _ in range(400)]
ANSWERS = np.array([int(row["signal"] + DICE.normal() > 0) for row in ROWS])
GATES = {"roc_auc": {"min": 0.6}}


def contract(*features: str) -> DataContract:
    columns: list[dict[str, Any]] = [
        {"name": name, "kind": "number", "use": "feature"} for name in features
    ]
    target = {"name": "target", "kind": "integer", "use": "target", "categories": ["0", "1"]}
    return DataContract.parse({"columns": [*columns, target]})


def champion(folder: Path, *features: str) -> Path:
    """A model that knows these columns."""
    agreed = contract(*features)
    arrays = to_arrays(ROWS, agreed.feature_columns)
    estimator = make_pipeline(StandardScaler(), LogisticRegression())
    estimator.fit(as_frame(arrays, agreed.feature_columns), ANSWERS)
    save(estimator, folder, agreed, "binary", arrays)
    return folder


def measured(column: str) -> dict[str, Metric]:
    """What a challenger that goes by one column is worth."""
    chance = 1 / (1 + np.exp(-np.array([row[column] for row in ROWS])))
    return dict(metrics.metrics("binary", ANSWERS, np.column_stack([1 - chance, chance])))


def against(folder: Path | None, column: str, gates: Any = GATES) -> dict[str, Any]:
    test = to_arrays(ROWS, contract("signal", "noise").feature_columns)
    return challenge(folder, gates, measured(column), test, measure)


def measure(scores: Any) -> dict[str, Metric]:
    return dict(metrics.metrics("binary", ANSWERS, scores))


def test_the_better_model_wins_on_the_same_rows(tmp_path: Path) -> None:
    found = against(champion(tmp_path / "m", "noise"), "signal")
    assert found["better"] is True
    assert found["challenger"] > found["champion"]
    assert "beats" in found["sentence"]


def test_the_worse_model_loses(tmp_path: Path) -> None:
    found = against(champion(tmp_path / "m", "signal"), "noise")
    assert found["better"] is False
    assert "does not beat" in found["sentence"]


def test_as_good_is_not_better(tmp_path: Path) -> None:
    assert against(champion(tmp_path / "m", "signal"), "signal")["better"] is False


@pytest.mark.parametrize(
    ("gates", "metric"),
    [({"log_loss": {"max": 0.9}, "roc_auc": {"min": 0.6}}, "log_loss"), (GATES, "roc_auc")],
)
def test_the_first_metric_with_a_gate_decides(
    tmp_path: Path, gates: dict[str, Any], metric: str
) -> None:
    found = against(champion(tmp_path / "m", "noise"), "signal", gates)
    assert (found["metric"], found["better"]) == (metric, True)


def test_without_a_champion_there_is_nothing_to_beat() -> None:
    assert against(None, "signal") == {
        "sentence": "no version is approved yet, so there is nothing to beat"
    }


def test_a_champion_whose_columns_are_gone_is_not_compared(tmp_path: Path) -> None:
    folder = champion(tmp_path / "m", "signal", "noise")
    test = to_arrays(ROWS, contract("signal").feature_columns)
    found = challenge(folder, GATES, measured("signal"), test, measure)
    assert found["better"] is None
    assert "needs noise, which the data lacks now" in found["sentence"]


def test_a_champion_that_was_tampered_with_is_not_compared(tmp_path: Path) -> None:
    folder = champion(tmp_path / "m", "signal")
    victim = next(file for file in folder.iterdir() if file.name != "manifest.json")
    victim.write_bytes(victim.read_bytes() + b" ")
    found = against(folder, "noise")
    assert (found["better"], found["sentence"][:28]) == (None, "the champion cannot be read:")


def test_a_champion_that_cannot_be_tested_fairly_is_not_compared(tmp_path: Path) -> None:
    test = to_arrays(ROWS, contract("signal", "noise").feature_columns)
    folder = champion(tmp_path / "m", "noise")
    found = challenge(
        folder, GATES, measured("signal"), test, measure, lambda _: "it saw these rows"
    )
    assert (found["better"], found["sentence"]) == (None, "it saw these rows")
