"""The registry against a sandbox: finding versions, and opening their gates."""

from collections.abc import Iterator

import boto3
import pytest

from modelyard import registry
from modelyard.aws import Place
from modelyard.errors import RegistryError
from modelyard.project import Project


@pytest.fixture
def place(aws: str, project: Project) -> Iterator[Place]:
    """A project of its own with three pending versions, in the sandbox every test shares."""
    own = project.model_copy(update={"name": "registry-test"})
    sagemaker = boto3.client("sagemaker")
    sagemaker.create_model_package_group(ModelPackageGroupName=own.name)
    packages = [
        sagemaker.create_model_package(
            ModelPackageGroupName=own.name,
            ModelApprovalStatus="PendingManualApproval",
            ModelPackageDescription=f"number {number}",
            InferenceSpecification={
                "Containers": [{"Image": "image", "ModelDataUrl": "s3://models/model.tar.gz"}],
                "SupportedContentTypes": ["text/csv"],
                "SupportedResponseMIMETypes": ["application/json"],
            },
            CustomerMetadataProperties={"trained_by": "alice"},
        )["ModelPackageArn"]
        for number in (1, 2, 3)
    ]
    yield Place(own, "dev")
    for package in packages:
        sagemaker.delete_model_package(ModelPackageName=package)
    sagemaker.delete_model_package_group(ModelPackageGroupName=own.name)


def test_newest_pending_version_is_found(place: Place) -> None:
    assert registry.find(place, None, "PendingManualApproval").version == 3


def test_stated_version_is_found_whatever_its_status(place: Place) -> None:
    assert registry.find(place, 2, "Approved").description == "number 2"


@pytest.mark.parametrize(
    ("version", "sentence"), [(9, "has no version 9"), (None, "has no version that is Approved")]
)
def test_absent_version_is_told(place: Place, version: int | None, sentence: str) -> None:
    with pytest.raises(RegistryError, match=sentence):
        registry.find(place, version, "Approved")


def test_registry_in_another_account_is_named_by_arn(project: Project) -> None:
    assert registry.group(Place(project, "staging")) == "loans"
    assert registry.group(Place(project, "prod")) == (
        "arn:aws:sagemaker:us-east-1:123456789012:model-package-group/loans"
    )


def test_first_gate_is_the_approval_status(place: Place) -> None:
    registry.update(place, registry.find(place, 2, "").arn, "staging", "Rejected", "unfair")
    assert registry.find(place, None, "Rejected").version == 2


def test_second_gate_is_decided_by_life_cycle(place: Place) -> None:
    arn = registry.find(place, 1, "").arn
    registry.update(place, arn, "staging", "Approved", "passed review")
    registry.update(place, arn, "production", "Approved", "good in staging")
    package = registry.find(place, 1, "Approved")
    assert (package.status, package.production) == ("Approved", "Approved")
    registry.update(place, arn, "production", "Rejected", "too slow")
    assert registry.find(place, 1, "Approved").production == "Rejected"
