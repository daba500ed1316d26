"""From changed traffic to a waiting challenger: the clock, the functions, the messages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from botocore.exceptions import ClientError

from sandbox.journey import monitored, server
from sandbox.journey.commands import JourneyError, clean_environment, run
from sandbox.journey.demo import generate
from sandbox.journey.monitored import Monitored
from sandbox.journey.stages import Journey

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]
CHANGES: dict[str, Any] = {
    # This journey ends in staging; findings of production alone count by default.
    "training": {"retrain": {"environments": ["staging"]}},
    "monitoring": {
        "alerts": {
            "info": ["team@example.com"],
            "warning": ["team@example.com"],
            "critical": ["oncall@example.com"],
        }
    },
}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Monitored]:
    """A model that staging serves, with people who listen."""
    place = tmp_path_factory.mktemp("monitored")
    with server.serving(place) as url:
        repo = generate(place)
        file = repo / "project.yaml"
        file.write_text(yaml.safe_dump(yaml.safe_load(file.read_text()) | CHANGES))
        run(["make", "setup"], repo, clean_environment({}))
        journey = Journey(repo, url)
        for env in ("dev", "staging"):
            journey.apply(env)
        journey.publish(journey.push_image())
        package = journey.train()
        journey.approve(package, "Reviewed.")
        journey.release(package)
        yield Monitored(journey, "staging")


@pytest.fixture(scope="module")
def told(served: Monitored) -> dict[str, Any]:
    """Two days of changed traffic, and everything that came of it."""
    return monitored.drift(served.journey, served.env)


def test_the_alert_says_what_changed_and_what_to_do(told: dict[str, Any]) -> None:
    lines = told["alert"].splitlines()
    assert lines[0].startswith("[")
    assert all(word in told["alert"] for word in ("obrat", "hrat", "Since", "Likely cause"))
    assert "modelyard monitor --env staging" in told["alert"]
    assert "report.html" in told["alert"]


def test_one_drifted_window_alone_alarms_nobody(served: Monitored, told: dict[str, Any]) -> None:
    alarmed = [one for one in monitored.inbox(served.journey) if "obrat" in str(one["subject"])]
    assert {one["endpoint"] for one in alarmed} <= {"team@example.com", "oncall@example.com"}
    assert len({one["subject"] for one in alarmed}) == 1


def test_the_challenger_waits_for_an_approver(told: dict[str, Any]) -> None:
    assert told["challenger_status"] == "PendingManualApproval"
    assert "beats" in told["comparison"]


def test_the_audit_trail_says_that_no_person_trained_it(
    served: Monitored, told: dict[str, Any]
) -> None:
    package = served.journey.package(told["challenger"])
    assert package["CustomerMetadataProperties"]["trained_by"] == "loans-dev-retrain"


def test_why_it_was_trained_is_evidence(served: Monitored, told: dict[str, Any]) -> None:
    journey = served.journey
    s3 = journey.client(journey.root("dev"), "s3")
    bucket = f"loans-dev-evidence-{journey.project.environments['dev'].account}"
    (kept,) = s3.list_objects_v2(Bucket=bucket, Prefix="retraining/auto-")["Contents"]
    record = json.loads(s3.get_object(Bucket=bucket, Key=kept["Key"])["Body"].read())
    assert record["execution"] == told["retrain_execution_arn"]
    assert (record["trigger"], record["environment"]) == ("drift", "staging")


def test_approvers_hear_that_a_challenger_waits(served: Monitored, told: dict[str, Any]) -> None:
    text = monitored.message(served.journey, "was trained automatically")
    assert f"--version {told['challenger'].rsplit('/', 1)[1]}" in text


def test_nothing_was_released_that_nobody_approved(served: Monitored, told: dict[str, Any]) -> None:
    runtime = served.journey.client(
        served.journey.session(served.env, "model-operator"), "sagemaker-runtime"
    )
    (row, *_) = monitored.traffic(served.journey)
    answer = runtime.invoke_endpoint(
        EndpointName=served.prefix,
        ContentType="application/json",
        Body=json.dumps({"instances": [row]}, default=str),
    )
    assert json.loads(answer["Body"].read())["model_package"] != told["challenger"]


def test_a_third_day_of_the_same_repeats_no_alarm(served: Monitored, told: dict[str, Any]) -> None:
    before = len(alarms_of(served))
    monitored.ask(served, monitored.traffic(served.journey), "day3")
    monitored.next_morning(served.journey)
    monitored.runs_over(served, 3)
    assert len(alarms_of(served)) == before


def alarms_of(served: Monitored) -> list[dict[str, Any]]:
    """What people were told of findings."""
    return [one for one in monitored.inbox(served.journey) if "What changed" in one["message"]]


def test_an_operator_silences_in_their_own_name_only(
    served: Monitored, told: dict[str, Any]
) -> None:
    journey = served.journey
    operator = journey.session(served.env, "model-operator")
    said = journey.modelyard(
        operator, "silence", "--env", served.env, "--for", "8h", "--reason", "known campaign"
    )
    assert f"silences/{journey.person('model-operator')}/" in said
    bucket = f"loans-{served.env}-evidence-{journey.project.environments[served.env].account}"
    with pytest.raises(ClientError, match="AccessDenied"):
        journey.client(operator, "s3").put_object(
            Bucket=bucket, Key="silences/somebody/1.json", Body=b"{}"
        )


def test_a_trainer_silences_nothing(served: Monitored, told: dict[str, Any]) -> None:
    journey = served.journey
    scientist = journey.session("dev", "data-scientist")
    with pytest.raises(JourneyError, match="denies"):
        journey.modelyard(
            scientist, "silence", "--env", served.env, "--for", "8h", "--reason", "it is noisy"
        )


def test_a_monitor_that_fails_is_told_once(served: Monitored, told: dict[str, Any]) -> None:
    journey = served.journey
    s3, sagemaker = journey.client(journey.root(served.env), "s3"), served.sagemaker(served.env)
    bucket = f"loans-{served.env}-predictions-{journey.project.environments[served.env].account}"
    for number in range(2):
        key = f"monitoring/broken{number}/inputs.manifest"
        s3.put_object(Bucket=bucket, Key=key, Body=b'[{"prefix": "s3://nowhere/"}, "nothing"]')
        values = {
            "WindowStart": "2026-01-01T00:00:00Z",
            "WindowEnd": "2026-01-02T00:00:00Z",
            "InputsManifest": f"s3://{bucket}/{key}",
            "ReportPrefix": f"s3://{bucket}/reports/monitoring/broken{number}",
        }
        sagemaker.start_pipeline_execution(
            PipelineName=f"{served.prefix}-monitor",
            PipelineParameters=[{"Name": name, "Value": text} for name, text in values.items()],
        )
    text = monitored.message(journey, "the monitoring run failed")
    assert "list-pipeline-execution-steps" in text
    failures = [
        one
        for one in monitored.inbox(journey)
        if "the monitoring run failed" in one["message"] and one["endpoint"].startswith("oncall")
    ]
    assert len(failures) == 1
