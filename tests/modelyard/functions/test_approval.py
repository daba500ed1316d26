"""A package is released only when every rule holds that IAM cannot ask about."""

import hashlib
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.response import StreamingBody

from modelyard.functions.approval import Approved, Registry, TooEarly, check
from modelyard.functions.service import Refused
from tests.modelyard.functions.recorded import ACCOUNT, FACTS, IMAGE

ARN = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:model-package/loans/7"
MODEL, EVALUATION = b"model", json.dumps({"metrics": {"roc_auc": {"value": 0.8}}}).encode()
STAGING = {
    **FACTS,
    "environment": "staging",
    "registry_account": ACCOUNT,
    "gates": json.dumps({"roc_auc": {"min": 0.7}}),
}


class Shelf:
    """The registry: one package, two objects, one image; a test changes what it needs."""

    exceptions = type("Exceptions", (), {"NoSuchKey": KeyError})

    def __init__(self) -> None:
        self.objects = {"model": MODEL, "evaluation.json": EVALUATION}
        self.images: list[dict[str, Any]] = [{"imageId": {}}]
        self.package: dict[str, Any] = {
            "ModelPackageGroupName": "loans",
            "ModelPackageVersion": 7,
            "ModelApprovalStatus": "Approved",
            "InferenceSpecification": {
                "Containers": [{"Image": IMAGE, "ModelDataUrl": "s3://artifacts/model"}]
            },
            "CustomerMetadataProperties": {
                "trained_by": "alice",
                "image_digest": IMAGE.split("@")[1],
                "model_sha256": hashlib.sha256(MODEL).hexdigest(),
                "evaluation": "s3://artifacts/evaluation.json",
                "evaluation_sha256": hashlib.sha256(EVALUATION).hexdigest(),
            },
        }
        self.approve("loans-dev-model-approver", "bob")

    def approve(self, role: str, session: str) -> None:
        arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{session}"
        self.package["LastModifiedBy"] = {"IamIdentity": {"Arn": arn}}

    def describe_model_package(self, **_: Any) -> dict[str, Any]:
        return self.package

    def get_object(self, **where: str) -> dict[str, Any]:
        content = self.objects[where["Key"]]
        return {"Body": StreamingBody(io.BytesIO(content), len(content))}

    def list_objects_v2(self, **_: str) -> dict[str, Any]:
        return {}

    def batch_get_image(self, **_: Any) -> dict[str, Any]:
        return {"images": self.images}

    def checked(self, facts: dict[str, str]) -> Approved:
        return check(ARN, Registry(self, self, self), facts)


def test_rightly_approved_package_may_be_released() -> None:
    approved = Shelf().checked(STAGING)
    assert (approved.version, approved.trained_by, approved.approved_by) == (7, "alice", "bob")


BROKEN: list[tuple[str, Callable[[Shelf], Any], str]] = [
    (
        "other group",
        lambda shelf: shelf.package.update(ModelPackageGroupName="cars"),
        "does not belong to loans",
    ),
    (
        "pending",
        lambda shelf: shelf.package.update(ModelApprovalStatus="PendingManualApproval"),
        "the package is PendingManualApproval, not Approved",
    ),
    (
        "own model",
        lambda shelf: shelf.approve("loans-dev-model-approver", "Alice"),
        "alice both trained and approved the model",
    ),
    (
        "not an approver",
        lambda shelf: shelf.approve("admin", "bob"),
        "not as loans-dev-model-approver",
    ),
    ("nobody", lambda shelf: shelf.package.pop("LastModifiedBy"), "approved as nobody"),
    (
        "unknown trainer",
        lambda shelf: shelf.package["CustomerMetadataProperties"].pop("trained_by"),
        "the package does not say who trained it",
    ),
    (
        "other model",
        lambda shelf: shelf.objects.update(model=b"x"),
        "the model file is not the one",
    ),
    ("no model", lambda shelf: shelf.objects.pop("model"), "s3://artifacts/model does not exist"),
    (
        "other evaluation",
        lambda shelf: shelf.objects.update({"evaluation.json": b"{}"}),
        "the evaluation is not the one that was registered",
    ),
    ("no image", lambda shelf: shelf.images.clear(), "does not exist any more"),
    (
        "other image",
        lambda shelf: shelf.package["InferenceSpecification"]["Containers"][0].update(
            Image=IMAGE.replace("aaaa", "bbbb")
        ),
        "is not the image that was registered",
    ),
]


@pytest.mark.parametrize(
    ("breaks", "sentence"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN]
)
def test_broken_rule_is_refused(breaks: Callable[[Shelf], Any], sentence: str) -> None:
    shelf = Shelf()
    breaks(shelf)
    with pytest.raises(Refused) as refusal:
        shelf.checked(STAGING)
    assert sentence in str(refusal.value)


def test_environment_judges_by_its_own_gates() -> None:
    strict = {**STAGING, "gates": json.dumps({"roc_auc": {"min": 0.9}})}
    with pytest.raises(Refused, match=r"gates are not met: roc_auc 0.80 is below the minimum 0.90"):
        Shelf().checked(strict)


def test_production_takes_no_model_whose_card_lacks_something() -> None:
    lacking = {**STAGING, "environment": "prod", "card_gaps": '["risk.hazards: is missing"]'}
    shelf = Shelf()
    shelf.package["ModelLifeCycle"] = {"Stage": "Production", "StageStatus": "Approved"}
    with pytest.raises(Refused, match=r"card is incomplete: risk\.hazards: is missing"):
        shelf.checked(lacking)


def test_staging_takes_a_model_whose_card_lacks_something() -> None:
    assert Shelf().checked({**STAGING, "card_gaps": '["risk.hazards: is missing"]'}).version == 7


def test_approval_past_the_command_releases_no_biased_model() -> None:
    shelf = Shelf()
    shelf.package.update(ModelPackageArn=ARN)
    fair = {"race": {"DI": {"min": 0.8}}}
    stated = {**STAGING, "registry_evidence": "evidence", "fairness": json.dumps(fair)}
    with pytest.raises(Refused, match="nobody decided on fairness: race="):
        shelf.checked(stated)


def test_production_waits_for_its_own_stage() -> None:
    production = {**STAGING, "environment": "prod"}
    shelf = Shelf()
    with pytest.raises(TooEarly):
        shelf.checked(production)
    shelf.package["ModelLifeCycle"] = {"Stage": "Production", "StageStatus": "Approved"}
    assert shelf.checked(production).version == 7
