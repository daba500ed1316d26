"""What holds for every set of policies: a Deny is final, order and strangers are nothing."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from policies.evaluation import Decision, Policy, PolicySet, Request, evaluate
from tests.policies.conftest import ACCOUNT, ROLE, SESSION

ACTIONS = ["s3:GetObject", "s3:PutObject", "sns:Publish"]
RESOURCES = ["arn:aws:s3:::data/a", "arn:aws:s3:::data/b", "arn:aws:s3:::other/a"]

conditions = st.sampled_from(
    [
        {},
        {"StringEquals": {"aws:PrincipalTag/user": "alice"}},
        {"StringNotEquals": {"aws:PrincipalTag/user": "alice"}},
        {"StringEquals": {"app:owner": "${aws:PrincipalTag/user}"}},
        {"Null": {"app:owner": "true"}},
        {"ForAllValues:StringLike": {"app:list": ["a*", "b"]}},
    ]
)
statements = st.fixed_dictionaries(
    {
        "Effect": st.sampled_from(["Allow", "Allow", "Deny"]),
        "Action": st.lists(st.sampled_from([*ACTIONS, "s3:*", "*"]), min_size=1, max_size=2),
        "Resource": st.sampled_from([*RESOURCES, "*", "arn:aws:s3:::data/*"]),
        "Condition": conditions,
    }
)
documents = st.lists(statements, min_size=1, max_size=5)
contexts = st.fixed_dictionaries(
    {},
    optional={
        "aws:PrincipalTag/user": st.sampled_from(["alice", "bob"]),
        "app:owner": st.sampled_from(["alice", "bob", ""]),
        "app:list": st.lists(st.sampled_from(["a", "ab", "b", "c"]), max_size=3),
    },
)
requests = st.builds(
    Request,
    action=st.sampled_from(ACTIONS),
    resource=st.sampled_from(RESOURCES),
    principal_arn=st.just(ROLE),
    principal_account=st.just(ACCOUNT),
    resource_account=st.just(ACCOUNT),
    session_arn=st.just(SESSION),
    context=contexts,
)


def parsed(document: list[dict[str, Any]]) -> Policy:
    return Policy.parse({"Version": "2012-10-17", "Statement": document}, "p")


def decide(
    request: Request, document: list[dict[str, Any]], bound: list[dict[str, Any]] | None = None
) -> Decision:
    boundary = parsed(bound) if bound else None
    return evaluate(request, PolicySet((parsed(document),), boundary))


@given(requests, documents)
def test_an_explicit_deny_always_wins(request: Request, document: list[dict[str, Any]]) -> None:
    deny = {"Effect": "Deny", "Action": request.action, "Resource": request.resource}
    assert decide(request, [*document, deny]).kind == "explicit deny"


@given(requests, documents, statements)
def test_adding_a_deny_never_allows(
    request: Request, document: list[dict[str, Any]], extra: dict[str, Any]
) -> None:
    before = decide(request, document).allowed
    assert decide(request, [*document, {**extra, "Effect": "Deny"}]).allowed <= before


@given(requests, documents, documents)
def test_a_boundary_never_allows(
    request: Request, document: list[dict[str, Any]], bound: list[dict[str, Any]]
) -> None:
    assert decide(request, document, bound).allowed <= decide(request, document).allowed


@given(requests, documents, st.randoms())
def test_order_never_matters(request: Request, document: list[dict[str, Any]], random: Any) -> None:
    shuffled = random.sample(document, len(document))
    assert decide(request, shuffled).kind == decide(request, document).kind


@given(requests, documents)
def test_splitting_a_policy_changes_nothing(
    request: Request, document: list[dict[str, Any]]
) -> None:
    apart = tuple(parsed([one]) for one in document)
    assert evaluate(request, PolicySet(apart)).kind == decide(request, document).kind


@given(requests, documents, st.sampled_from(["Allow", "Deny"]))
def test_an_unrelated_statement_changes_nothing(
    request: Request, document: list[dict[str, Any]], effect: str
) -> None:
    stranger = {"Effect": effect, "Action": "lambda:*", "Resource": "*"}
    elsewhere = {"Effect": effect, "Action": "*", "Resource": "arn:aws:s3:::nobody/*"}
    assert decide(request, [*document, stranger, elsewhere]) == decide(request, document)
