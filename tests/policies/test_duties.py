"""Separation of duties over the whole set of roles, S1 to S8: they hold, and a breach is seen."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from policies import documents, duties
from policies.documents import ENVIRONMENTS
from policies.duties import Duty, Roles
from policies.landscape import Documents, Place, Question
from tests.policies import reference

ONE = {name: Place("loans", name, "123456789012", "us-east-1") for name in ENVIRONMENTS}
THREE = {
    name: Place("loans", name, str(number) * 12, "eu-west-1")
    for number, name in enumerate(ENVIRONMENTS, 1)
}
PACKAGE = "arn:aws:sagemaker:us-east-1:123456789012:model-package/loans/7"
DEPLOYER = "arn:aws:iam::123456789012:role/loans-prod-deployer"


@pytest.fixture(scope="module", params=[ONE, THREE], ids=["one account", "three accounts"])
def judged(request: pytest.FixtureRequest) -> tuple[Duty, ...]:
    """All duties of a project in one account, and in three."""
    return duties.duties(request.param)


@pytest.mark.parametrize("number", range(8), ids=lambda number: f"S{number + 1}")
def test_every_duty_is_kept_apart(judged: tuple[Duty, ...], number: int) -> None:
    assert (judged[number].id, judged[number].breaches) == (f"S{number + 1}", ())


def test_another_known_person_may_approve() -> None:
    context: dict[str, str | list[str]] = {
        "sagemaker:ModelApprovalStatus": "Approved",
        "aws:PrincipalTag/user": "bob",
        "sagemaker:CurrentCustomerMetadataProperties/trained_by": "alice",
    }
    question = Question("model-approver", "sagemaker:UpdateModelPackage", PACKAGE, context)
    assert Roles(ONE, Documents.of(ONE)).may("dev", question)


def breached(
    monkeypatch: pytest.MonkeyPatch, persona: str, environment: str, action: str, resource: str
) -> dict[str, tuple[str, ...]]:
    """The duties that are breached once a role's documents deny nothing and allow this as well."""
    original = documents.render_permissions
    more = {"Sid": "More", "Effect": "Allow", "Action": action, "Resource": resource}

    def rendered(name: str, values: Mapping[str, str]) -> tuple[documents.Document, ...]:
        found = original(name, values)
        if (name, values["env"]) != (persona, environment):
            return found
        allowing = [
            [one for one in each["Statement"] if one["Effect"] == "Allow"] for each in found
        ]
        allowing[0].append(more)
        return tuple({"Version": "2012-10-17", "Statement": each} for each in allowing)

    monkeypatch.setattr(documents, "render_permissions", rendered)
    return {one.id: one.breaches for one in duties.duties(ONE) if one.breaches}


@pytest.mark.parametrize(
    ("duty", "persona", "environment", "action", "resource"),
    [
        ("S1", "data-scientist", "dev", "sagemaker:UpdateModelPackage", PACKAGE),
        ("S3", "model-approver", "dev", "sagemaker:UpdateModelPackage", PACKAGE),
        ("S4", "model-approver", "dev", "sagemaker:CreateEndpoint", "*"),
        ("S4", "deployer", "prod", "sagemaker:UpdateModelPackage", PACKAGE),
        ("S6", "monitor", "prod", "scheduler:UpdateSchedule", "*"),
        ("S7", "model-operator", "prod", "iam:PassRole", DEPLOYER),
        ("S8", "auditor", "staging", "s3:PutObject", "*"),
    ],
)
def test_role_that_holds_too_much_is_named(
    monkeypatch: pytest.MonkeyPatch,
    duty: str,
    persona: str,
    environment: str,
    action: str,
    resource: str,
) -> None:
    found = breached(monkeypatch, persona, environment, action, resource)
    assert found[duty][0].startswith(f"{persona} in {environment}")


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_what_counts_as_reading_is_what_aws_calls_so(env: str) -> None:
    """Access levels of the Service Authorization Reference; decryption serves reading."""
    auditor = Roles(ONE, Documents.of(ONE)).actions(env, "auditor") - {"kms:Decrypt"}
    levels = {each: (reference.details(each) or {}).get("accessLevel") for each in auditor}
    assert {each: level for each, level in levels.items() if level not in ("Read", "List")} == {}
