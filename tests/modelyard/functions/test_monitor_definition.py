"""The monitoring pipeline: sound, isolated, and pinned to exactly what was released."""

import json
from typing import Any

import pytest

from modelyard.definition_check import validate
from modelyard.functions.approval import Approved
from modelyard.functions.monitor_definition import PARAMETERS, definition

PACKAGE = Approved(
    arn="arn:aws:sagemaker:us-east-1:123456789012:model-package/loans/3",
    version=3,
    image=f"123456789012.dkr.ecr.us-east-1.amazonaws.com/loans@sha256:{'a' * 64}",
    model_uri="s3://loans-dev-artifacts-123456789012/runs/x1/train/model.tar.gz",
    trained_by="alice",
    approved_by="bob",
    gates="",
    metadata={"evaluation": "s3://loans-dev-artifacts-123456789012/runs/x1/e/evaluation.json"},
)
FACTS = {
    "project": "loans",
    "environment": "prod",
    "account": "210987654321",
    "region": "eu-west-1",
    "key_arn": "arn:aws:kms:eu-west-1:210987654321:key/1",
    "subnet_a": "subnet-0a",
    "subnet_b": "subnet-0b",
    "security_group": "sg-0c",
    "monitor_role": "arn:aws:iam::210987654321:role/loans-prod-monitor",
    "monitoring": json.dumps({"instance_type": "ml.m5.large"}),
}


@pytest.fixture
def arguments() -> dict[str, Any]:
    """What CreateProcessingJob is asked."""
    found: dict[str, Any] = definition(FACTS, PACKAGE)["Steps"][0]["Arguments"]
    return found


def test_sagemaker_would_accept_it() -> None:
    assert validate(definition(FACTS, PACKAGE)) == []


def test_the_window_is_its_only_parameter() -> None:
    assert [one["Name"] for one in definition(FACTS, PACKAGE)["Parameters"]] == list(PARAMETERS)


def test_the_job_is_isolated_and_encrypted(arguments: dict[str, Any]) -> None:
    network = arguments["NetworkConfig"]
    assert network["EnableNetworkIsolation"] is True
    assert network["EnableInterContainerTrafficEncryption"] is True
    assert network["VpcConfig"]["Subnets"] == ["subnet-0a", "subnet-0b"]
    assert arguments["ProcessingOutputConfig"]["KmsKeyId"] == FACTS["key_arn"]
    cluster = arguments["ProcessingResources"]["ClusterConfig"]
    assert cluster["VolumeKmsKeyId"] == FACTS["key_arn"]


def test_the_job_is_pinned_to_the_release(arguments: dict[str, Any]) -> None:
    inputs = {one["InputName"]: one["S3Input"] for one in arguments["ProcessingInputs"]}
    assert arguments["AppSpecification"]["ImageUri"] == PACKAGE.image
    assert inputs["model"]["S3Uri"] == PACKAGE.model_uri
    assert inputs["baseline"]["S3Uri"].endswith("/runs/x1/e/")
    assert inputs["captured"]["S3DataType"] == "ManifestFile"


def test_the_jobs_name_carries_the_projects_prefix(arguments: dict[str, Any]) -> None:
    assert arguments["ProcessingJobName"] == "loans-prod-monitor"


def test_the_report_is_published_only_after_it_was_made() -> None:
    publish = definition(FACTS, PACKAGE)["Steps"][1]
    assert publish["DependsOn"] == ["Monitor"]
    assert publish["Arguments"] == {"report": {"Get": "Parameters.ReportPrefix"}}
    assert publish["FunctionArn"].endswith(":210987654321:function:loans-prod-publish-metrics")


@pytest.mark.parametrize(
    ("instance", "encrypted"), [("ml.m5.xlarge", True), ("ml.g4dn.xlarge", False)]
)
def test_a_volume_key_is_named_where_aws_takes_one(instance: str, encrypted: bool) -> None:
    facts = FACTS | {"monitoring": json.dumps({"instance_type": instance})}
    arguments = definition(facts, PACKAGE)["Steps"][0]["Arguments"]
    cluster = arguments["ProcessingResources"]["ClusterConfig"]
    assert (cluster["InstanceType"], "VolumeKmsKeyId" in cluster) == (instance, encrypted)
