"""The evaluator against moto's, where moto is right: no conditions, no `?`, letters in one case."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from moto.iam.access_control import IAMPolicy, PermissionResult

from policies.evaluation import Policy, PolicySet, Request, evaluate

ACTIONS = ["s3:get", "s3:put", "s3:*", "kms:get", "kms:*", "*"]
RESOURCES = ["arn:aws:s3:::a", "arn:aws:s3:::a/b", "arn:aws:s3:::a*", "arn:aws:s3:::*/b", "*"]
KINDS = {
    PermissionResult.PERMITTED: "allow",
    PermissionResult.DENIED: "explicit deny",
    PermissionResult.NEUTRAL: "implicit deny",
}


@st.composite
def statements(draw: st.DrawFn) -> dict[str, Any]:
    several = draw(st.booleans())
    actions = draw(st.lists(st.sampled_from(ACTIONS), min_size=1, max_size=3, unique=True))
    resources = draw(st.lists(st.sampled_from(RESOURCES), min_size=1, max_size=3, unique=True))
    element = draw(st.sampled_from(["Action", "NotAction"]))
    return {
        "Effect": draw(st.sampled_from(["Allow", "Deny"])),
        element: actions if several else actions[0],
        "Resource": resources if several else resources[0],
    }


@settings(max_examples=500, deadline=None)
@given(
    held=st.lists(statements(), min_size=1, max_size=5),
    action=st.sampled_from([one for one in ACTIONS if "*" not in one]),
    resource=st.sampled_from([one for one in RESOURCES if "*" not in one]),
)
def test_both_decide_alike(held: list[dict[str, Any]], action: str, resource: str) -> None:
    document = {"Version": "2012-10-17", "Statement": held}
    theirs = IAMPolicy({"policy_document": json.dumps(document)})
    request = Request(
        action=action,
        resource=resource,
        principal_arn="arn:aws:iam::123456789012:role/app",
        principal_account="123456789012",
        resource_account="123456789012",
    )
    # A key's own policy has a say that moto does not know; these are no keys.
    ours = evaluate(request, PolicySet((Policy.parse(document, "held"),)))
    assert ours.kind == KINDS[theirs.is_action_permitted(action, resource)]
