"""Short ways to ask the evaluator a question."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from policies.evaluation import Decision, Policy, PolicySet, Request, evaluate

ACCOUNT = "123456789012"
OTHER = "210987654321"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/app"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/app/alice"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"

# A minimal project; its three environments' accounts are to be filled in.
PROJECT = """
name: loans
title: Loans
owner: risk
cost_center: risk
business: {objective: Decide, kpi: Losses, owner: Risk, expert: Olga}
risk: {tier: high, decision: assisted}
team: {data-scientist: [alice], model-approver: [bob]}
environments:
  dev: {account: "%s", region: us-east-1}
  staging: {account: "%s", region: us-east-1}
  prod: {account: "%s", region: us-east-1}
data: [{name: decisions, source: data/x.csv, legal_basis: contract}]
model: {problem: binary, target: y}
"""

Ask = Callable[..., Decision]


def statement(effect: str = "Allow", **elements: Any) -> dict[str, Any]:
    """A statement on everything unless told otherwise."""
    chosen = {"Effect": effect, **elements}
    if not {"Action", "NotAction"} & set(chosen):
        chosen["Action"] = "*"
    if not {"Resource", "NotResource"} & set(chosen):
        chosen["Resource"] = "*"
    return chosen


def policy(*statements: dict[str, Any], name: str = "identity") -> Policy:
    return Policy.parse({"Version": "2012-10-17", "Statement": list(statements)}, name)


@pytest.fixture
def ask() -> Ask:
    """One request of a role in its own account against the given policies."""

    def decide(
        *identity: Policy,
        action: str = "s3:GetObject",
        resource: str = "arn:aws:s3:::data/key",
        principal: str = ROLE,
        session_arn: str | None = SESSION,
        service: str | None = None,
        principal_account: str = ACCOUNT,
        resource_account: str = ACCOUNT,
        context: dict[str, str | Sequence[str]] | None = None,
        resource_policy: Policy | None = None,
        **others: Any,
    ) -> Decision:
        request = Request(
            action=action,
            resource=resource,
            principal_arn=principal,
            principal_account=principal_account,
            resource_account=resource_account,
            session_arn=session_arn,
            service=service,
            context=context or {},
        )
        return evaluate(request, PolicySet(identity, resource=resource_policy, **others))

    return decide
