"""Models in R take the same road: tested, trained, approved, served by R, explained, made again."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from modelyard.r import process
from sandbox.journey import server
from sandbox.journey.commands import clean_environment, run
from tests.journey.travelled import Travelled, travel

pytestmark = [pytest.mark.slow, pytest.mark.r, pytest.mark.timeout(1200)]

# The template's model, and one that a team made of it: no sum of one term per column.
CURVED = """
build_model <- function(train, contract, hyperparameters) {
  fit <- lm(train$answers ~ bmi * s5 + bp, data = train$rows, weights = train$weights)
  list(coefficients = coef(fit))
}

predict_model <- function(model, rows) {
  seen <- lapply(rows[c("bmi", "s5", "bp")], function(x) ifelse(is.na(x), 0, x))
  drop(model.matrix(~ bmi * s5 + bp, seen) %*% model$coefficients)
}
"""


def generated(place: Path, problem: str) -> Path:
    """A model repo in R, as a team makes it."""
    template = Path(server.__file__).resolve().parents[2] / "project_template"
    answers = ["framework=r", f"problem={problem}", "project_name=In R"]
    command = [sys.executable, "-m", "cookiecutter", str(template), "--no-input", *answers]
    run(command, place, clean_environment({}))
    return place / "in-r"


@pytest.fixture(scope="module", params=["binary", "regression"])
def travelled(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Travelled]:
    """A model in R that staging serves, for each kind of problem."""
    reason = process.lacking()
    if reason is not None:
        pytest.skip(reason)
    place = tmp_path_factory.mktemp("r")
    repo = generated(place, request.param)
    if request.param == "regression":
        (repo / "src" / "in_r" / "model.R").write_text(CURVED)
        for arguments in (["add", "--all"], ["commit", "--quiet", "--message", "Bend it"]):
            subprocess.run(["git", "-C", str(repo), *arguments], check=True)
    with server.serving(place) as url:
        run(["make", "test"], repo, clean_environment({}))
        yield travel(repo, url, 3)


def test_model_is_served_by_r_and_answers_with_its_passport(travelled: Travelled) -> None:
    journey = travelled.journey
    assert [answer["model_package"] for answer in travelled.answers] == [travelled.package] * 3
    logs = journey.client(journey.root("staging"), "logs")
    group = f"/aws/sagemaker/Endpoints/{travelled.endpoint}"
    streams = logs.describe_log_streams(logGroupName=group)["logStreams"]
    lines = [
        event["message"]
        for stream in streams
        for event in logs.get_log_events(logGroupName=group, logStreamName=stream["logStreamName"])[
            "events"
        ]
    ]
    assert any(line.startswith("serving arn:aws:sagemaker") and " in R 4" in line for line in lines)


def test_model_is_made_again_to_the_byte(travelled: Travelled) -> None:
    journey, version = travelled.journey, travelled.package.rsplit("/", 1)[1]
    answer = json.loads(
        journey.modelyard(
            journey.session("dev", "model-approver"), "reproduce", version, "--data", "data",
            "--json",
        )
    )  # fmt: skip
    assert answer["verdict"] == "identical"


def test_prediction_is_traced_to_the_model_and_its_code(travelled: Travelled) -> None:
    journey = travelled.journey
    auditor = journey.session("staging", "auditor")
    found = json.loads(
        journey.modelyard(
            auditor, "trace", travelled.answers[0]["inference_id"], "--env", "staging", "--json"
        )
    )
    assert travelled.package in json.dumps(found)


def test_card_is_complete_and_the_record_names_r(travelled: Travelled) -> None:
    journey, version = travelled.journey, travelled.package.rsplit("/", 1)[1]
    assert journey.modelyard(journey.session("dev", "auditor"), "card", version)
    made_with: dict[str, Any] = journey.evaluation(travelled.package)["training"]["environment"]
    assert {"r", "r-jsonlite", "r: lapack"} <= set(made_with["distributions"])


def test_linear_model_tells_its_reasons_and_any_other_that_it_has_none(
    travelled: Travelled,
) -> None:
    journey = travelled.journey
    rows = journey.held_aside(1)
    runtime = journey.client(journey.session("staging", "model-operator"), "sagemaker-runtime")
    request: dict[str, Any] = {
        "EndpointName": travelled.endpoint,
        "ContentType": "application/json",
        "Body": json.dumps({"instances": rows, "explain": True}, default=str),
    }
    if journey.project.model.problem == "binary":
        answer = json.loads(runtime.invoke_endpoint(**request)["Body"].read())
        assert set(answer["explanations"][0]["contributions"]) == set(rows[0])
    else:
        with pytest.raises(runtime.exceptions.ModelError, match="no exact explanation"):
            runtime.invoke_endpoint(**request)
