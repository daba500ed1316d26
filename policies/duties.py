"""Separation of duties over the whole set of roles, S1 to S8: which role could break which."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from policies import documents
from policies.documents import ENVIRONMENTS, PERSONAS_BY_ENVIRONMENT, TRUST_BY_PERSONA
from policies.landscape import Documents, Place, Question, judge

_TRAINING: Final = frozenset(
    {
        "sagemaker:CreateTrainingJob",
        "sagemaker:CreateHyperParameterTuningJob",
        "sagemaker:CreateProcessingJob",
    }
)
_DEPLOYING: Final = frozenset(
    {
        "sagemaker:CreateEndpoint",
        "sagemaker:CreateEndpointConfig",
        "sagemaker:CreateModel",
        "sagemaker:UpdateEndpoint",
        "lambda:InvokeFunction",
    }
)
_DECIDING: Final = frozenset(
    {
        "sagemaker:CreateModelPackage",
        "sagemaker:UpdateModelPackage",
        "sagemaker:CreateEndpoint",
        "sagemaker:UpdateEndpoint",
        "iam:CreateRole",
    }
)
_UPDATE: Final = "sagemaker:UpdateModelPackage"
_EVIDENCE: Final = ("approvals", "releases", "reports")
_REMOVING: Final = ("DeleteObject", "DeleteObjectVersion", "BypassGovernanceRetention")
# What the Service Authorization Reference calls reading or listing begins so; a test compares.
_READING: Final = ("Describe", "Get", "List", "Lookup", "Filter", "Search", "Query", "BatchGet")
# Decryption through a service serves reading.
_SERVES_READING: Final = frozenset({"kms:Decrypt"})
Context = dict[str, str | list[str]]


@dataclass(frozen=True)
class Duty:
    """One separation and who could get around it; empty where it holds."""

    id: str
    promise: str
    breaches: tuple[str, ...]


@dataclass(frozen=True)
class Roles:
    """Every role of a project, by environment and persona, with what its documents allow."""

    places: Mapping[str, Place]
    landscape: Documents

    @property
    def everybody(self) -> Iterator[tuple[str, str]]:
        """Environment and persona of each role."""
        for env in ENVIRONMENTS:
            yield from ((env, persona) for persona in PERSONAS_BY_ENVIRONMENT[env])

    def allows(self, env: str, persona: str) -> Iterator[dict[str, Any]]:
        """The Allow statements of a role."""
        for document in documents.render_permissions(persona, self.landscape.values[env]):
            yield from (one for one in document["Statement"] if one["Effect"] == "Allow")

    def actions(self, env: str, persona: str) -> set[str]:
        """Every action that some statement allows."""
        return {action for one in self.allows(env, persona) for action in _listed(one["Action"])}

    def may(self, env: str, question: Question) -> bool:
        """Whether IAM would allow it."""
        return judge(question, self.places[env], self.landscape).allowed


def duties(places: Mapping[str, Place]) -> tuple[Duty, ...]:
    """All eight, judged by the persona documents of these places."""
    roles = Roles(places, Documents.of(places))
    return tuple(
        Duty(name, promise, tuple(dict.fromkeys(find(roles)))) for name, promise, find in _DUTIES
    )


def _s1(roles: Roles) -> Iterator[str]:
    for env, persona in roles.everybody:
        trains = bool(_TRAINING & roles.actions(env, persona))
        for one in roles.allows(env, persona):
            if _UPDATE not in _listed(one["Action"]):
                continue
            if trains:
                yield f"{persona} in {env} trains, and {one['Sid']} lets it decide"
            if "Condition" not in one:
                yield f"{persona} in {env}: {one['Sid']} decides without a condition"


def _s2(roles: Roles) -> Iterator[str]:
    born: Context = {
        "sagemaker:ModelApprovalStatus": "Approved",
        "sagemaker:CustomerMetadataProperties/trained_by": "carol",
    }
    for env, persona in roles.everybody:
        question = Question(persona, "sagemaker:CreateModelPackage", _package(roles), born)
        if roles.may(env, question):
            yield f"{persona} in {env} can create a package that is approved already"


def _s3(roles: Roles) -> Iterator[str]:
    cases = (
        ("alice", "alice", "their own model"),
        (None, "alice", "without a name"),
        ("bob", None, "a model of an unknown trainer"),
    )
    for user, trained_by, told in cases:
        context: Context = {"sagemaker:ModelApprovalStatus": "Approved"}
        if user:
            context["aws:PrincipalTag/user"] = user
        if trained_by:
            context["sagemaker:CurrentCustomerMetadataProperties/trained_by"] = trained_by
        if roles.may("dev", Question("model-approver", _UPDATE, _package(roles), context)):
            yield f"model-approver in dev can approve {told}"


def _s4(roles: Roles) -> Iterator[str]:
    for env in ("staging", "prod"):
        if _UPDATE in roles.actions(env, "deployer"):
            yield f"deployer in {env} can approve"
    for action in sorted(_DEPLOYING & roles.actions("dev", "model-approver")):
        yield f"model-approver in dev can deploy: {action}"


def _s5(roles: Roles) -> Iterator[str]:
    for env, persona in roles.everybody:
        place = roles.places[env]
        bucket = f"arn:aws:s3:::{place.project}-{env}-evidence-{place.account}"
        for prefix in _EVIDENCE:
            for action in _REMOVING:
                question = Question(persona, f"s3:{action}", f"{bucket}/{prefix}/1.json")
                if roles.may(env, question):
                    yield f"{persona} in {env} has {action} on {prefix}"


def _s6(roles: Roles) -> Iterator[str]:
    changing = {f"scheduler:{verb}Schedule" for verb in ("Create", "Update", "Delete")}
    if "ml-engineer" in PERSONAS_BY_ENVIRONMENT["prod"]:
        yield "ml-engineer, who builds the model, has a role in prod"
    for persona in PERSONAS_BY_ENVIRONMENT["prod"]:
        for action in sorted(changing & roles.actions("prod", persona)):
            yield f"{persona} in prod can change what is monitored: {action}"


def _s7(roles: Roles) -> Iterator[str]:
    """People pass roles that run jobs and schedules; none of these registers or deploys."""
    for env, persona in roles.everybody:
        if TRUST_BY_PERSONA[persona] != "saml":
            continue
        for one in roles.allows(env, persona):
            if "iam:PassRole" not in _listed(one["Action"]):
                continue
            for role in _listed(one["Resource"]):
                passed = role.rsplit(f"-{env}-", 1)[1]
                for action in sorted(_DECIDING & roles.actions(env, passed)):
                    yield f"{persona} in {env} can pass {passed}, which has {action}"


def _s8(roles: Roles) -> Iterator[str]:
    for env in ENVIRONMENTS:
        for action in sorted(roles.actions(env, "auditor") - _SERVES_READING):
            if not action.partition(":")[2].startswith(_READING):
                yield f"auditor in {env} can do more than read: {action}"


_DUTIES: Final[tuple[tuple[str, str, Callable[[Roles], Iterator[str]]], ...]] = (
    ("S1", "Who trains has no say in approval, and every say in it is conditional.", _s1),
    ("S2", "Nobody creates a model version that is approved already.", _s2),
    ("S3", "Approver and trainer are two people, both known.", _s3),
    ("S4", "The deployer cannot approve, and the approver cannot deploy.", _s4),
    ("S5", "Who writes evidence cannot delete it, or shorten its retention.", _s5),
    ("S6", "Who owns the model does not own its monitoring in production.", _s6),
    ("S7", "No person passes a role that registers, approves, deploys or makes roles.", _s7),
    ("S8", "The auditor only reads.", _s8),
)


def _package(roles: Roles) -> str:
    registry = roles.places["dev"]
    return (
        f"arn:aws:sagemaker:{registry.region}:{registry.account}:model-package/{registry.project}/7"
    )


def _listed(element: Any) -> list[str]:
    return [element] if isinstance(element, str) else list(element)
