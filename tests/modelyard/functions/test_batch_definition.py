"""The batch pipeline is what SageMaker takes, isolated, and pinned to what was released."""

import json
from typing import Any

import pytest

from modelyard.functions import batch_definition
from modelyard.functions.approval import Approved
from modelyard.job_shapes import argument_problems

IMAGE = f"123456789012.dkr.ecr.us-east-1.amazonaws.com/loans@sha256:{'a' * 64}"
FACTS = {
    "project": "loans",
    "environment": "prod",
    "bucket_predictions": "loans-prod-predictions-123456789012",
    "key_arn": "arn:aws:kms:us-east-1:123456789012:key/k",
    "monitor_role": "arn:aws:iam::123456789012:role/loans-prod-monitor",
    "security_group": "sg-1",
    "subnet_a": "subnet-a",
    "subnet_b": "subnet-b",
    "serving": json.dumps({"mode": "batch", "instance_type": "ml.m5.large"}),
}


def step(**facts: str) -> dict[str, Any]:
    """The arguments of the one step."""
    package = Approved(
        arn="arn:aws:sagemaker:us-east-1:123456789012:model-package/loans/7",
        version=7,
        image=IMAGE,
        model_uri="s3://loans-dev-artifacts-1/runs/x/train/j/output/model.tar.gz",
        trained_by="alice",
        approved_by="bob",
        gates="met",
        metadata={"evaluation": "s3://loans-dev-artifacts-1/runs/x/evaluation/evaluation.json"},
    )
    (only,) = batch_definition.definition({**FACTS, **facts}, package)["Steps"]
    return dict(only["Arguments"])


def test_sagemaker_takes_the_step() -> None:
    assert list(argument_problems("CreateProcessingJob", step())) == []


def test_job_is_isolated_and_uses_the_projects_key() -> None:
    arguments = step()
    network = arguments["NetworkConfig"]
    assert network["EnableNetworkIsolation"]
    assert network["EnableInterContainerTrafficEncryption"]
    assert network["VpcConfig"]["Subnets"] == ["subnet-a", "subnet-b"]
    assert arguments["ProcessingResources"]["ClusterConfig"]["VolumeKmsKeyId"] == FACTS["key_arn"]
    assert arguments["ProcessingOutputConfig"]["KmsKeyId"] == FACTS["key_arn"]
    assert arguments["RoleArn"] == FACTS["monitor_role"]
    assert arguments["ProcessingJobName"].startswith("loans-prod-")


def test_job_is_pinned_to_the_released_image_and_model() -> None:
    arguments = step()
    assert arguments["AppSpecification"]["ImageUri"] == IMAGE
    places = {one["InputName"]: one["S3Input"]["S3Uri"] for one in arguments["ProcessingInputs"]}
    assert places["model"].endswith("/model.tar.gz")
    assert places["baseline"] == "s3://loans-dev-artifacts-1/runs/x/evaluation/"
    assert places["partitions"] == f"s3://{FACTS['bucket_predictions']}/batch/input/"


def test_instance_with_its_own_disk_gets_no_volume_key() -> None:
    arguments = step(serving=json.dumps({"mode": "batch", "instance_type": "ml.g5.xlarge"}))
    assert "VolumeKmsKeyId" not in arguments["ProcessingResources"]["ClusterConfig"]


@pytest.mark.parametrize("name", ["input", "done"])
def test_inputs_that_may_be_empty_have_a_marker(name: str) -> None:
    uri = f"s3://{FACTS['bucket_predictions']}/batch/{name}/.keep"
    assert uri in batch_definition.markers(FACTS)
