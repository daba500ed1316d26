"""Across accounts a read needs three consents: the reader's, the owner's, and the key's."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.infra.conftest import ACCOUNTS
from tests.infra.consents import OWNER, READER, Consents, Need

if TYPE_CHECKING:
    from tests.infra.conftest import EstateOf, Graph

DEV = ACCOUNTS["dev"]
PLACES = {name: ACCOUNTS[name] for name in ("staging", "prod")}
ARTIFACT = f"arn:aws:s3:::loans-dev-artifacts-{DEV}/runs/x1/model.tar.gz"
APPROVAL = f"arn:aws:s3:::loans-dev-evidence-{DEV}/approvals/1.json"
DECISION = f"arn:aws:s3:::loans-dev-evidence-{DEV}/reports/decisions/7-1.json"
VERSIONS = f"arn:aws:s3:::loans-dev-artifacts-{DEV}/registry/x1/dataset_versions.json"
GOLDEN = f"arn:aws:s3:::loans-dev-artifacts-{DEV}/runs/x1/evaluation/golden_predictions.json"
DATA = f"arn:aws:s3:::loans-dev-raw-{DEV}"
ROW = f"arn:aws:s3:::loans-dev-raw-{DEV}/applications/a.csv"
IMAGE = f"arn:aws:ecr:us-east-1:{DEV}:repository/loans"
GROUP = f"arn:aws:sagemaker:us-east-1:{DEV}:model-package-group/loans"
PACKAGE = f"arn:aws:sagemaker:us-east-1:{DEV}:model-package/loans/1"
KEY = "the key of dev"
THROUGH_S3 = {"kms:ViaService": "s3.us-east-1.amazonaws.com"}

READS = [
    ("serving", "s3:GetObject", ARTIFACT),
    ("serving", "kms:Decrypt", KEY),
    ("serving", "ecr:BatchCheckLayerAvailability", IMAGE),
    ("serving", "ecr:BatchGetImage", IMAGE),
    ("serving", "ecr:GetDownloadUrlForLayer", IMAGE),
    ("monitor", "s3:GetObject", ARTIFACT),
    ("monitor", "kms:Decrypt", KEY),
    ("monitor", "ecr:BatchGetImage", IMAGE),
    ("monitor", "ecr:GetDownloadUrlForLayer", IMAGE),
    ("deployer", "s3:GetObject", ARTIFACT),
    ("deployer", "s3:GetObject", DECISION),
    ("deployer", "kms:Decrypt", KEY),
    ("deployer", "ecr:BatchGetImage", IMAGE),
    ("deployer", "sagemaker:DescribeModelPackage", PACKAGE),
    ("model-operator", "s3:GetObject", ARTIFACT),
    ("model-operator", "sagemaker:DescribeModelPackage", PACKAGE),
    ("model-operator", "sagemaker:ListModelPackages", GROUP),
    ("model-operator", "s3:GetObject", APPROVAL),
    ("model-operator", "s3:GetObject", VERSIONS),
    ("model-operator", "kms:Decrypt", KEY),
    ("auditor", "sagemaker:DescribeModelPackage", PACKAGE),
    ("auditor", "s3:GetObject", APPROVAL),
    ("auditor", "s3:GetObject", DECISION),
    ("auditor", "s3:GetObject", VERSIONS),
    ("auditor", "s3:GetObject", ARTIFACT),
    ("auditor", "s3:ListBucketVersions", DATA),
    ("auditor", "kms:Decrypt", KEY),
]
REFUSED = [
    ("serving", "s3:GetObject", ROW),
    ("serving", "s3:PutObject", ARTIFACT),
    ("deployer", "s3:GetObject", ROW),
    ("deployer", "s3:GetObject", APPROVAL),
    ("deployer", "s3:PutObject", DECISION),
    ("model-operator", "s3:PutObject", ARTIFACT),
    ("serving", "s3:GetObject", DECISION),
    ("auditor", "s3:GetObject", GOLDEN),
    ("auditor", "s3:GetObject", ROW),
    ("auditor", "s3:PutObject", APPROVAL),
    ("model-operator", "s3:GetObject", DECISION),
    ("model-operator", "s3:GetObject", ROW),
    ("deployer", "sagemaker:UpdateModelPackage", PACKAGE),
    ("serving", "ecr:PutImage", IMAGE),
    ("model-operator", "ecr:BatchGetImage", IMAGE),
]


@pytest.fixture(scope="module")
def apart(estate_of: EstateOf) -> Consents:
    """Three environments in three accounts."""
    estate = estate_of()
    stacks = [
        draw(env) for env in ACCOUNTS for draw in (estate.account, estate.region, estate.workspace)
    ]
    return Consents(tuple(one for stack in stacks for one in stack.resources))


def need(apart: Consents, environment: str, persona: str, action: str, resource: str) -> Need:
    """What a persona of another account asks of dev's account."""
    role = f"arn:aws:iam::{ACCOUNTS[environment]}:role/loans-{environment}-{persona}"
    if resource == KEY:
        return Need(role, action, key_of_dev(apart), DEV, THROUGH_S3)
    return Need(role, action, resource, DEV)


def key_of_dev(apart: Consents) -> str:
    """The key that encrypts what the registry's account holds."""
    (key,) = [one for one in apart.of(":Key") if one["name"] == "loans-dev-encryption-key"]
    return str(key["outputs"]["arn"])


def forwarding(environment: str) -> Need:
    """What the registry's account asks of another one: to put its news on the bus there."""
    forwarder = f"arn:aws:iam::{DEV}:role/loans-dev-event-forwarder"
    account = ACCOUNTS[environment]
    bus = f"arn:aws:events:us-east-1:{account}:event-bus/modelyard"
    return Need(forwarder, "events:PutEvents", bus, account)


@pytest.mark.parametrize("environment", PLACES)
@pytest.mark.parametrize(("persona", "action", "resource"), READS)
def test_consumer_reads_what_it_deploys(
    apart: Consents, environment: str, persona: str, action: str, resource: str
) -> None:
    assert apart.missing(need(apart, environment, persona, action, resource)) == []


@pytest.mark.parametrize("environment", PLACES)
def test_owner_agrees_to_all_that_consumers_rely_on(apart: Consents, environment: str) -> None:
    stated = apart.stated(ACCOUNTS[environment], DEV)
    assert {need.role.rsplit("-", 1)[1] for need in stated} >= {"serving", "deployer", "monitor"}
    assert [
        f"{need.role} {need.action} {need.resource}" for need in stated if apart.missing(need)
    ] == []


@pytest.mark.parametrize("leg", [READER, OWNER])
@pytest.mark.parametrize("environment", PLACES)
@pytest.mark.parametrize(("persona", "action", "resource"), READS)
def test_either_side_of_a_read_is_missed(
    apart: Consents, environment: str, persona: str, action: str, resource: str, leg: str
) -> None:
    wanted = need(apart, environment, persona, action, resource)
    assert apart.without(wanted, leg).missing(wanted) == [leg]


@pytest.mark.parametrize("environment", PLACES)
@pytest.mark.parametrize(("persona", "action", "resource"), REFUSED)
def test_consumer_reads_nothing_else(
    apart: Consents, environment: str, persona: str, action: str, resource: str
) -> None:
    assert apart.missing(need(apart, environment, persona, action, resource))


@pytest.mark.parametrize("environment", PLACES)
@pytest.mark.parametrize("persona", ["serving", "deployer"])
def test_key_opens_through_s3_only(apart: Consents, environment: str, persona: str) -> None:
    direct = need(apart, environment, persona, "kms:Decrypt", key_of_dev(apart))
    assert apart.missing(direct) == [READER, OWNER]


@pytest.mark.parametrize("environment", PLACES)
def test_registry_may_put_its_news_on_the_consumers_bus(apart: Consents, environment: str) -> None:
    assert apart.missing(forwarding(environment)) == []


@pytest.mark.parametrize("leg", [READER, OWNER])
@pytest.mark.parametrize("environment", PLACES)
def test_either_side_of_the_bus_is_missed(apart: Consents, environment: str, leg: str) -> None:
    wanted = forwarding(environment)
    assert apart.without(wanted, leg).missing(wanted) == [leg]


@pytest.mark.parametrize("environment", PLACES)
def test_nobody_else_puts_news_on_the_consumers_bus(apart: Consents, environment: str) -> None:
    other = f"arn:aws:iam::{DEV}:role/loans-dev-data-scientist"
    wanted = forwarding(environment)
    forged = Need(other, wanted.action, wanted.resource, wanted.owner)
    assert apart.missing(forged) == [READER, OWNER]


def test_every_consumer_is_told_of_approvals(apart: Consents) -> None:
    buses = {
        one["inputs"]["arn"]
        for one in apart.of(":EventTarget")
        if one["name"].startswith("loans-dev-registration-approvals-to-")
    }
    assert buses == {forwarding(environment).resource for environment in PLACES}


VERIFIED = f"arn:aws:s3:::loans-staging-evidence-{ACCOUNTS['staging']}"
VERDICT = f"{VERIFIED}/releases/verifications/7.json"
VERDICTS = [
    ("s3:GetObject", VERDICT, {}),
    ("s3:ListBucket", VERIFIED, {"s3:prefix": "releases/verifications/7.json"}),
    ("kms:Decrypt", "the key of staging", THROUGH_S3),
]


def verdict(apart: Consents, action: str, resource: str, context: dict[str, str]) -> Need:
    """What prod's release function asks of staging's account."""
    role = f"arn:aws:iam::{ACCOUNTS['prod']}:role/loans-prod-deployer"
    if action == "kms:Decrypt":
        (key,) = [one for one in apart.of(":Key") if one["name"] == "loans-staging-encryption-key"]
        resource = str(key["outputs"]["arn"])
    return Need(role, action, resource, ACCOUNTS["staging"], context)


@pytest.mark.parametrize(("action", "resource", "context"), VERDICTS)
def test_production_reads_what_staging_found_out(
    apart: Consents, action: str, resource: str, context: dict[str, str]
) -> None:
    assert apart.missing(verdict(apart, action, resource, context)) == []


@pytest.mark.parametrize("leg", [READER, OWNER])
@pytest.mark.parametrize(("action", "resource", "context"), VERDICTS)
def test_either_side_of_a_verdict_is_missed(
    apart: Consents, action: str, resource: str, context: dict[str, str], leg: str
) -> None:
    wanted = verdict(apart, action, resource, context)
    assert apart.without(wanted, leg).missing(wanted) == [leg]


@pytest.mark.parametrize(
    ("action", "resource", "context"),
    [
        ("s3:GetObject", VERDICT.replace("verifications/7", "7-done"), {}),
        ("s3:GetObject", VERDICT.replace("releases/verifications", "reports"), {}),
        ("s3:PutObject", VERDICT, {}),
        ("s3:ListBucket", VERIFIED, {"s3:prefix": "reports/"}),
    ],
)
def test_production_reads_nothing_else_of_staging(
    apart: Consents, action: str, resource: str, context: dict[str, str]
) -> None:
    assert apart.missing(verdict(apart, action, resource, context))


def test_one_account_needs_no_grants_across(dev: Graph) -> None:
    assert dev.of(":ModelPackageGroupPolicy") == []
    assert dev.of("ecr/repositoryPolicy:RepositoryPolicy") == []
    assert "ReadByProd" not in json.dumps([each["inputs"] for each in dev.of(":BucketPolicy")])
