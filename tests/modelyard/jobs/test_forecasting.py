"""The jobs of a forecasting project: series in, a judged model out, and what a retrain meets."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from modelyard.card.measures import quality
from modelyard.evidence_report.page_worth import metrics as metrics_page
from modelyard.evidence_report.worth import quality as worth
from modelyard.forecasting import KEY, rows
from modelyard.forecasting.inference import infer
from modelyard.model import Model
from modelyard.tables import read_table


def sales(months: int = 72) -> pd.DataFrame:
    """Two shops with a season, a little growth, and days of opening that are known ahead."""
    dice = np.random.default_rng(7)
    dates = pd.date_range("2018-01-01", periods=months, freq="MS")
    frames = []
    for shop, level in (("north", 400.0), ("south", 900.0)):
        at = np.arange(months)
        season = 1 + 0.3 * np.sin(2 * np.pi * at / 12)
        days = dice.integers(20, 28, months)
        value = level * season * (1 + 0.002 * at) * days / 24 * dice.normal(1, 0.03, months)
        frames.append(
            pd.DataFrame(
                {
                    "month": dates.strftime("%Y-%m-%d"),
                    "shop": shop,
                    "sales": value.round(1),
                    "days": days,
                }
            )
        )
    return pd.concat(frames)


@pytest.fixture(scope="module")
def repo(make_repo_of_module: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A forecasting repo after all three jobs; tests read it and leave it as it is."""
    frame = sales()
    found = infer(frame, "sales", "month", "shop", 6, ["days"])
    # A regression's repo, told that it forecasts.
    made = make_repo_of_module(
        tmp_path_factory.mktemp("forecast") / "repo", frame, "sales", "regression"
    )
    found.contract.dump(made.folder / "data_contract.yaml")
    state(made, {"problem": "forecasting", "forecast": yaml.safe_load(found.section)})
    for job in (made.prepare, made.train, made.evaluate):
        done = job()
        assert done.returncode == 0, done.stderr
    return made


def state(repo: Any, model: dict[str, Any]) -> None:
    file = repo.folder / "project.yaml"
    document = yaml.safe_load(file.read_text())
    document["model"] |= model
    file.write_text(yaml.safe_dump(document))


@pytest.fixture
def own(repo: Any, tmp_path: Path) -> Any:
    """The repo to be changed and run again."""
    shutil.copytree(repo.folder, tmp_path / "repo")
    return type(repo)(tmp_path / "repo")


def test_manifest_says_of_which_series_the_rows_are_made(repo: Any) -> None:
    manifest = repo.read("manifest/dataset_manifest.json")
    assert manifest["split"]["rule"].startswith("by the date of the predicted period")
    assert manifest["forecast"]["series"] == 2
    assert (manifest["forecast"]["first"], manifest["forecast"]["last"]) == (
        "2018-01-01",
        "2023-12-01",
    )
    assert manifest["rows"]["total"] == 144
    assert manifest["rows"]["train"] > manifest["rows"]["test"] > 0


def test_evaluation_beats_and_states_the_baseline(repo: Any) -> None:
    evaluation = repo.read("evaluation/evaluation.json")
    baseline = evaluation["forecast"]["baseline"]
    assert (evaluation["problem"], baseline["name"]) == ("forecasting", "seasonal naive")
    assert evaluation["metrics"]["mase"]["value"] < baseline["metrics"]["mase"]
    assert baseline["sentence"].endswith("better")
    assert evaluation["gates"]["results"][0]["metric"] == "mase"
    assert evaluation["gates"]["passed"] == 1


def test_every_step_and_series_is_reported(repo: Any) -> None:
    found = repo.read("evaluation/evaluation.json")["forecast"]
    assert list(found["by_step"]) == ["1", "2", "3", "4", "5", "6"]
    assert set(found["by_series"]) == {"north", "south"}


def test_card_and_page_show_the_baseline(repo: Any) -> None:
    evaluation = repo.read("evaluation/evaluation.json")
    groups = {group["name"]: group["metric_data"] for group in quality(evaluation)}
    notes = groups["Baseline: seasonal naive forecast"][0]["notes"]
    assert "for the seasonal naive forecast (the value 12 months before)" in notes
    assert len(groups["By periods ahead"]) == 6
    page = metrics_page({"metrics": worth(evaluation)})
    assert "Predicts 6 months ahead" in page
    assert "By series, the worst first" in page


def test_served_model_answers_rows_made_of_history(repo: Any) -> None:
    history = read_table(repo.folder / "data" / "rows.csv")
    history.loc[history["month"] >= "2023-07-01", "sales"] = None
    asked = rows(history, repo.folder / "project.yaml")
    answers = Model.load(repo.model).predict(asked)
    truth = sales().set_index(["shop", "month"])["sales"]
    errors = [
        abs(answer["prediction"] / truth[row["shop"], row[KEY].split()[1]] - 1)
        for row, answer in zip(asked, answers, strict=True)
    ]
    assert len(errors) == 12
    assert np.mean(errors) < 0.1


def test_model_is_a_regression_to_whatever_serves_it(repo: Any) -> None:
    model = Model.load(repo.model)
    assert model.problem == "regression"
    assert model.training is not None
    assert model.training["learned_until"] < "2023"


def test_new_periods_join_the_test_and_move_no_row(own: Any) -> None:
    before = own.read("manifest/dataset_manifest.json")
    # The dice fall otherwise for longer series: the old periods stay what they were.
    old = sales(72)
    new = sales(75)
    pd.concat([old, new[new["month"] >= "2024-01-01"]]).to_csv(
        own.folder / "data" / "rows.csv", index=False
    )
    done = own.prepare()
    assert done.returncode == 0, done.stderr
    after = own.read("manifest/dataset_manifest.json")
    for name in ("train", "validation"):
        assert after["split"]["sha256"][name] == before["split"]["sha256"][name]
    assert after["rows"]["test"] > before["rows"]["test"]


def champion_of(repo: Any, own: Any) -> Any:
    """Evaluates `own`, whose champion is the model of `repo`."""
    folder = own.folder / "champion"
    shutil.copytree(repo.model, folder)
    inputs = own.folder / "ml" / "processing" / "input" / "model"
    shutil.rmtree(inputs, ignore_errors=True)
    shutil.copytree(own.model, inputs)
    folders = [f"--{name}={own.output / name}" for name in ("train", "test", "manifest")]
    done = own._job(
        "evaluate", f"--model={inputs}", *folders, f"--champion={folder}", f"--output={own.output}"
    )
    assert done.returncode == 0, done.stderr
    return own.read("evaluation/evaluation.json")["champion"]


@pytest.mark.slow
def test_challenger_that_learned_more_meets_the_champion_on_the_same_rows(
    repo: Any, own: Any
) -> None:
    text = (own.folder / "project.yaml").read_text()
    stated = yaml.safe_load(text)["model"]["forecast"]
    state(own, {"forecast": {**stated, "test_from": "2023-04-01"}})
    for job in (own.prepare, own.train):
        assert job().returncode == 0
    found = champion_of(repo, own)
    assert found["metric"] == "mase"
    assert found["better"] in (True, False)
    assert "on the same rows" in found["sentence"]


@pytest.mark.slow
def test_champion_that_learned_from_the_test_periods_is_not_compared(repo: Any, own: Any) -> None:
    stated = yaml.safe_load((own.folder / "project.yaml").read_text())["model"]["forecast"]
    state(own, {"forecast": {**stated, "test_from": "2021-06-01"}})
    for job in (own.prepare, own.train):
        assert job().returncode == 0
    found = champion_of(repo, own)
    assert found["better"] is None
    assert "test_from was moved back" in found["sentence"]


def test_gap_in_time_fails_the_job_in_one_line(own: Any) -> None:
    frame = sales()
    frame[frame["month"] != "2020-05-01"].to_csv(own.folder / "data" / "rows.csv", index=False)
    done = own.prepare()
    assert done.returncode == 1
    assert "series 'north' has no row for the month of 2020-05-01" in own.message
    assert "Traceback" not in done.stderr


def test_profile_is_of_the_rows_that_requests_carry(repo: Any) -> None:
    profiled = json.dumps(repo.read("evaluation/baseline_profile.json"))
    assert "sales_season_before" in profiled
    assert KEY not in profiled
