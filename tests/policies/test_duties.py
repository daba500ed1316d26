"""Separation of duties over the whole set of roles, S1 to S8."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from policies import documents
from policies.documents import ENVIRONMENTS, PERSONAS_BY_ENVIRONMENT, TRUST_BY_PERSONA
from policies.landscape import Documents, Place, Question, judge
from tests.policies import reference

PLACES = {name: Place("loans", name, "123456789012", "us-east-1") for name in ENVIRONMENTS}
LANDSCAPE = Documents.of(PLACES)
WHO = [(env, persona) for env in ENVIRONMENTS for persona in PERSONAS_BY_ENVIRONMENT[env]]
EVERYBODY = pytest.mark.parametrize(("env", "persona"), WHO)
TRAINING = {
    "sagemaker:CreateTrainingJob",
    "sagemaker:CreateHyperParameterTuningJob",
    "sagemaker:CreateProcessingJob",
}
DEPLOYING = {"sagemaker:CreateEndpoint", "sagemaker:CreateEndpointConfig", "sagemaker:CreateModel"}
PACKAGE = "arn:aws:sagemaker:us-east-1:123456789012:model-package/loans/7"


def allows(env: str, persona: str) -> Iterator[dict[str, Any]]:
    """The Allow statements of a role."""
    for document in documents.render_permissions(persona, LANDSCAPE.values[env]):
        yield from (one for one in document["Statement"] if one["Effect"] == "Allow")


def actions(env: str, persona: str) -> set[str]:
    """Every action some statement allows."""
    return {action for one in allows(env, persona) for action in listed(one["Action"])}


def listed(element: Any) -> list[str]:
    return [element] if isinstance(element, str) else list(element)


@EVERYBODY
def test_s1_who_trains_has_no_say_in_approval(env: str, persona: str) -> None:
    if TRAINING & actions(env, persona):
        assert "sagemaker:UpdateModelPackage" not in actions(env, persona)


@EVERYBODY
def test_s1_every_say_in_approval_is_conditional(env: str, persona: str) -> None:
    deciding = [
        one for one in allows(env, persona) if "sagemaker:UpdateModelPackage" in one["Action"]
    ]
    assert [one["Sid"] for one in deciding if "Condition" not in one] == []


@EVERYBODY
def test_s2_nobody_writes_approved_by_creating(env: str, persona: str) -> None:
    born: dict[str, str | list[str]] = {
        "sagemaker:ModelApprovalStatus": "Approved",
        "sagemaker:CustomerMetadataProperties/trained_by": "carol",
    }
    question = Question(persona, "sagemaker:CreateModelPackage", PACKAGE, born)
    assert not judge(question, PLACES[env], LANDSCAPE).allowed


@pytest.mark.parametrize(
    ("user", "trained_by", "allowed"),
    [
        ("bob", "alice", True),
        ("alice", "alice", False),
        (None, "alice", False),
        ("bob", None, False),
    ],
)
def test_s3_approver_and_trainer_are_two_known_people(
    user: str | None, trained_by: str | None, allowed: bool
) -> None:
    context: dict[str, str | list[str]] = {"sagemaker:ModelApprovalStatus": "Approved"}
    if user:
        context["aws:PrincipalTag/user"] = user
    if trained_by:
        context["sagemaker:CurrentCustomerMetadataProperties/trained_by"] = trained_by
    question = Question("model-approver", "sagemaker:UpdateModelPackage", PACKAGE, context)
    assert judge(question, PLACES["dev"], LANDSCAPE).allowed is allowed


def test_s4_the_deployer_cannot_approve_and_the_approver_cannot_deploy() -> None:
    for env in ("staging", "prod"):
        assert "sagemaker:UpdateModelPackage" not in actions(env, "deployer")
    approver = actions("dev", "model-approver")
    assert not (DEPLOYING | {"sagemaker:UpdateEndpoint", "lambda:InvokeFunction"}) & approver


@EVERYBODY
@pytest.mark.parametrize("prefix", ["approvals", "releases", "reports"])
def test_s5_who_writes_evidence_cannot_delete_it(env: str, persona: str, prefix: str) -> None:
    bucket = f"arn:aws:s3:::loans-{env}-evidence-123456789012"
    for action in ("DeleteObject", "DeleteObjectVersion", "BypassGovernanceRetention"):
        question = Question(persona, f"s3:{action}", f"{bucket}/{prefix}/1.json")
        assert not judge(question, PLACES[env], LANDSCAPE).allowed


def test_s6_who_owns_the_model_does_not_own_its_monitoring_in_production() -> None:
    assert "ml-engineer" not in PERSONAS_BY_ENVIRONMENT["prod"]
    for persona in PERSONAS_BY_ENVIRONMENT["prod"]:
        changing = {f"scheduler:{verb}Schedule" for verb in ("Create", "Update", "Delete")}
        assert not changing & actions("prod", persona)


@EVERYBODY
def test_s7_no_person_passes_a_role_that_decides(env: str, persona: str) -> None:
    """People pass roles that run jobs and schedules; none of these registers, approves, deploys."""
    if TRUST_BY_PERSONA[persona] != "saml":
        return
    deciding = {"sagemaker:CreateModelPackage", "sagemaker:UpdateModelPackage"}
    deciding |= {"sagemaker:CreateEndpoint", "sagemaker:UpdateEndpoint", "iam:CreateRole"}
    for one in allows(env, persona):
        if "iam:PassRole" in listed(one["Action"]):
            for role in listed(one["Resource"]):
                assert not deciding & actions(env, role.rsplit(f"-{env}-", 1)[1])


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_s8_the_auditor_only_reads(env: str) -> None:
    """Access levels of the Service Authorization Reference; decryption serves reading."""
    levels = {
        action: (reference.details(action) or {}).get("accessLevel")
        for action in actions(env, "auditor")
        if action != "kms:Decrypt"
    }
    assert {
        action: level for action, level in levels.items() if level not in ("Read", "List")
    } == {}
