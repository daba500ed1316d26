"""The order of decisions, golden against AWS's documented policy evaluation logic."""

from __future__ import annotations

from typing import Any

import pytest

from policies.evaluation import Policy, PolicyError
from tests.policies.conftest import ACCOUNT, OTHER, ROLE, ROOT, SESSION, Ask, policy, statement

ALLOW = policy(statement())
DENY = policy(statement("Deny"))
USER = f"arn:aws:iam::{ACCOUNT}:user/alice"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd"


def granting(principal: object, effect: str = "Allow", element: str = "Principal") -> Policy:
    return policy(statement(effect, **{element: principal}), name="resource")


# "Policy evaluation logic for requests within a single account" (IAM User Guide)


def test_nothing_is_allowed_by_default(ask: Ask) -> None:
    assert ask().kind == "implicit deny"


def test_an_identity_policy_allows_and_is_named(ask: Ask) -> None:
    decision = ask(policy(statement(Sid="Read"), name="persona"))
    assert (decision.allowed, decision.policy, decision.sid) == (True, "persona", "Read")


@pytest.mark.parametrize("kind", ["identity", "boundary", "session", "resource", "scps", "rcps"])
def test_a_deny_in_any_policy_wins(ask: Ask, kind: str) -> None:
    resource_deny = granting("*", "Deny")
    choices: dict[str, dict[str, Any]] = {
        "identity": {},
        "boundary": {"boundary": DENY},
        "session": {"session": (DENY,)},
        "resource": {"resource_policy": resource_deny},
        "scps": {"scps": ((ALLOW,), (ALLOW, DENY))},
        "rcps": {"rcps": ((granting("*"), resource_deny),)},
    }
    identity = (ALLOW, DENY) if kind == "identity" else (ALLOW,)
    assert ask(*identity, **choices[kind]).kind == "explicit deny"


def test_a_boundary_lets_through_only_what_it_allows(ask: Ask) -> None:
    boundary = policy(statement(Action="s3:*"))
    assert ask(ALLOW, boundary=boundary).allowed
    assert ask(ALLOW, boundary=boundary, action="sns:Publish").kind == "implicit deny"


def test_boundary_and_session_policy_never_grant(ask: Ask) -> None:
    assert not ask(boundary=ALLOW).allowed
    assert not ask(session=(ALLOW,)).allowed


def test_a_session_policy_limits_the_role(ask: Ask) -> None:
    assert not ask(ALLOW, session=(policy(statement(Action="sns:*")),)).allowed


# "Service control policies (SCPs)" (AWS Organizations User Guide)


def test_service_control_needs_an_allow_at_every_level(ask: Ask) -> None:
    assert ask(ALLOW, scps=((ALLOW,), (ALLOW,))).allowed
    assert not ask(ALLOW, scps=((ALLOW,), (policy(statement(Action="sns:*")),))).allowed
    assert not ask(ALLOW, scps=((ALLOW,), ())).allowed


def test_service_control_does_not_bind_service_linked_roles(ask: Ask) -> None:
    linked = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"
    assert ask(ALLOW, principal=linked, session_arn=None, scps=((DENY,),)).allowed


REGION_DENY = policy(
    statement("Allow"),
    {
        "Effect": "Deny",
        "NotAction": ["iam:*", "sts:*", "organizations:*"],
        "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["us-east-1"]}},
    },
)


@pytest.mark.parametrize(
    ("action", "region", "allowed"),
    [
        ("sagemaker:CreateModel", "us-east-1", True),
        ("sagemaker:CreateModel", "eu-west-1", False),
        ("iam:GetRole", "eu-west-1", True),
    ],
)
def test_a_region_deny_spares_global_services(
    ask: Ask, action: str, region: str, allowed: bool
) -> None:
    context = {"aws:RequestedRegion": region}
    assert ask(ALLOW, scps=((REGION_DENY,),), action=action, context=context).allowed is allowed


# "Policy evaluation logic": resource-based policies and implicit denies in other policy types


def test_a_role_arn_grants_within_the_boundary(ask: Ask) -> None:
    resource = granting({"AWS": ROLE})
    assert ask(resource_policy=resource).allowed
    assert ask(resource_policy=resource, boundary=ALLOW).allowed
    assert not ask(resource_policy=resource, boundary=policy(statement(Action="sns:*"))).allowed
    assert not ask(resource_policy=resource, session=(policy(statement(Action="sns:*")),)).allowed


@pytest.mark.parametrize("principal", [{"AWS": SESSION}, "*", {"AWS": "*"}])
def test_a_session_or_everybody_is_granted_outright(ask: Ask, principal: object) -> None:
    assert ask(
        resource_policy=granting(principal), boundary=policy(statement(Action="sns:*"))
    ).allowed


def test_a_user_arn_is_granted_outright(ask: Ask) -> None:
    nothing = policy(statement(Action="sns:*"))
    asked = ask(
        resource_policy=granting({"AWS": USER}), principal=USER, session_arn=None, boundary=nothing
    )
    assert asked.allowed


@pytest.mark.parametrize("root", [ROOT, ACCOUNT])
def test_the_account_root_only_delegates(ask: Ask, root: str) -> None:
    resource = granting({"AWS": root})
    assert not ask(resource_policy=resource).allowed
    assert ask(ALLOW, resource_policy=resource).allowed


def test_another_role_or_session_gains_nothing(ask: Ask) -> None:
    assert not ask(resource_policy=granting({"AWS": f"{ROLE}-two"})).allowed
    assert not ask(resource_policy=granting({"AWS": f"{SESSION}-two"})).allowed


# "Policy evaluation logic for requests across accounts"


@pytest.mark.parametrize("principal", [{"AWS": ROLE}, {"AWS": ROOT}, {"AWS": SESSION}, "*"])
def test_across_accounts_both_sides_must_allow(ask: Ask, principal: object) -> None:
    resource = granting(principal)
    assert ask(ALLOW, resource_policy=resource, resource_account=OTHER).allowed
    assert not ask(resource_policy=resource, resource_account=OTHER).allowed
    assert not ask(ALLOW, resource_account=OTHER).allowed
    assert not ask(ALLOW, resource_policy=granting({"AWS": OTHER}), resource_account=OTHER).allowed


def test_across_accounts_the_boundary_still_limits(ask: Ask) -> None:
    asked = ask(
        ALLOW,
        resource_policy=granting("*"),
        resource_account=OTHER,
        boundary=policy(statement(Action="sns:*")),
    )
    assert not asked.allowed


# "Key policies in AWS KMS" (KMS Developer Guide)


def test_a_key_ignores_identity_policies_unless_it_delegates(ask: Ask) -> None:
    silent = granting({"AWS": f"{ROLE}-two"})
    decrypt = {"action": "kms:Decrypt", "resource": KEY}
    assert not ask(ALLOW, **decrypt).allowed
    assert not ask(ALLOW, resource_policy=silent, **decrypt).allowed
    assert ask(ALLOW, resource_policy=granting({"AWS": ROOT}), **decrypt).allowed
    assert not ask(resource_policy=granting({"AWS": ROOT}), **decrypt).allowed
    assert ask(resource_policy=granting({"AWS": ROLE}), **decrypt).allowed


def test_key_actions_without_a_key_need_no_key_policy(ask: Ask) -> None:
    assert ask(ALLOW, action="kms:ListAliases", resource="*").allowed


# "Granting a user permissions to switch roles" and "How IAM roles differ" (IAM User Guide)


def test_assuming_a_role_needs_its_trust(ask: Ask) -> None:
    target = f"arn:aws:iam::{ACCOUNT}:role/target"
    assume = {"action": "sts:AssumeRole", "resource": target}
    assert not ask(ALLOW, **assume).allowed
    assert ask(resource_policy=trust({"AWS": ROLE}), **assume).allowed
    assert not ask(resource_policy=trust({"AWS": ROOT}), **assume).allowed
    assert ask(ALLOW, resource_policy=trust({"AWS": ROOT}), **assume).allowed


def trust(principal: object, action: str = "sts:AssumeRole") -> Policy:
    document = {"Effect": "Allow", "Principal": principal, "Action": action}
    return Policy.parse({"Version": "2012-10-17", "Statement": document}, "trust")


def test_a_service_is_allowed_by_trust_alone(ask: Ask) -> None:
    service = {"principal": "", "principal_account": "", "session_arn": None}
    assume = {"action": "sts:AssumeRole", "resource": ROLE, **service}
    document = trust({"Service": ["sagemaker.amazonaws.com", "lambda.amazonaws.com"]})
    assert ask(resource_policy=document, service="lambda.amazonaws.com", **assume).allowed
    assert not ask(resource_policy=document, service="events.amazonaws.com", **assume).allowed
    assert not ask(ALLOW, service="lambda.amazonaws.com", **assume).allowed


def test_an_identity_provider_is_allowed_by_trust_alone(ask: Ask) -> None:
    provider = f"arn:aws:iam::{ACCOUNT}:saml-provider/modelyard"
    document = trust({"Federated": provider}, "sts:AssumeRoleWithSAML")
    assume = {"action": "sts:AssumeRoleWithSAML", "resource": ROLE, "session_arn": None}
    assert ask(resource_policy=document, principal=provider, **assume).allowed
    assert not ask(resource_policy=document, principal=f"{provider}-two", **assume).allowed


# "AWS account root user" and "AWS JSON policy elements: Principal" (IAM User Guide)


def test_root_is_allowed_unless_something_denies(ask: Ask) -> None:
    root = {"principal": ROOT, "session_arn": None}
    assert ask(**root).allowed
    assert ask(**root, resource_policy=granting("*", "Deny")).kind == "explicit deny"
    assert ask(**root, resource_policy=granting({"AWS": ROOT}, "Deny")).kind == "explicit deny"
    assert ask(**root, scps=((ALLOW, DENY),)).kind == "explicit deny"
    assert not ask(**root, resource_account=OTHER).allowed


def test_denying_the_root_denies_the_whole_account(ask: Ask) -> None:
    assert ask(ALLOW, resource_policy=granting({"AWS": ROOT}, "Deny")).kind == "explicit deny"
    assert ask(ALLOW, resource_policy=granting({"AWS": OTHER}, "Deny")).allowed


# "AWS JSON policy elements: NotPrincipal" (IAM User Guide)


def test_not_principal_spares_only_a_caller_listed_with_its_account(ask: Ask) -> None:
    listed = {"AWS": [ROOT, ROLE, SESSION]}
    assert ask(ALLOW, resource_policy=granting(listed, "Deny", "NotPrincipal")).allowed
    only_role = granting({"AWS": [ROLE]}, "Deny", "NotPrincipal")
    assert ask(ALLOW, resource_policy=only_role).kind == "explicit deny"


# "IAM JSON policy elements reference": what a document may say


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("{", "not JSON"),
        ("[]", "JSON object"),
        ({"Statement": []}, "at least one"),
        ({"Statement": [{"Effect": "Allow", "Resource": "*"}]}, "Action or NotAction"),
        ({"Statement": [{"Effect": "Allow", "Action": "*"}]}, "Resource or NotResource"),
        ({"Statement": statement("allow")}, "Effect"),
        ({"Statement": statement(NotAction="*", Action="*")}, "exclude each other"),
        ({"Statement": statement(Action="s3*:Get")}, "is not an action"),
        ({"Statement": statement(Action=[])}, "at least one"),
        ({"Statement": statement(Actions="*")}, "no element 'Actions'"),
        ({"Version": "2020-01-01", "Statement": statement()}, "unknown Version"),
        ({"Statement": [statement(Sid="A"), statement(Sid="A")]}, "share a Sid"),
        ({"Statement": statement(Principal={"AWS": "arn:aws:iam::*:root"})}, "pattern"),
        ({"Statement": statement(Principal={"Aws": ROOT})}, "kind of principal"),
    ],
)
def test_a_malformed_document_is_refused_with_its_name(document: object, message: str) -> None:
    with pytest.raises(PolicyError, match=rf"(?s)^broken: .*{message}"):
        Policy.parse(document, "broken")  # type: ignore[arg-type]


def test_the_statement_at_fault_is_named() -> None:
    faulty = statement(Sid="Second", Condition={"StringSame": {"aws:username": "x"}})
    with pytest.raises(PolicyError, match="statement Second: unknown condition operator"):
        Policy.parse({"Statement": [statement(Sid="First"), faulty]}, "p")
