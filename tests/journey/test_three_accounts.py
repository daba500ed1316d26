"""dev, staging and prod in three accounts: what one account forgives, three do not."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from modelyard.project import EnvironmentName
from sandbox.identity import LoginError
from sandbox.journey import server
from sandbox.journey.commands import JourneyError, clean_environment, run
from sandbox.journey.demo import generate
from sandbox.journey.stages import Journey

ACCOUNTS: dict[EnvironmentName, str] = {
    "dev": "111111111111",
    "staging": "222222222222",
    "prod": "333333333333",
}
SERVING: tuple[EnvironmentName, ...] = ("staging", "prod")


@dataclass(frozen=True)
class Promoted:
    """A model that went from dev's account through staging's to prod's, and who was stopped.

    Attributes:
        refusals: what the data scientist was told at each gate.
        said: what the operator of each serving environment saw.
        early: what prod's release function answered after the first gate only.
        answers: one prediction of each serving environment.
    """

    journey: Journey
    package: str
    refusals: dict[str, str]
    said: dict[EnvironmentName, str]
    early: dict[str, Any]
    answers: dict[EnvironmentName, dict[str, Any]]


@pytest.fixture(scope="module")
def promoted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Promoted]:
    """The mortgage model in production, on a sandbox of its own."""
    place = tmp_path_factory.mktemp("accounts")
    with server.serving(place) as url:
        journey = Journey(apart(generate(place)), url)
        run(["make", "setup"], journey.repo, clean_environment({}))
        yield promote(journey)


def apart(repo: Path) -> Path:
    """The repo, with each environment in an account of its own."""
    file = repo / "project.yaml"
    lines = file.read_text().splitlines(keepends=True)
    for env, account in ACCOUNTS.items():
        (at,) = [number for number, line in enumerate(lines) if line.startswith(f"  {env}: ")]
        lines[at] = f'  {env}: {{account: "{account}", region: us-east-1}}\n'
    file.write_text("".join(lines))
    return repo


def promote(journey: Journey) -> Promoted:
    """Both gates, as the people of the project."""
    for env in ACCOUNTS:
        journey.apply(env)
    journey.publish(journey.push_image())
    package = journey.train()
    refusals = {"first gate": journey.self_approval(package)}
    journey.approve(package, "Reviewed.")
    said: dict[EnvironmentName, str] = {"staging": released(journey, "staging", package)}
    early = ask_for_release(journey, "prod", package)
    with pytest.raises(JourneyError) as refusal:
        decide_on_production(journey, "data-scientist", package)
    refusals["second gate"] = str(refusal.value)
    decide_on_production(journey, "model-approver", package)
    said["prod"] = released(journey, "prod", package)
    answers = {env: predict(journey, env) for env in SERVING}
    return Promoted(journey, package, refusals, said, early, answers)


def version(package: str) -> str:
    """The version at the end of a package's ARN."""
    return package.rsplit("/", 1)[1]


def released(journey: Journey, env: EnvironmentName, package: str) -> str:
    """What the operator saw until the environment served the package."""
    operator = journey.session(env, "model-operator")
    return journey.modelyard(operator, "release", "--env", env, "--version", version(package))


def ask_for_release(journey: Journey, env: EnvironmentName, package: str) -> dict[str, Any]:
    """What the release function answers an operator who asks by hand."""
    operator = journey.client(journey.session(env, "model-operator"), "lambda")
    asked = {"FunctionName": f"loans-{env}-release"}
    payload = json.dumps({"model_package_arn": package})
    deadline = time.monotonic() + 60
    while True:
        try:
            answer = operator.invoke(**asked, Payload=payload)
            return dict(json.loads(answer["Payload"].read()))
        except operator.exceptions.TooManyRequestsException:
            # An event was first: releases happen one at a time.
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)


def decide_on_production(journey: Journey, persona: str, package: str) -> None:
    """The second gate, tried by someone."""
    words = ("--stage", "production", "--version", version(package), "--comment", "Good in staging")
    journey.modelyard(journey.session("dev", persona), "approve", *words)


def predict(journey: Journey, env: EnvironmentName) -> dict[str, Any]:
    """One prediction of an environment, as its operator."""
    operator = journey.client(journey.session(env, "model-operator"), "sagemaker-runtime")
    answer = operator.invoke_endpoint(
        EndpointName=f"loans-{env}",
        ContentType="application/json",
        Body=json.dumps({"instances": journey.held_aside(1)}),
    )
    return dict(json.loads(answer["Body"].read()))


@pytest.mark.parametrize("env", SERVING)
def test_model_of_dev_serves_in_another_account(promoted: Promoted, env: EnvironmentName) -> None:
    assert promoted.package.startswith(f"arn:aws:sagemaker:us-east-1:{ACCOUNTS['dev']}:")
    assert promoted.answers[env]["model_package"] == promoted.package
    root = promoted.journey.client(promoted.journey.root(env), "sagemaker")
    endpoint = root.describe_endpoint(EndpointName=f"loans-{env}")
    assert endpoint["EndpointStatus"] == "InService"
    assert endpoint["EndpointArn"].split(":")[4] == ACCOUNTS[env]


@pytest.mark.parametrize("env", SERVING)
def test_approval_travels_by_event_bus(promoted: Promoted, env: EnvironmentName) -> None:
    assert "no event" not in promoted.said[env], "the operator had to push"


def test_first_gate_does_not_open_production(promoted: Promoted) -> None:
    assert not promoted.early["released"]
    assert "stage Production" in promoted.early["refused"]


@pytest.mark.parametrize("gate", ["first gate", "second gate"])
def test_data_scientist_is_denied_at_both_gates(promoted: Promoted, gate: str) -> None:
    assert "UpdateModelPackage" in promoted.refusals[gate]
    assert "loans-dev-data-scientist/alice" in promoted.refusals[gate]


def test_both_decisions_are_recorded(promoted: Promoted) -> None:
    bucket = f"loans-dev-evidence-{ACCOUNTS['dev']}"
    stages = [record["stage"] for record in records(promoted, "dev", bucket, "approvals/")]
    assert stages == ["staging", "production"]


@pytest.mark.parametrize("env", SERVING)
def test_each_account_keeps_its_release_record(promoted: Promoted, env: EnvironmentName) -> None:
    bucket = f"loans-{env}-evidence-{ACCOUNTS[env]}"
    kept = {record["phase"]: record for record in records(promoted, env, bucket, "releases/1-")}
    assert {"deploying", "done"} <= kept.keys()
    assert kept["done"]["approved_by"] == "bob"
    assert kept["done"]["trained_by"] == "alice"
    assert kept["done"]["model_package_arn"] == promoted.package


def test_registry_that_denies_is_told_and_changes_nothing(promoted: Promoted) -> None:
    journey = promoted.journey
    registry = journey.client(journey.root("dev"), "sagemaker")
    policy = registry.get_model_package_group_policy(ModelPackageGroupName="loans")
    registry.delete_model_package_group_policy(ModelPackageGroupName="loans")
    try:
        answer = ask_for_release(journey, "prod", promoted.package)
    finally:
        registry.put_model_package_group_policy(
            ModelPackageGroupName="loans", ResourcePolicy=policy["ResourcePolicy"]
        )
    assert f"account {ACCOUNTS['dev']} of the registry denies" in answer["refused"]
    bucket = f"loans-prod-evidence-{ACCOUNTS['prod']}"
    (refusal,) = records(promoted, "prod", bucket, "releases/1-unread-refused")
    assert "nothing changed" in refusal["message"]
    assert predict(journey, "prod")["model_package"] == promoted.package


def records(
    promoted: Promoted, env: EnvironmentName, bucket: str, prefix: str
) -> list[dict[str, Any]]:
    """Evidence of an environment, oldest first, once there is any."""
    s3 = promoted.journey.client(promoted.journey.root(env), "s3")
    deadline = time.monotonic() + 30
    listed: list[dict[str, Any]] = []
    while not listed and time.monotonic() < deadline:
        listed = s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])
        time.sleep(0.2)
    bodies = [s3.get_object(Bucket=bucket, Key=found["Key"])["Body"] for found in listed]
    return [json.loads(body.read()) for body in bodies]


@pytest.mark.parametrize("env", SERVING)
def test_other_accounts_read_no_rows_of_dev(promoted: Promoted, env: EnvironmentName) -> None:
    journey = promoted.journey
    raw = f"loans-dev-raw-{ACCOUNTS['dev']}"
    (row, *_) = journey.client(journey.root("dev"), "s3").list_objects_v2(Bucket=raw)["Contents"]
    for session in (journey.session(env, "model-operator"), journey.root(env)):
        with pytest.raises(ClientError, match="AccessDenied"):
            journey.client(session, "s3").get_object(Bucket=raw, Key=row["Key"])


def test_approver_of_dev_is_nobody_in_production(promoted: Promoted) -> None:
    """The approver cannot deploy: there is no such role where models serve."""
    with pytest.raises(LoginError, match="cannot sign in as loans-prod-model-approver"):
        promoted.journey.session("prod", "model-approver")


def test_lost_endpoint_comes_back_from_the_registry(promoted: Promoted) -> None:
    journey = promoted.journey
    root = journey.client(journey.root("staging"), "sagemaker")
    root.delete_endpoint(EndpointName="loans-staging")
    deadline = time.monotonic() + 60
    while root.list_endpoints()["Endpoints"] and time.monotonic() < deadline:
        time.sleep(0.2)
    assert ask_for_release(journey, "staging", promoted.package)["outcome"] == "created"
    released(journey, "staging", promoted.package)
    assert predict(journey, "staging")["model_package"] == promoted.package


def test_second_apply_changes_nothing(promoted: Promoted) -> None:
    assert {env: promoted.journey.apply(env) for env in ACCOUNTS} == dict.fromkeys(ACCOUNTS, 0)
