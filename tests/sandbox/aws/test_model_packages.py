"""The model registry as AWS keeps it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

SPECIFICATION = {
    "Containers": [
        {"Image": "1.dkr.ecr.us-east-1.amazonaws.com/x@sha256:0", "ModelDataUrl": "s3://b/m.tar.gz"}
    ],
    "SupportedContentTypes": ["application/json"],
    "SupportedResponseMIMETypes": ["application/json"],
}
S3 = {"ContentType": "application/json", "S3Uri": "s3://b/evaluation.json"}


@pytest.fixture
def registry(account: Any) -> Any:
    client = account.client("sagemaker")
    client.create_model_package_group(ModelPackageGroupName="loans")
    return client


def package(registry: Any, **given: Any) -> str:
    created = registry.create_model_package(ModelPackageGroupName="loans", **given)
    return str(created["ModelPackageArn"])


def test_evidence_given_at_creation_is_described_back(registry: Any) -> None:
    given = {
        "ModelPackageDescription": "first",
        "InferenceSpecification": SPECIFICATION,
        "ModelApprovalStatus": "PendingManualApproval",
        "MetadataProperties": {"CommitId": "abc"},
        "ModelMetrics": {"ModelQuality": {"Statistics": S3}},
        "DriftCheckBaselines": {"ModelDataQuality": {"Statistics": S3}},
        "CustomerMetadataProperties": {"trained_by": "alice"},
        "SkipModelValidation": "All",
    }
    described = registry.describe_model_package(ModelPackageName=package(registry, **given))
    assert {name: described[name] for name in given} == given
    assert described["ModelPackageVersion"] == 1
    assert described["ModelPackageStatus"] == "Completed"


def test_an_update_keeps_what_it_does_not_name(registry: Any) -> None:
    arn = package(registry, CustomerMetadataProperties={"trained_by": "alice", "note": "x"})
    registry.update_model_package(
        ModelPackageArn=arn,
        ModelApprovalStatus="Approved",
        ApprovalDescription="reviewed",
        CustomerMetadataPropertiesToRemove=["note"],
        ModelLifeCycle={"Stage": "Production", "StageStatus": "Approved"},
    )
    registry.update_model_package(ModelPackageArn=arn, CustomerMetadataProperties={"more": "y"})
    described = registry.describe_model_package(ModelPackageName=arn)
    assert described["CustomerMetadataProperties"] == {"trained_by": "alice", "more": "y"}
    assert described["ModelApprovalStatus"] == "Approved"
    assert described["ApprovalDescription"] == "reviewed"
    assert described["ModelLifeCycle"]["Stage"] == "Production"


def test_who_changed_a_version_is_recorded(account: Any, registry: Any) -> None:
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    account.role("approver", everything)
    arn = package(registry)
    bob = account.client("sagemaker", account.sign_in("approver", "bob"))
    bob.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")
    by = registry.describe_model_package(ModelPackageName=arn)["LastModifiedBy"]["IamIdentity"]
    assert by["Arn"] == f"arn:aws:sts::{account.id}:assumed-role/approver/bob"
    assert by["SourceIdentity"] == "bob"
    assert by["PrincipalId"].endswith(":bob")


def test_an_approval_is_an_event(account: Any, registry: Any, eventually: Any) -> None:
    arn = f"arn:aws:sqs:us-east-1:{account.id}:q"
    anyone = {"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": arn}
    policy = {"Version": "2012-10-17", "Statement": [anyone]}
    sqs, events = account.client("sqs"), account.client("events")
    url = sqs.create_queue(QueueName="q", Attributes={"Policy": json.dumps(policy)})["QueueUrl"]
    pattern = {
        "source": ["aws.sagemaker"],
        "detail-type": ["SageMaker Model Package State Change"],
        "detail": {"ModelPackageGroupName": ["loans"], "ModelApprovalStatus": ["Approved"]},
    }
    events.put_rule(Name="r", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="r", Targets=[{"Id": "q", "Arn": arn}])
    made = package(registry, ModelApprovalStatus="PendingManualApproval")
    registry.update_model_package(ModelPackageArn=made, ModelApprovalStatus="Approved")
    [message] = eventually(lambda: sqs.receive_message(QueueUrl=url).get("Messages"))
    detail = json.loads(message["Body"])["detail"]
    assert detail["ModelPackageArn"] == made
    assert detail["ModelPackageVersion"] == 1


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"ModelApprovalStatus": "Fine"}, "enum value set"),
        ({"CustomerMetadataProperties": {"a": "<b>"}}, "must match"),
        ({"CustomerMetadataProperties": {"a": "x" * 257}}, "256"),
    ],
)
def test_what_aws_refuses_is_refused(registry: Any, change: dict[str, Any], why: str) -> None:
    arn = package(registry)
    with pytest.raises(ClientError, match=why):
        registry.update_model_package(ModelPackageArn=arn, **change)


def test_a_version_that_does_not_exist_cannot_be_approved(account: Any, registry: Any) -> None:
    arn = f"arn:aws:sagemaker:us-east-1:{account.id}:model-package/loans/9"
    with pytest.raises(ClientError, match="does not exist"):
        registry.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")


def test_a_group_policy_is_kept_and_removed(account: Any, registry: Any) -> None:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::999999999999:root"},
        "Action": "sagemaker:DescribeModelPackage",
        "Resource": f"arn:aws:sagemaker:us-east-1:{account.id}:model-package/loans/*",
    }
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    group = {"ModelPackageGroupName": "loans"}
    registry.put_model_package_group_policy(**group, ResourcePolicy=text)
    assert registry.get_model_package_group_policy(**group)["ResourcePolicy"] == text
    registry.delete_model_package_group_policy(**group)
    with pytest.raises(ClientError, match="Cannot find"):
        registry.get_model_package_group_policy(**group)
