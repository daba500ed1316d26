"""The organization's policy binds everybody in its accounts, whatever their own policies say."""

from __future__ import annotations

import json

import pytest

from policies.documents import ENVIRONMENTS, service_control
from policies.evaluation import Policy, PolicySet, Request, evaluate
from policies.landscape import Place
from policies.landscape import service_control as levels

ACCOUNT = "123456789012"
ADMINISTRATOR = f"arn:aws:iam::{ACCOUNT}:role/administrator"
INFRASTRUCTURE = f"arn:aws:iam::{ACCOUNT}:role/modelyard-infrastructure"
CONTROL_TOWER = f"arn:aws:iam::{ACCOUNT}:role/AWSControlTowerExecution"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
ALL = Policy.parse({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}, "all")
PLACES = {name: Place("loans", name, ACCOUNT, "eu-west-1") for name in ENVIRONMENTS}
SERVICE_CONTROL_LIMIT = 5120


def allowed(action: str, principal: str = ADMINISTRATOR, **context: str) -> bool:
    """May somebody with every permission do this?"""
    request = Request(
        action=action,
        resource="*",
        principal_arn=principal,
        principal_account=ACCOUNT,
        resource_account=ACCOUNT,
        context={"aws:RequestedRegion": "eu-west-1", **context},
    )
    return evaluate(request, PolicySet((ALL,), scps=levels(PLACES))).allowed


@pytest.mark.parametrize(
    ("action", "region", "expected"),
    [
        ("sagemaker:CreateModel", "eu-west-1", True),
        ("sagemaker:CreateModel", "us-east-1", False),
        ("ec2:RunInstances", "ap-south-1", False),
        ("iam:CreateRole", "us-east-1", True),
        ("budgets:ModifyBudget", "us-east-1", True),
    ],
)
def test_only_our_regions_are_used(action: str, region: str, expected: bool) -> None:
    assert allowed(action, **{"aws:RequestedRegion": region}) is expected


@pytest.mark.parametrize(
    "action",
    [
        "ecr-public:PutImage",
        "ecr:CreatePullThroughCacheRule",
        "cloudtrail:StopLogging",
        "cloudtrail:DeleteTrail",
        "cloudtrail:UpdateTrail",
        "iam:CreateAccessKey",
        "iam:CreateUser",
        "organizations:LeaveOrganization",
        "s3:BypassGovernanceRetention",
        "sagemaker:CreateNotebookInstance",
        "sagemaker:SendPipelineExecutionStepSuccess",
    ],
)
def test_an_administrator_cannot(action: str) -> None:
    assert not allowed(action)


def test_root_is_not_used() -> None:
    assert not allowed("s3:ListAllMyBuckets", ROOT)
    assert allowed("s3:ListAllMyBuckets")


def test_the_infrastructure_changes_the_trail_but_cannot_stop_it() -> None:
    assert allowed("cloudtrail:UpdateTrail", INFRASTRUCTURE)
    assert not allowed("cloudtrail:StopLogging", INFRASTRUCTURE)
    assert allowed("cloudtrail:StopLogging", CONTROL_TOWER)


def test_nothing_is_born_approved_even_for_an_administrator() -> None:
    born = {"sagemaker:ModelApprovalStatus": "Approved"}
    assert not allowed("sagemaker:CreateModelPackage", **born)


def test_it_fits_what_an_organization_takes() -> None:
    regions = [f"ap-southeast-{number}" for number in range(1, 9)]
    assert len(json.dumps(service_control(regions))) <= SERVICE_CONTROL_LIMIT


def test_regions_are_listed_once_and_in_order() -> None:
    statement = service_control(["us-east-1", "eu-west-1", "us-east-1"])["Statement"][0]
    regions = statement["Condition"]["StringNotEquals"]["aws:RequestedRegion"]
    assert regions == ["eu-west-1", "us-east-1"]
