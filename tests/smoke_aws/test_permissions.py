"""What IAM itself says of the conditions we rely on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.smoke_aws.road import Road

SAGEMAKER = "sagemaker.amazonaws.com"
PACKAGE = "arn:aws:sagemaker:{region}:{account}:model-package/{project}/1"


def machine_roles(road: Road) -> dict[str, list[dict[str, Any]]]:
    """Trust statements of the project's dev roles that SageMaker may assume, by role."""
    iam, found = road.client("iam"), {}
    for page in iam.get_paginator("list_roles").paginate():
        for role in page["Roles"]:
            document = role["AssumeRolePolicyDocument"]
            trust = json.loads(document) if isinstance(document, str) else document
            services = [
                each for each in trust["Statement"] if each["Principal"].get("Service") == SAGEMAKER
            ]
            if role["RoleName"].startswith(f"{road.project.name}-dev-") and services:
                found[role["RoleName"]] = services
    return found


def test_sagemaker_assumes_roles_for_our_account_only(road: Road) -> None:
    roles = machine_roles(road)
    assert f"{road.project.name}-dev-pipeline" in roles
    for name, statements in roles.items():
        for each in statements:
            accounts = [
                value
                for keys in each["Condition"].values()
                for key, value in keys.items()
                if key.lower() == "aws:sourceaccount"
            ]
            assert accounts == [road.workspace.account], name


@pytest.mark.parametrize(
    ("trainer", "decision"), [("bob", "explicitDeny"), ("alice", "allowed")], ids=["own", "other's"]
)
def test_approver_may_not_approve_their_own_model(road: Road, trainer: str, decision: str) -> None:
    if not road.on_aws:
        pytest.skip("the sandbox has no policy simulator; tests/policies asks its evaluator")
    facts, name = road.workspace, f"{road.project.name}-dev-model-approver"
    context = {
        "sagemaker:ModelApprovalStatus": "Approved",
        "sagemaker:CurrentCustomerMetadataProperties/trained_by": trainer,
        "aws:PrincipalTag/user": "bob",
    }
    answer = road.client("iam").simulate_principal_policy(
        PolicySourceArn=f"arn:aws:iam::{facts.account}:role/{name}",
        ActionNames=["sagemaker:UpdateModelPackage"],
        ResourceArns=[
            PACKAGE.format(region=facts.region, account=facts.account, project=facts.project)
        ],
        ContextEntries=[
            {"ContextKeyName": key, "ContextKeyValues": [value], "ContextKeyType": "string"}
            for key, value in context.items()
        ],
    )
    assert answer["EvaluationResults"][0]["EvalDecision"] == decision
