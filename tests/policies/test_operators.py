"""Condition operators, golden against "IAM JSON policy elements: Condition operators"."""

from __future__ import annotations

from typing import Any

import pytest

from policies.evaluation import PolicyError
from tests.policies.conftest import Ask, policy, statement

ARN = "arn:aws:iam::123456789012:role/team/app"


def holds(ask: Ask, operator: str, wanted: Any, value: Any) -> bool:
    """Does the operator hold for the request value (None: key absent)?"""
    context = {} if value is None else {"test:key": value}
    document = policy(statement(Condition={operator: {"Test:Key": wanted}}))
    return ask(document, context=context).allowed


@pytest.mark.parametrize(
    ("operator", "wanted", "value", "expected"),
    [
        ("StringEquals", "a", "a", True),
        ("StringEquals", "a", "A", False),
        ("StringEquals", "a*", "ab", False),
        ("StringEquals", "a*", "a*", True),
        ("StringEquals", ["a", "b"], "b", True),
        ("StringNotEquals", "a", "b", True),
        ("StringNotEquals", ["a", "b"], "b", False),
        ("StringEqualsIgnoreCase", "Alice", "aLICE", True),
        ("StringNotEqualsIgnoreCase", "Alice", "aLICE", False),
        ("StringLike", "al*e", "alice", True),
        ("StringLike", "al?ce", "alice", True),
        ("StringLike", "AL*", "alice", False),
        ("StringNotLike", "al*", "alice", False),
        ("NumericEquals", "5", "5.0", True),
        ("NumericEquals", 5, "5", True),
        ("NumericNotEquals", "5", "6", True),
        ("NumericLessThan", "5", "5", False),
        ("NumericLessThanEquals", "5", "5", True),
        ("NumericGreaterThan", "5", "6", True),
        ("NumericGreaterThanEquals", "5", "4", False),
        ("NumericLessThan", "5", "many", False),
        ("DateEquals", "2026-01-01T00:00:00Z", "1767225600", True),
        ("DateNotEquals", "2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00", False),
        ("DateLessThan", "2026-01-01", "2025-12-31T23:59:59Z", True),
        ("DateLessThanEquals", "2026", "2026-01-01T00:00:00Z", True),
        ("DateGreaterThan", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", False),
        ("DateGreaterThanEquals", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", True),
        ("Bool", "true", "True", True),
        ("Bool", True, "true", True),
        ("Bool", "false", "true", False),
        ("Bool", "true", "perhaps", False),
        ("BinaryEquals", "QmluYXJ5", "QmluYXJ5", True),
        ("BinaryEquals", "QmluYXJ5", "qmluYXJ5", False),
        ("IpAddress", "203.0.113.0/24", "203.0.113.9", True),
        ("IpAddress", "2001:db8::/32", "2001:db8::1", True),
        ("IpAddress", "203.0.113.0/24", "198.51.100.1", False),
        ("NotIpAddress", ["203.0.113.0/24"], "198.51.100.1", True),
        ("IpAddress", "203.0.113.0/24", "nowhere", False),
        ("ArnLike", "arn:aws:iam::*:role/*", ARN, True),
        ("ArnEquals", "arn:aws:iam::*:role/*", ARN, True),
        ("ArnLike", "arn:aws:iam::1234*:role/team/ap?", ARN, True),
        ("ArnLike", "arn:*:role/team/app", ARN, False),
        ("ArnLike", "arn:aws:iam:*:role/*", ARN, False),
        ("ArnLike", "arn:aws:s3:::*", "arn:aws:s3:::bucket/a:b", True),
        ("ArnNotEquals", ARN, ARN, False),
        ("ArnNotLike", "arn:aws:iam::*:user/*", ARN, True),
    ],
)
def test_an_operator_compares(
    ask: Ask, operator: str, wanted: Any, value: str, expected: bool
) -> None:
    assert holds(ask, operator, wanted, value) is expected


@pytest.mark.parametrize(
    ("operator", "wanted", "expected"),
    [
        ("StringEquals", "a", False),
        ("StringNotEquals", "a", True),
        ("StringEqualsIfExists", "a", True),
        ("StringNotEqualsIfExists", "a", True),
        ("ArnNotLike", ARN, True),
        ("NumericNotEquals", "1", True),
        ("NumericLessThanIfExists", "1", True),
        ("BoolIfExists", "true", True),
        ("Bool", "false", False),
        ("NotIpAddress", "10.0.0.0/8", True),
        ("Null", "true", True),
        ("Null", "false", False),
        ("ForAllValues:StringEquals", "a", True),
        ("ForAnyValue:StringEquals", "a", False),
        ("ForAnyValue:StringNotEquals", "a", False),
        ("ForAnyValue:StringEqualsIfExists", "a", True),
    ],
)
def test_a_missing_key(ask: Ask, operator: str, wanted: str, expected: bool) -> None:
    assert holds(ask, operator, wanted, None) is expected


@pytest.mark.parametrize(("wanted", "expected"), [("true", False), ("false", True)])
def test_null_asks_for_presence(ask: Ask, wanted: str, expected: bool) -> None:
    assert holds(ask, "Null", wanted, "x") is expected
    assert holds(ask, "Null", wanted, []) is not expected
    assert holds(ask, "Null", wanted, "") is not expected


def test_if_exists_still_compares_a_present_key(ask: Ask) -> None:
    assert not holds(ask, "StringEqualsIfExists", "a", "b")


# "Condition operators for multivalued context keys" (IAM User Guide)


@pytest.mark.parametrize(
    ("operator", "values", "expected"),
    [
        ("ForAllValues:StringEquals", ["a", "b"], True),
        ("ForAllValues:StringEquals", ["a"], True),
        ("ForAllValues:StringEquals", ["a", "b", "c"], False),
        ("ForAllValues:StringEquals", [], True),
        ("ForAllValues:StringEquals", [""], True),
        ("ForAllValues:StringNotEquals", ["c", "d"], True),
        ("ForAllValues:StringNotEquals", ["a", "d"], False),
        ("ForAnyValue:StringEquals", ["c", "a"], True),
        ("ForAnyValue:StringEquals", ["c"], False),
        ("ForAnyValue:StringNotEquals", ["a", "c"], True),
        ("ForAnyValue:StringNotEquals", ["a", "b"], False),
        ("StringEquals", ["c", "a"], True),
    ],
)
def test_multivalued_keys(ask: Ask, operator: str, values: list[str], expected: bool) -> None:
    assert holds(ask, operator, ["a", "b"], values) is expected


# "AWS JSON policy elements: Condition": keys and operators AND, values OR, negated values NOR


def test_all_operators_and_keys_must_hold(ask: Ask) -> None:
    document = policy(
        statement(
            Condition={
                "StringEquals": {"test:a": "1", "test:b": ["1", "2"]},
                "Bool": {"test:c": "true"},
            }
        )
    )
    right = {"test:a": "1", "test:b": "2", "test:c": "true"}
    assert ask(document, context=right).allowed
    assert not ask(document, context=right | {"test:a": "2"}).allowed
    assert not ask(document, context=right | {"test:c": "false"}).allowed


def test_a_deny_unless_equal_also_denies_the_absent_key(ask: Ask) -> None:
    allow = policy(statement())
    deny = policy(statement("Deny", Condition={"StringNotEquals": {"test:key": "a"}}))
    assert not ask(allow, deny).allowed
    assert ask(allow, deny, context={"test:key": "a"}).allowed


def test_tag_keys_ignore_case_and_tag_values_do_not(ask: Ask) -> None:
    document = policy(statement(Condition={"StringEquals": {"aws:ResourceTag/Team": "Risk"}}))
    assert ask(document, context={"AWS:resourcetag/TEAM": "Risk"}).allowed
    assert not ask(document, context={"aws:ResourceTag/Team": "risk"}).allowed


def test_principal_and_resource_account_are_always_known(ask: Ask) -> None:
    document = policy(
        statement(
            Condition={
                "ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::*:role/app"},
                "StringEquals": {"aws:PrincipalAccount": "123456789012"},
                "StringEqualsIgnoreCase": {"aws:ResourceAccount": "123456789012"},
            }
        )
    )
    assert ask(document).allowed


@pytest.mark.parametrize(
    ("operator", "wanted"),
    [
        ("StringSame", "a"),
        ("stringequals", "a"),
        ("NullIfExists", "true"),
        ("ForSomeValues:StringEquals", "a"),
        ("ForAllValues:Null", "true"),
        ("NumericEquals", "many"),
        ("DateEquals", "yesterday"),
        ("Bool", "yes"),
        ("Null", "maybe"),
        ("IpAddress", "10.0.0.0/40"),
        ("StringEquals", []),
    ],
)
def test_what_cannot_be_judged_is_refused(operator: str, wanted: Any) -> None:
    with pytest.raises(PolicyError):
        policy(statement(Condition={operator: {"test:key": wanted}}))
