"""Everything stays under AWS's size quotas for the longest names a project may have."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from modelyard.project import MOST_BORROWED, MOST_LENT
from policies.documents import MANAGED_POLICY_LIMIT
from tests.infra.conftest import ACCOUNTS

if TYPE_CHECKING:
    from tests.infra.conftest import Estate, EstateOf, Graph

PARTS = ("account", "region", "dev", "staging", "prod")
LONGEST = "a-project-with-long-name"
PERSON = "a-person-with-a-rather-long-name"

# Type, property and the characters AWS takes, white space not counted where AWS does not.
# "IAM and AWS STS quotas", "Amazon S3 bucket policies", "AWS KMS quotas", "Amazon EventBridge
# quotas", "Parameter Store quotas", "Amazon SNS quotas", "Amazon SQS quotas", "Amazon ECR quotas".
LIMITS = (
    ("iam/policy:Policy", "policy", MANAGED_POLICY_LIMIT),
    ("iam/role:Role", "assumeRolePolicy", 2_048),
    ("s3/bucketPolicy:BucketPolicy", "policy", 20_480),
    ("kms/key:Key", "policy", 32_768),
    ("cloudwatch/eventRule:EventRule", "eventPattern", 2_048),
    ("cloudwatch/eventBusPolicy:EventBusPolicy", "policy", 10_240),
    ("cloudwatch/logResourcePolicy:LogResourcePolicy", "policyDocument", 5_120),
    ("ssm/parameter:Parameter", "value", 4_096),
    ("sns/topicPolicy:TopicPolicy", "policy", 30_720),
    ("sqs/queuePolicy:QueuePolicy", "policy", 20_480),
    ("ecr/repositoryPolicy:RepositoryPolicy", "policy", 10_240),
    ("ec2/vpcEndpoint:VpcEndpoint", "policy", 20_480),
)
INLINE_LIMIT = 10_240
ATTACHED_LIMIT = 10


@pytest.fixture(scope="module")
def longest(estate_of: EstateOf) -> Estate:
    """The longest project name, person and repository, in three accounts."""
    team = {"data-scientist": [PERSON], "model-approver": [f"{PERSON}2"]}
    return estate_of(name=LONGEST, team=team, config={"repository": f"{'o' * 39}/{'r' * 100}"})


def part(estate: Estate, name: str) -> list[dict[str, Any]]:
    """The AWS resources of a foundation program, or of a workspace."""
    if name in ("account", "region"):
        graph = estate.account() if name == "account" else estate.region()
    else:
        graph = estate.workspace(name)
    return graph.aws


def size(document: Any) -> int:
    """Characters as AWS counts them: no white space between tokens."""
    try:
        return len(json.dumps(json.loads(document), separators=(",", ":")))
    except (TypeError, ValueError):
        return len(str(document or ""))


def named(number: int, length: int) -> str:
    """The longest name that a number can have."""
    return f"n{number:02}".ljust(length, "x")


def data(number: int, **stated: Any) -> dict[str, Any]:
    """A data set with much to say."""
    return {"name": named(number, 63), "source": "a.csv", "legal_basis": "x" * 256, **stated}


@pytest.fixture(scope="module")
def busiest(estate_of: EstateOf) -> Graph:
    """dev of a project that lends and borrows as much as any may, each loan to another account."""
    lender = estate_of(
        name=named(99, 24),
        owner="o" * 128,
        data=[
            data(number, shared_with=[{"project": LONGEST, "account": ACCOUNTS["dev"]}])
            for number in range(MOST_BORROWED)
        ],
    )
    lender.workspace("dev")
    borrowers = [
        {"project": named(number, 24), "account": f"9999999999{number:02}"}
        for number in range(MOST_LENT)
    ]
    half = MOST_LENT // 2
    lent = [data(50, shared_with=borrowers[:half]), data(51, shared_with=borrowers[half:])]
    borrowed = [
        {"name": named(number, 63), "source": f"dataset://{named(99, 24)}/{named(number, 63)}"}
        for number in range(MOST_BORROWED)
    ]
    return estate_of(name=LONGEST, data=[*lent, *borrowed]).beside(lender).workspace("dev")


def too_large(resources: list[dict[str, Any]], token: str, key: str, limit: int) -> dict[str, int]:
    """The size of each document that AWS would not take."""
    sizes = {
        each["name"]: size(each["inputs"].get(key))
        for each in resources
        if each["type"].endswith(token)
    }
    return {name: found for name, found in sizes.items() if found > limit}


@pytest.mark.parametrize("name", PARTS)
@pytest.mark.parametrize(("token", "key", "limit"), LIMITS, ids=[each[0] for each in LIMITS])
def test_documents_fit(longest: Estate, name: str, token: str, key: str, limit: int) -> None:
    assert too_large(part(longest, name), token, key, limit) == {}


@pytest.mark.parametrize(("token", "key", "limit"), LIMITS, ids=[each[0] for each in LIMITS])
def test_documents_of_the_most_loans_fit(busiest: Graph, token: str, key: str, limit: int) -> None:
    assert too_large(busiest.aws, token, key, limit) == {}


@pytest.mark.parametrize("name", PARTS)
def test_inline_policies_of_a_role_fit_together(longest: Estate, name: str) -> None:
    together: dict[str, int] = {}
    for each in part(longest, name):
        if each["type"].endswith("iam/rolePolicy:RolePolicy"):
            role = each["inputs"]["role"]
            together[role] = together.get(role, 0) + size(each["inputs"]["policy"])
    assert {role: found for role, found in together.items() if found > INLINE_LIMIT} == {}


def crowded(resources: list[dict[str, Any]]) -> dict[str, int]:
    """How many policies each role has that has too many."""
    attached = Counter(
        each["inputs"]["role"]
        for each in resources
        if each["type"].endswith(":RolePolicyAttachment")
    )
    return {role: count for role, count in attached.items() if count > ATTACHED_LIMIT}


@pytest.mark.parametrize("name", PARTS)
def test_no_role_has_more_policies_than_iam_attaches(longest: Estate, name: str) -> None:
    assert crowded(part(longest, name)) == {}


def test_no_role_has_more_policies_with_the_most_loans(busiest: Graph) -> None:
    assert crowded(busiest.aws) == {}
