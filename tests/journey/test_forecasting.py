"""Forecasts take the same road: served from history, judged by what came, trained again."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sandbox.journey import monitored, server
from sandbox.journey.commands import clean_environment, run
from sandbox.journey.stages import SERVING, Journey
from tests.journey.test_log_capture import judged

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

# Forecasts made at the end of so many months in a row: enough rows to judge a window by.
MONTHS = 6
HORIZON = 6
ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "forecasting.md").read_text()


def page_commands(program: str) -> list[list[str]]:
    """The lines of the page's code blocks that run a program, as words."""
    blocks = re.findall(r"^```[a-z]*\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    return [shlex.split(line) for line in lines if line.startswith(program)]


@dataclass(frozen=True)
class Forecast:
    """A model of road accidents that staging serves, and what it foresaw.

    Attributes:
        later: the data with the months that were still to come when the model was trained.
        said: the lines that `modelyard predict --history` printed, month by month.
    """

    journey: Journey
    package: str
    later: Path
    said: list[dict[str, Any]]


def without_last(frame: pd.DataFrame, months: int) -> pd.DataFrame:
    """As the data were `months` months ago; covariates known ahead reach as far as they do now."""
    dates = sorted(frame["month"].unique())
    return frame.assign(accidents=frame["accidents"].mask(frame["month"] > dates[-months - 1]))


def commit(repo: Path, message: str) -> None:
    """What is published comes from a commit, or it could not be made again."""
    who = ["-c", "user.name=Alice", "-c", "user.email=alice@example.com"]
    command = ["git", "-C", str(repo), *who, "commit", "--quiet", "--no-verify", "--all"]
    subprocess.run([*command, "--message", message], check=True)


def trained_beside(journey: Journey, champion: str) -> str:
    """A run that is given the champion's model, as automatic runs are; its package."""
    container = journey.package(champion)["InferenceSpecification"]["Containers"][0]
    sagemaker = journey.client(journey.session("dev", "data-scientist"), "sagemaker")
    arn = sagemaker.start_pipeline_execution(
        PipelineName=f"{journey.project.name}-dev-train",
        PipelineParameters=[{"Name": "ChampionUri", "Value": container["ModelDataUrl"]}],
    )["PipelineExecutionArn"]
    root = journey.client(journey.root("dev"), "sagemaker")

    def ended() -> bool:
        status = root.describe_pipeline_execution(PipelineExecutionArn=arn)
        assert status["PipelineExecutionStatus"] not in ("Failed", "Stopped")
        return bool(status["PipelineExecutionStatus"] == "Succeeded")

    monitored.waited(ended, "the challenger")
    newest = root.list_model_packages(
        ModelPackageGroupName=journey.project.name, SortBy="CreationTime", SortOrder="Descending"
    )["ModelPackageSummaryList"][0]
    return str(newest["ModelPackageArn"])


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forecast]:
    place = tmp_path_factory.mktemp("forecast")
    ((_, *arguments),) = page_commands(".venv/bin/cookiecutter")
    command = [sys.executable, "-m", "cookiecutter", *arguments, f"horizon={HORIZON}"]
    run([*command, "--output-dir", str(place)], ROOT, clean_environment({}))
    repo = place / "accidents"
    run(["make", "setup"], repo, clean_environment({}))
    data, later = repo / "data" / "accidents.csv", place / "later.csv"
    frame = pd.read_csv(data)
    frame.to_csv(later, index=False)
    # Trained before the last year: what came then is what the forecasts are judged by.
    ahead = MONTHS + HORIZON
    known = sorted(frame["month"].unique())[:-ahead]
    frame[frame["month"].isin(known)].to_csv(data, index=False)
    commit(repo, "Keep a year back")
    with server.serving(place) as url:
        journey = Journey(repo, url)
        for env in ("dev", "staging"):
            journey.apply(env)
        journey.publish(journey.push_image())
        package = journey.train()
        journey.approve(package, "Reviewed.")
        journey.release(package)
        operator, said = journey.session(SERVING, "model-operator"), []
        for month in range(MONTHS):
            history = place / f"history-{month}.csv"
            without_last(frame, ahead - month).to_csv(history, index=False)
            told = journey.modelyard(operator, "predict", "--history", str(history), "--json")
            said += [json.loads(line) for line in told.splitlines()]
        yield Forecast(journey, package, later, said)


def test_evaluation_states_its_baseline(served: Forecast) -> None:
    found = served.journey.evaluation(served.package)
    assert found["forecast"]["baseline"]["name"] == "seasonal naive"
    assert found["gates"]["passed"] == 1


def test_history_gives_a_prediction_for_every_month_ahead(served: Forecast) -> None:
    first = [one for one in served.said[: 4 * HORIZON] if one["series"] == "interstate"]
    assert [one["step"] for one in first] == list(range(1, HORIZON + 1))
    assert [one["date"] for one in first][:2] == ["1989-01-01", "1989-02-01"]
    assert len({one["inference_id"] for one in served.said}) == 4 * MONTHS
    assert {one["model_package"] for one in served.said} == {served.package}


def test_predictions_are_near_what_came(served: Forecast) -> None:
    truth = pd.read_csv(served.later).set_index(["road", "month"])["accidents"]
    errors = [abs(one["prediction"] / truth[one["series"], one["date"]] - 1) for one in served.said]
    assert sum(errors) / len(errors) < 0.15


def test_prediction_is_traced_to_its_data(served: Forecast) -> None:
    operator = served.journey.session(SERVING, "model-operator")
    told = served.journey.modelyard(
        operator, "trace", served.said[0]["inference_id"], "--env", SERVING
    )
    assert served.package.rsplit("/", 1)[1] in told


def test_actuals_become_the_labels_that_monitoring_judges_by(served: Forecast) -> None:
    journey = served.journey
    operator = journey.session(SERVING, "model-operator")
    told = journey.modelyard(operator, "actuals", "--env", SERVING, "--data", str(served.later))
    assert f"{len(served.said)} labels of {4 * MONTHS} forecasts" in told
    report = judged(journey)
    assert report["quality"]["primary"] == "mae"
    measured = report["quality"]["now"]
    truth = pd.read_csv(served.later).set_index(["road", "month"])["accidents"]
    errors = [abs(one["prediction"] - truth[one["series"], one["date"]]) for one in served.said]
    assert measured["rows"] == len(served.said)
    assert measured["metrics"]["mae"]["value"] == pytest.approx(sum(errors) / len(errors))
    assert report["drift"]["columns"]


def test_commands_of_the_page_do_what_it_says(served: Forecast) -> None:
    journey = served.journey
    frame = pd.read_csv(served.later)
    without_last(frame, HORIZON).to_csv(journey.repo / "history.csv", index=False)
    frame.to_csv(journey.repo / "actuals.csv", index=False)
    operator = journey.session(SERVING, "model-operator")
    table, documents, sent = (
        journey.modelyard(operator, *words[1:]) for words in page_commands("modelyard ")
    )
    assert table.splitlines()[0].startswith("U.S. highway  1989-07-01  prediction=")
    assert len(table.splitlines()) == 4 * HORIZON
    assert len(documents.splitlines()) == HORIZON
    assert "sent to s3://" in sent


def test_build_is_made_again_from_its_record(served: Forecast) -> None:
    journey = served.journey
    answer = json.loads(
        journey.modelyard(journey.root("dev"), "reproduce", served.package, "--json")
    )
    assert answer["verdict"] == "identical"


def test_retrained_model_that_learned_more_is_held_against_the_champion(served: Forecast) -> None:
    """Runs last: it brings new data, and moves the date from which periods test."""
    journey = served.journey
    data, project = journey.repo / "data" / "accidents.csv", journey.repo / "project.yaml"
    data.write_bytes(served.later.read_bytes())
    text = project.read_text()
    moved, count = re.subn(r"test_from: \S+", "test_from: 1988-10-01", text)
    assert count == 1
    project.write_text(moved)
    commit(journey.repo, "Learn from what came")
    journey = Journey(journey.repo, journey.url, journey.sessions)
    journey.publish(journey.push_image())
    package = trained_beside(journey, served.package)
    comparison = journey.package(package)["CustomerMetadataProperties"]["champion_comparison"]
    assert comparison.startswith("version 1 is the champion: mase ")
    assert "on the same rows" in comparison
