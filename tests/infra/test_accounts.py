"""Across accounts a read needs three consents: the reader's, the owner's, and the key's."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from policies.evaluation import Policy, PolicySet, Request, evaluate

if TYPE_CHECKING:
    from tests.infra.conftest import Estate, EstateOf, Graph

DEV, STAGING, PROD = "111111111111", "222222222222", "333333333333"
PLACES = {"staging": STAGING, "prod": PROD}
ARTIFACT = f"arn:aws:s3:::loans-dev-artifacts-{DEV}/runs/x1/model.tar.gz"
APPROVAL = f"arn:aws:s3:::loans-dev-evidence-{DEV}/approvals/1.json"
ROW = f"arn:aws:s3:::loans-dev-raw-{DEV}/applications/a.csv"
IMAGE = f"arn:aws:ecr:us-east-1:{DEV}:repository/loans"
PACKAGE = f"arn:aws:sagemaker:us-east-1:{DEV}:model-package/loans/1"

READS = [
    ("serving", "s3:GetObject", ARTIFACT),
    ("deployer", "s3:GetObject", ARTIFACT),
    ("serving", "ecr:BatchGetImage", IMAGE),
    ("serving", "ecr:GetDownloadUrlForLayer", IMAGE),
    ("deployer", "ecr:BatchGetImage", IMAGE),
    ("deployer", "sagemaker:DescribeModelPackage", PACKAGE),
]
REFUSED = [
    ("serving", "s3:GetObject", ROW),
    ("serving", "s3:PutObject", ARTIFACT),
    ("deployer", "s3:GetObject", ROW),
    ("deployer", "s3:GetObject", APPROVAL),
    ("auditor", "s3:GetObject", ARTIFACT),
    ("deployer", "sagemaker:UpdateModelPackage", PACKAGE),
    ("serving", "ecr:PutImage", IMAGE),
    ("model-operator", "ecr:BatchGetImage", IMAGE),
]


@pytest.fixture(scope="module")
def apart(estate_of: EstateOf) -> Estate:
    """Three environments in three accounts."""
    return estate_of()


@pytest.mark.parametrize("environment", PLACES)
@pytest.mark.parametrize(("persona", "action", "resource"), READS)
def test_consumer_reads_what_it_deploys(
    apart: Estate, environment: str, persona: str, action: str, resource: str
) -> None:
    decision = decide(apart, environment, persona, action, resource)
    assert decision.allowed, decision.reason


@pytest.mark.parametrize("environment", PLACES)
@pytest.mark.parametrize(("persona", "action", "resource"), REFUSED)
def test_consumer_reads_nothing_else(
    apart: Estate, environment: str, persona: str, action: str, resource: str
) -> None:
    assert not decide(apart, environment, persona, action, resource).allowed


@pytest.mark.parametrize("environment", PLACES)
@pytest.mark.parametrize("persona", ["serving", "deployer"])
def test_key_opens_through_s3_only(apart: Estate, environment: str, persona: str) -> None:
    key = apart.workspace("dev").of(":Key")[0]["outputs"]["arn"]
    through_s3 = {"kms:ViaService": "s3.us-east-1.amazonaws.com"}
    assert decide(apart, environment, persona, "kms:Decrypt", key, through_s3).allowed
    assert not decide(apart, environment, persona, "kms:Decrypt", key).allowed


def test_registry_may_put_its_news_on_the_consumers_bus(apart: Estate) -> None:
    bus = f"arn:aws:events:us-east-1:{STAGING}:event-bus/modelyard"
    forwarder = f"arn:aws:iam::{DEV}:role/loans-dev-event-forwarder"
    document = named_policy(apart.workspace("dev"), "-event-forwarder-policy")
    other = f"arn:aws:iam::{DEV}:role/loans-dev-data-scientist"
    bus_policy = Policy.parse(
        apart.region("staging").of(":EventBusPolicy")[0]["inputs"]["policy"], "bus"
    )
    request = Request("events:PutEvents", bus, forwarder, DEV, STAGING, context={})
    policies = PolicySet(identity=(document,), resource=bus_policy)
    assert evaluate(with_principal(request), policies).allowed
    someone = Request("events:PutEvents", bus, other, DEV, STAGING, context={})
    assert not evaluate(with_principal(someone), policies).allowed


def test_one_account_needs_no_grants_across(dev: Graph) -> None:
    assert dev.of(":ModelPackageGroupPolicy") == []
    assert dev.of("ecr/repositoryPolicy:RepositoryPolicy") == []
    assert "ReadByProd" not in json.dumps([each["inputs"] for each in dev.of(":BucketPolicy")])


def decide(
    estate: Estate,
    environment: str,
    persona: str,
    action: str,
    resource: str,
    context: dict[str, str] | None = None,
) -> Any:
    """The decision on a consumer's request at the registry, all consents taken together."""
    graph, registry = estate.workspace(environment), estate.workspace("dev")
    account = PLACES[environment]
    role = f"arn:aws:iam::{account}:role/loans-{environment}-{persona}"
    request = Request(action, resource, role, account, DEV, context=context or {})
    boundary = estate.account(environment).of("iam/policy:Policy")[0]["inputs"]["policy"]
    policies = PolicySet(
        identity=(named_policy(graph, f"-{persona}-policy"),),
        boundary=Policy.parse(boundary, "boundary"),
        resource=owners_policy(registry, resource),
    )
    return evaluate(with_principal(request), policies)


def with_principal(request: Request) -> Request:
    """The request with what AWS puts into the context of every one."""
    own = {
        "aws:PrincipalArn": request.principal_arn,
        "aws:PrincipalAccount": request.principal_account,
        "aws:SecureTransport": "true",
        "aws:RequestedRegion": "us-east-1",
    }
    return Request(
        request.action,
        request.resource,
        request.principal_arn,
        request.principal_account,
        request.resource_account,
        context={**own, **request.context},
    )


def named_policy(graph: Graph, suffix: str) -> Policy:
    """A managed policy of a graph."""
    return Policy.parse(graph.named("iam/policy:Policy", suffix)["inputs"]["policy"], suffix)


def owners_policy(registry: Graph, resource: str) -> Policy | None:
    """The resource policy that the registry's account put on a resource."""
    service, name = resource.split(":")[2], resource.split(":")[5]
    if service == "s3":
        kind = name.split("-")[2]
        text = registry.named(":BucketPolicy", f"-{kind}-policy")["inputs"]["policy"]
    elif service == "ecr":
        text = registry.of("ecr/repositoryPolicy:RepositoryPolicy")[0]["inputs"]["policy"]
    elif service == "kms":
        text = registry.of(":Key")[0]["inputs"]["policy"]
    else:
        text = registry.of(":ModelPackageGroupPolicy")[0]["inputs"]["resourcePolicy"]
    return Policy.parse(text, service)
