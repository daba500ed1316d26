"""From template to prediction: what a person finds afterwards, with plain AWS clients."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from modelyard.project import EnvironmentName
from sandbox.journey.commands import run
from tests.journey.travelled import Travelled


def aws_cli(travelled: Travelled, env: EnvironmentName, *arguments: str) -> Any:
    """What the plain AWS command line answers, as root of the environment's account."""
    journey = travelled.journey
    command = [str(Path(sys.executable).parent / "aws"), "--output", "json", *arguments]
    environment = journey.environment(journey.root(env))
    return json.loads(run(command, journey.repo, environment))


def test_trainer_cannot_approve_own_model(travelled: Travelled) -> None:
    assert travelled.refusal.startswith("AccessDenied")
    assert "UpdateModelPackage" in travelled.refusal


def test_package_names_its_starter_and_its_approver(travelled: Travelled) -> None:
    package = travelled.journey.package(travelled.package)
    assert package["CustomerMetadataProperties"]["trained_by"] == "alice"
    assert package["LastModifiedBy"]["IamIdentity"]["Arn"].endswith("loans-dev-model-approver/bob")
    assert package["ModelApprovalStatus"] == "Approved"


def test_no_person_can_create_a_model_package(travelled: Travelled) -> None:
    for persona in ("data-scientist", "model-approver"):
        client = travelled.journey.client(travelled.journey.session("dev", persona), "sagemaker")
        with pytest.raises(ClientError, match="AccessDenied"):
            client.create_model_package(
                ModelPackageGroupName="loans", ModelApprovalStatus="Approved"
            )


def test_every_prediction_names_its_model_version(travelled: Travelled) -> None:
    assert len(travelled.answers) == 20
    assert {answer["model_package"] for answer in travelled.answers} == {travelled.package}


def test_aws_cli_finds_approved_package_and_endpoint(travelled: Travelled) -> None:
    packages = aws_cli(
        travelled, "dev", "sagemaker", "list-model-packages", "--model-package-group-name", "loans"
    )["ModelPackageSummaryList"]
    assert "Approved" in {package["ModelApprovalStatus"] for package in packages}
    endpoint = aws_cli(
        travelled, "staging", "sagemaker", "describe-endpoint", "--endpoint-name", "loans-staging"
    )
    assert endpoint["EndpointStatus"] == "InService"
    assert endpoint["ProductionVariants"][0]["VariantName"] == "main"


def test_captured_records_hold_input_output_and_inference_id(travelled: Travelled) -> None:
    journey = travelled.journey
    s3 = journey.client(journey.root("staging"), "s3")
    bucket = f"loans-staging-predictions-{journey.project.environments['staging'].account}"
    deadline = time.monotonic() + 30
    records: list[dict[str, Any]] = []
    while len(records) < 20 and time.monotonic() < deadline:
        listed = s3.list_objects_v2(Bucket=bucket, Prefix="capture/").get("Contents", [])
        bodies = [s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read() for item in listed]
        records = [json.loads(line) for body in bodies for line in body.splitlines()]
        time.sleep(0.2)
    assert len(records) >= 20
    assert "loans-00000" in {record["eventMetadata"].get("inferenceId") for record in records}
    assert {"endpointInput", "endpointOutput"} <= records[0]["captureData"].keys()


def test_denied_approval_is_in_the_audit_trail(travelled: Travelled) -> None:
    events = aws_cli(
        travelled,
        "dev",
        "cloudtrail",
        "lookup-events",
        "--lookup-attributes",
        "AttributeKey=EventName,AttributeValue=UpdateModelPackage",
    )["Events"]
    records = [json.loads(event["CloudTrailEvent"]) for event in events]
    denied = [
        record for record in records if record.get("errorCode", "").startswith("AccessDenied")
    ]
    assert denied[-1]["userIdentity"]["arn"].endswith("loans-dev-data-scientist/alice")


def test_release_is_recorded_as_evidence(travelled: Travelled) -> None:
    journey = travelled.journey
    s3 = journey.client(journey.root("staging"), "s3")
    bucket = f"loans-staging-evidence-{journey.project.environments['staging'].account}"
    listed = s3.list_objects_v2(Bucket=bucket, Prefix="releases/").get("Contents", [])
    assert listed
