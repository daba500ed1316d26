"""A package's card is written when it is registered and follows the decisions about it."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import boto3
import pytest

from modelyard.card.facts import statement
from modelyard.functions import card
from modelyard.functions.service import Refused
from modelyard.project import Project, parse
from tests.modelyard.card.conftest import EVALUATION, RISK
from tests.modelyard.conftest import TEXT

PROJECT, EVIDENCE, ARTIFACTS = "card-test", "card-test-evidence", "card-test-artifacts"


class Registry:
    """A project's registry in the sandbox, and what decisions leave there."""

    def __init__(self, key: str) -> None:
        self.sagemaker, self.s3 = boto3.client("sagemaker"), boto3.client("s3")
        self.key, self.versions = key, 0

    def register(self) -> str:
        self.versions += 1
        self.put(ARTIFACTS, f"{self.versions}/evaluation.json", EVALUATION)
        created = self.sagemaker.create_model_package(
            ModelPackageGroupName=PROJECT,
            ModelApprovalStatus="PendingManualApproval",
            InferenceSpecification={
                "Containers": [{"Image": "image", "ModelDataUrl": "s3://models/model.tar.gz"}],
                "SupportedContentTypes": ["text/csv"],
                "SupportedResponseMIMETypes": ["application/json"],
            },
            CustomerMetadataProperties={
                "trained_by": "alice",
                "evaluation": f"s3://{ARTIFACTS}/{self.versions}/evaluation.json",
            },
        )
        return str(created["ModelPackageArn"])

    def decide(self, arn: str, status: str) -> None:
        """The act, and the record of it."""
        self.sagemaker.update_model_package(ModelPackageArn=arn, ModelApprovalStatus=status)
        version = arn.rsplit("/", 1)[1]
        record = {
            "model_package_arn": arn,
            "stage": "staging",
            "decision": status,
            "decided_as": "bob",
            "time": "2026-01-02T03:04:05+00:00",
        }
        self.put(EVIDENCE, f"approvals/{version}-{status}.json", record)

    def put(self, bucket: str, key: str, document: Mapping[str, Any]) -> None:
        self.s3.put_object(Bucket=bucket, Key=key, Body=json.dumps(document).encode())

    def card(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.sagemaker.describe_model_card(ModelCardName=name)
        return found

    def records(self, version: str) -> list[dict[str, Any]]:
        listed = self.s3.list_objects_v2(Bucket=EVIDENCE, Prefix=f"reports/cards/{version}-")
        keys = sorted(item["Key"] for item in listed.get("Contents", ()))
        return [
            json.loads(self.s3.get_object(Bucket=EVIDENCE, Key=key)["Body"].read()) for key in keys
        ]


@pytest.fixture(scope="module")
def made() -> dict[str, Registry]:
    """The registry, once it was made."""
    return {}


@pytest.fixture
def registry(
    aws: str, made: dict[str, Registry], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Registry]:
    """A registry of its own in the sandbox that every test shares."""
    monkeypatch.setenv("MODELYARD_PROJECT", PROJECT)
    monkeypatch.setenv("MODELYARD_ENV", "dev")
    if not made:
        key = boto3.client("kms").create_key()["KeyMetadata"]["Arn"]
        for bucket in (EVIDENCE, ARTIFACTS):
            boto3.client("s3").create_bucket(Bucket=bucket)
        boto3.client("sagemaker").create_model_package_group(ModelPackageGroupName=PROJECT)
        facts = {
            "project": PROJECT,
            "environment": "dev",
            "key_arn": key,
            "bucket_evidence": EVIDENCE,
            "model_package_group": PROJECT,
        }
        for name, value in facts.items():
            path = f"/modelyard/{PROJECT}/dev/{name}"
            boto3.client("ssm").put_parameter(Name=path, Value=value, Type="String")
        made[""] = Registry(key)
    yield made[""]


@pytest.fixture
def complete() -> Project:
    """A high-risk project that states everything."""
    import yaml

    document = yaml.safe_load(TEXT) | {"risk": RISK}
    document["data"][0]["owner"] = "Lending data office"
    return parse(document)


def keep(arn: str, project: Project) -> dict[str, str]:
    return card.keep(arn, boto3.Session(), statement(project), patience=0)


def test_registered_package_has_a_card_for_review(registry: Registry, complete: Project) -> None:
    arn = registry.register()
    kept = keep(arn, complete)
    found = registry.card(kept["card"])
    assert kept["card"] == f"{PROJECT}-dev-package-{registry.versions}"
    assert found["ModelCardStatus"] == "PendingReview"
    assert found["SecurityConfig"] == {"KmsKeyId": registry.key}
    (record,) = registry.records(str(registry.versions))
    assert record["content"] == json.loads(found["Content"])


def test_status_and_approvals_follow_the_registry(registry: Registry, complete: Project) -> None:
    arn = registry.register()
    keep(arn, complete)
    registry.decide(arn, "Approved")
    kept = keep(arn, complete)
    found = registry.card(kept["card"])
    details = json.loads(found["Content"])["additional_information"]["custom_details"]
    assert found["ModelCardStatus"] == "Approved"
    assert details["approval 01"].startswith("Approved for staging by bob")


def test_rejected_version_is_archived_and_can_come_back(
    registry: Registry, complete: Project
) -> None:
    arn = registry.register()
    registry.decide(arn, "Rejected")
    assert keep(arn, complete)["status"] == "Archived"
    registry.decide(arn, "Approved")
    assert registry.card(keep(arn, complete)["card"])["ModelCardStatus"] == "Approved"


def test_approved_card_of_a_project_that_lacks_documents_stays_a_draft(
    registry: Registry, project: Project
) -> None:
    arn = registry.register()
    registry.decide(arn, "Approved")
    kept = keep(arn, project)
    details = json.loads(registry.card(kept["card"])["Content"])["additional_information"]
    assert kept["status"] == "Draft"
    assert "risk.intended_uses: is missing" in details["custom_details"]["gap 01"]


def test_card_edited_by_hand_is_set_right(registry: Registry, complete: Project) -> None:
    arn = registry.register()
    name = keep(arn, complete)["card"]
    before = registry.card(name)["Content"]
    registry.sagemaker.update_model_card(ModelCardName=name, Content="{}")
    registry.sagemaker.update_model_card(ModelCardName=name, ModelCardStatus="Approved")
    keep(arn, complete)
    found = registry.card(name)
    assert (found["Content"], found["ModelCardStatus"]) == (before, "PendingReview")


def test_same_event_twice_changes_and_records_nothing(
    registry: Registry, complete: Project
) -> None:
    arn = registry.register()
    name = keep(arn, complete)["card"]
    keep(arn, complete)
    assert registry.card(name)["ModelCardVersion"] == 1
    assert len(registry.records(str(registry.versions))) == 1


def test_records_name_the_one_before(registry: Registry, complete: Project) -> None:
    arn = registry.register()
    keep(arn, complete)
    registry.decide(arn, "Approved")
    keep(arn, complete)
    first, second = registry.records(str(registry.versions))
    assert second["previous"]["uri"].rsplit("/", 1)[1].startswith(f"{registry.versions}-")
    assert (first["status"], second["status"]) == ("PendingReview", "Approved")


def test_package_of_another_group_is_refused(registry: Registry, complete: Project) -> None:
    registry.sagemaker.create_model_package_group(ModelPackageGroupName="card-other")
    created = registry.sagemaker.create_model_package(
        ModelPackageGroupName="card-other", ModelApprovalStatus="PendingManualApproval"
    )
    with pytest.raises(Refused, match="does not belong to card-test"):
        keep(created["ModelPackageArn"], complete)
