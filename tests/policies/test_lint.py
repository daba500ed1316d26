"""Lint of every document against AWS's own reference data, as AWS's role generator fails it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from policies import documents
from policies.documents import ENVIRONMENTS, PERSONAS_BY_ENVIRONMENT
from policies.landscape import Documents, Place, Question, judge, service_control
from tests.policies import reference

PLACES = {name: Place("loans", name, "123456789012", "us-east-1") for name in ENVIRONMENTS}
LANDSCAPE = Documents.of(PLACES)
# A data set of another project.
LOAN = {
    "owner_bucket": "cards-dev-raw-123456789012",
    "owner_folder": "payments",
    "owner_region": "us-east-1",
    "owner_key": "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-4000-8000-000000000009",
}
LIMITS = service_control(PLACES)


@dataclass(frozen=True)
class Stated:
    """One statement, where it stands and for whom."""

    environment: str
    persona: str
    file: str
    statement: dict[str, Any]

    @property
    def name(self) -> str:
        return f"{self.environment} {self.file} {self.statement['Sid']}"


# Where the reference and AWS's behaviour need a word; not verified on a live account.
OPTIONAL_RESOURCE = {
    "cloudwatch:DescribeAlarms": "composite alarms are told only to a permission on everything",
    "cloudwatch:GetMetricData": "a dataset may be named but need not; metrics have no ARN",
    "cloudwatch:PutMetricData": "a dataset may be named but need not; the namespace narrows it",
    "sagemaker:ListModelPackages": "without a group it lists an account's packages, and names none",
}
UNLISTED_RESOURCE = {
    "sagemaker:CreateModelPackage": "versions of a group are authorised on the group as well",
}


def listed(element: Any) -> list[str]:
    return [element] if isinstance(element, str) else list(element)


def stated() -> Iterator[Stated]:
    for environment, personas in PERSONAS_BY_ENVIRONMENT.items():
        for persona in personas:
            values = LANDSCAPE.values[environment]
            names = documents.parts(persona, environment)
            rendered = documents.render_permissions(persona, values)
            for file, document in zip(names, rendered, strict=True):
                for statement in document["Statement"]:
                    yield Stated(environment, persona, file, statement)
    for persona in PERSONAS_BY_ENVIRONMENT["dev"]:
        if part := documents.borrowing_part(persona):
            for statement in documents.render_part(part, LOAN)["Statement"]:
                yield Stated("dev", persona, part, statement)
    for persona, names in documents.ADMINISTRATION.items():
        rendered = documents.render_administration(persona, LANDSCAPE.values["dev"])
        for file, document in zip(names, rendered, strict=True):
            for statement in document["Statement"]:
                yield Stated("dev", persona, file, statement)


ALL = list(stated())
ALLOWS = [one for one in ALL if one.statement["Effect"] == "Allow"]
# What a loan adds takes effect with its owner's consent: tests/infra/test_sharing.py.
HELD = [one for one in ALLOWS if not one.file.endswith(".borrowing")]
NAMING = [one for one in ALL if "Resource" in one.statement]
DENIES = [one for one in ALL if one.statement["Effect"] == "Deny"]
LIMITING = [
    ("boundary", one) for one in documents.boundary(LANDSCAPE.values["dev"])["Statement"]
] + [("service_control", one) for one in documents.service_control(["us-east-1"])["Statement"]]


def ids(one: Stated) -> str:
    return one.name


def conditions(statement: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    for operator, keys in statement.get("Condition", {}).items():
        for key, value in keys.items():
            yield operator, key, value


@pytest.mark.parametrize("one", ALL, ids=ids)
def test_every_action_exists(one: Stated) -> None:
    actions = listed(one.statement["Action"])
    assert [action for action in actions if reference.details(action) is None] == []


@pytest.mark.parametrize(("file", "statement"), LIMITING)
def test_every_pattern_of_a_limit_covers_an_action(file: str, statement: dict[str, Any]) -> None:
    patterns = listed(statement.get("Action") or statement["NotAction"])
    assert [one for one in patterns if one != "*" and not reference.matching(one)] == []


@pytest.mark.parametrize("one", ALLOWS, ids=ids)
def test_every_condition_key_is_supported_by_every_action(one: Stated) -> None:
    unsupported = [
        (key, action)
        for _, key, _ in conditions(one.statement)
        for action in listed(one.statement["Action"])
        if not reference.supported(key, action)
    ]
    assert unsupported == []


@pytest.mark.parametrize("one", DENIES, ids=ids)
def test_a_deny_relies_on_no_key_that_its_action_lacks(one: Stated) -> None:
    unsupported = [
        (key, action)
        for operator, key, _ in conditions(one.statement)
        if not operator.endswith("IfExists") and operator != "Null"
        for action in listed(one.statement["Action"])
        if not reference.supported(key, action)
    ]
    assert unsupported == []


@pytest.mark.parametrize("one", ALL, ids=ids)
def test_every_condition_key_exists(one: Stated) -> None:
    named = [key for _, key, _ in conditions(one.statement) if not key.lower().startswith("aws:")]
    assert [key for key in named if reference.key_type(key) is None] == []


@pytest.mark.parametrize("one", ALL, ids=ids)
def test_a_list_key_is_asked_with_a_set_operator(one: Stated) -> None:
    bare = [
        key
        for operator, key, _ in conditions(one.statement)
        if ":" not in operator and operator != "Null"
        if (reference.key_type(key) or "").startswith("ArrayOf")
    ]
    assert bare == []


@pytest.mark.parametrize("one", ALL, ids=ids)
def test_a_deprecated_spelling_never_stands_alone(one: Stated) -> None:
    used = {key for _, key, _ in conditions(one.statement)}
    old = {key for key in used if key.startswith("sagemaker:") and reference.deprecated(key)}
    assert [key for key in old if f"{key}Arn" not in used] == []


@pytest.mark.parametrize("one", ALLOWS, ids=ids)
def test_no_action_is_a_pattern(one: Stated) -> None:
    assert [action for action in listed(one.statement["Action"]) if "*" in action] == []


@pytest.mark.parametrize("one", ALLOWS, ids=ids)
def test_no_resource_is_a_wildcard_where_the_action_has_resources(one: Stated) -> None:
    if "*" in listed(one.statement["Resource"]):
        actions = listed(one.statement["Action"])
        wild = [action for action in actions if reference.arns(action)]
        assert [action for action in wild if action not in OPTIONAL_RESOURCE] == []


@pytest.mark.parametrize("one", NAMING, ids=ids)
def test_every_action_finds_its_kind_of_resource(one: Stated) -> None:
    resources = listed(one.statement["Resource"])
    lost = [
        action
        for action in listed(one.statement["Action"])
        if reference.arns(action)
        and not any(reference.overlaps(pattern, reference.arns(action)) for pattern in resources)
    ]
    assert lost == []


@pytest.mark.parametrize("one", NAMING, ids=ids)
def test_every_resource_is_one_that_an_action_has(one: Stated) -> None:
    actions = listed(one.statement["Action"])
    if set(actions) & set(UNLISTED_RESOURCE):
        return
    kinds = [arn for action in actions for arn in reference.arns(action)]
    resources = [pattern for pattern in listed(one.statement["Resource"]) if pattern != "*"]
    assert [pattern for pattern in resources if not reference.overlaps(pattern, kinds)] == []


# What the flows' requests carry besides what a statement asks for.
BASE: dict[str, str | list[str]] = {
    "aws:PrincipalTag/user": "bob",
    "sagemaker:DomainId": "d-1",
    "sagemaker:UserProfileName": "bob",
    "sagemaker:CurrentCustomerMetadataProperties/trained_by": "alice",
}


def satisfying(one: Stated, key_arn: str) -> dict[str, str | list[str]]:
    """A context that meets the statement's conditions."""
    met: dict[str, str | list[str]] = {
        **BASE,
        "sagemaker:VolumeKmsKeyArn": key_arn,
        "sagemaker:OutputKmsKeyArn": key_arn,
    }
    for operator, key, value in conditions(one.statement):
        if operator != "Null":
            first = plain(listed(value)[0])
            met[key] = [first] if operator.startswith("For") else first
    for operator, key, value in conditions(one.statement):
        if operator == "Null" and value == "true":
            met.pop(key, None)
        elif operator == "Null":
            met.setdefault(key, "x")
    return met


def plain(pattern: str) -> str:
    """Something that a pattern matches, variables filled from BASE."""
    filled = re.sub(r"\$\{([^}]*)\}", lambda found: str(BASE[found[1]]), pattern)
    return filled.replace("*", "x")


@pytest.mark.parametrize("one", HELD, ids=ids)
def test_every_allow_takes_effect_within_all_limits(one: Stated) -> None:
    """No statement that can never match, and none that a Deny or the boundary makes idle."""
    place = PLACES[one.environment]
    context = satisfying(one, LANDSCAPE.values[one.environment]["key"])
    idle = []
    for action in listed(one.statement["Action"]):
        kinds = reference.arns(action)
        for pattern in listed(one.statement["Resource"]):
            if kinds and not reference.overlaps(pattern, kinds):
                continue
            question = Question(one.persona, action, plain(pattern), context)
            decision = judge(question, place, LANDSCAPE, LIMITS)
            if not decision.allowed:
                idle.append((action, pattern, decision.reason))
    assert idle == []


# The lint bites: each rule finds the fault that AWS's own generated roles have.


@pytest.mark.parametrize(
    ("key", "action", "expected"),
    [
        ("sagemaker:VpcSubnets", "sagemaker:CreateTransformJob", False),
        ("sagemaker:VpcSubnets", "sagemaker:CreateTrainingJob", True),
        ("sagemaker:NetworkIsolation", "sagemaker:CreateAutoMLJobV2", False),
        ("aws:PrincipalTag/user", "sagemaker:CreateTransformJob", True),
        ("aws:ResourceTag/user", "sagemaker:CreatePresignedDomainUrl", True),
        ("aws:ResourceTag/user", "sagemaker:ListEndpoints", False),
    ],
)
def test_the_reference_knows_which_action_has_which_key(
    key: str, action: str, expected: bool
) -> None:
    assert reference.supported(key, action) is expected


@pytest.mark.parametrize("action", ["sagemaker:CreateTrainJob", "sagemakr:CreateModel", "s3:Get"])
def test_an_action_that_does_not_exist_is_found(action: str) -> None:
    assert reference.details(action) is None


@pytest.mark.parametrize(
    ("pattern", "kind", "expected"),
    [
        ("arn:aws:x:*-job/loans-*", "arn:*:x:training-job/*", True),
        ("arn:aws:x:job/loans", "arn:*:x:model/*", False),
        ("arn:aws:s3:::b", "arn:*:s3:::*/*", False),
    ],
)
def test_patterns_meet_where_one_arn_matches_both(pattern: str, kind: str, expected: bool) -> None:
    assert reference.overlap(pattern, kind) is expected
