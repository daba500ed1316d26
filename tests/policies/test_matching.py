"""Actions, resources and policy variables, golden against AWS's documentation."""

from __future__ import annotations

from typing import Any

import pytest

from policies.evaluation import Policy
from policies.matching import matcher
from tests.policies.conftest import Ask, policy, statement

BUCKET = "arn:aws:s3:::data"
USER = "aws:PrincipalTag/user"


# "IAM JSON policy elements: Action", "NotAction" (IAM User Guide)


@pytest.mark.parametrize(
    ("pattern", "action", "matches"),
    [
        ("s3:GetObject", "S3:getobject", True),
        ("S3:GETOBJECT", "s3:GetObject", True),
        ("s3:Get*", "s3:GetObject", True),
        ("s3:*Object*", "s3:PutObjectAcl", True),
        ("s3:Get?bject", "s3:GetObject", True),
        ("s3:Get?Object", "s3:GetObject", False),
        ("s3:Get*", "s3-object-lambda:GetObject", False),
        ("s3:GetObject", "s3:GetObjectVersion", False),
        ("*", "sagemaker:CreateModel", True),
    ],
)
def test_actions_ignore_case_and_know_wildcards(
    ask: Ask, pattern: str, action: str, matches: bool
) -> None:
    assert ask(policy(statement(Action=pattern)), action=action).allowed is matches


def test_not_action_is_everything_else_in_every_service(ask: Ask) -> None:
    everything_else = policy(statement(NotAction=["s3:*", "iam:*"]))
    assert ask(everything_else, action="sns:Publish").allowed
    assert not ask(everything_else, action="iam:GetRole").allowed


# "IAM JSON policy elements: Resource", "NotResource" (IAM User Guide)


@pytest.mark.parametrize(
    ("pattern", "resource", "matches"),
    [
        (f"{BUCKET}/*", f"{BUCKET}/a/b/c", True),
        (f"{BUCKET}/*", BUCKET, False),
        (BUCKET, f"{BUCKET}/key", False),
        (f"{BUCKET}*", f"{BUCKET}-two/key", True),
        (f"{BUCKET}/?", f"{BUCKET}/ab", False),
        (f"{BUCKET}/Key", f"{BUCKET}/key", False),
        ("arn:aws:sns:*:topic", "arn:aws:sns:us-east-1:123456789012:topic", True),
        ("*", "*", True),
        (BUCKET, "*", False),
        (f"{BUCKET}/a*b*c", f"{BUCKET}/abbc", True),
        (f"{BUCKET}/**x", f"{BUCKET}/x", True),
        (f"{BUCKET}/(a|b)", f"{BUCKET}/a", False),
        (f"{BUCKET}/*", f"{BUCKET}/two\nlines", True),
    ],
)
def test_resources_respect_case_and_know_wildcards(
    ask: Ask, pattern: str, resource: str, matches: bool
) -> None:
    assert ask(policy(statement(Resource=pattern)), resource=resource).allowed is matches


def test_not_resource_is_everything_else(ask: Ask) -> None:
    elsewhere = policy(statement(NotResource=[f"{BUCKET}/secret/*"]))
    assert ask(elsewhere, resource=f"{BUCKET}/open").allowed
    assert not ask(elsewhere, resource=f"{BUCKET}/secret/x").allowed


@pytest.mark.timeout(60)
def test_matching_does_not_backtrack() -> None:
    matches = matcher("*a" * 30 + "b", "glob", variables=False)
    assert not matches("a" * 5000, {})


# "IAM policy elements: Variables and tags" (IAM User Guide)


def of_user(condition: dict[str, Any] | None = None, **elements: Any) -> Policy:
    return policy(statement(**elements, Condition=condition or {}))


@pytest.mark.parametrize(
    ("pattern", "tags", "matches"),
    [
        (f"{BUCKET}/${{{USER}}}/*", {USER: "alice"}, True),
        (f"{BUCKET}/${{{USER}}}/*", {"AWS:principaltag/USER": "alice"}, True),
        (f"{BUCKET}/${{{USER}}}/*", {USER: "bob"}, False),
        (f"{BUCKET}/${{{USER}}}/*", {}, False),
        (f"{BUCKET}/${{{USER}, 'alice'}}/*", {}, True),
        (f"{BUCKET}/${{{USER}, 'alice'}}/*", {USER: "bob"}, False),
        (f"{BUCKET}/${{{USER}}}/*", {USER: "*"}, False),
        (f"{BUCKET}/${{{USER}}}/*", {USER: ["alice", "bob"]}, False),
    ],
)
def test_variables_in_resources(ask: Ask, pattern: str, tags: Any, matches: bool) -> None:
    asked = ask(of_user(Resource=pattern), resource=f"{BUCKET}/alice/x", context=tags)
    assert asked.allowed is matches


@pytest.mark.parametrize(
    ("operator", "value", "tags", "holds"),
    [
        ("StringEquals", f"${{{USER}}}", {USER: "alice"}, True),
        ("StringEquals", f"${{{USER}}}", {USER: "Alice"}, False),
        ("StringEquals", f"${{{USER}}}", {}, False),
        ("StringEquals", f"${{{USER}, 'alice'}}", {}, True),
        ("StringNotEquals", f"${{{USER}}}", {}, True),
        ("StringEqualsIgnoreCase", f"${{{USER}}}", {USER: "ALICE"}, True),
        ("StringLike", f"${{{USER}}}*", {USER: "al"}, True),
        ("StringLike", f"${{{USER}}}", {USER: "al*"}, False),
    ],
)
def test_variables_in_conditions(
    ask: Ask, operator: str, value: str, tags: dict[str, str], holds: bool
) -> None:
    document = of_user({operator: {"app:owner": value}})
    assert ask(document, context={"app:owner": "alice", **tags}).allowed is holds


@pytest.mark.parametrize(("sign", "key"), [("*", "a*b"), ("?", "a?b"), ("$", "a$b")])
def test_escaped_signs_are_literal(ask: Ask, sign: str, key: str) -> None:
    document = of_user(Resource=f"{BUCKET}/a${{{sign}}}b")
    assert ask(document, resource=f"{BUCKET}/{key}").allowed
    assert not ask(document, resource=f"{BUCKET}/axb").allowed


@pytest.mark.parametrize("version", [{}, {"Version": "2008-10-17"}])
def test_older_versions_read_variables_as_text(ask: Ask, version: dict[str, str]) -> None:
    document = Policy.parse(
        {**version, "Statement": statement(Resource=f"{BUCKET}/${{{USER}}}")}, "old"
    )
    assert ask(document, resource=f"{BUCKET}/${{{USER}}}").allowed
    assert not ask(document, resource=f"{BUCKET}/alice", context={USER: "alice"}).allowed


def test_a_deny_on_an_absent_tag_never_fires_which_is_why_null_guards_it(ask: Ask) -> None:
    own = {"StringEquals": {"app:trained_by": f"${{{USER}}}"}}
    untagged = {"Null": {USER: "true"}}
    allow = policy(statement())
    trained = {"app:trained_by": "alice"}
    assert ask(allow, policy(statement("Deny", Condition=own)), context=trained).allowed
    guarded = policy(statement("Deny", Condition=own), statement("Deny", Condition=untagged))
    assert not ask(allow, guarded, context=trained).allowed
