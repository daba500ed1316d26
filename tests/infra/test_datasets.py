"""A data set's catalogue entry, its retention, and who reads it when it is restricted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from policies.evaluation import Policy, PolicySet, Request, evaluate

if TYPE_CHECKING:
    from tests.infra.conftest import EstateOf, Graph

ACCOUNT = "123456789012"
RAW = f"arn:aws:s3:::loans-dev-raw-{ACCOUNT}"
DATA = [
    {
        "name": "loan-files",
        "source": "data/a.csv",
        "legal_basis": "contract",
        "owner": "Head of lending",
        "description": "Decided applications",
        "classification": "restricted",
        "retention_days": 3650,
        "pseudonymise": ["id"],
    },
    {"name": "rates", "source": "data/r.csv", "legal_basis": "public", "retention_days": 30},
]
ANYTHING = Policy.parse(
    {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}, "everything"
)


@pytest.fixture(scope="module")
def described(estate_of: EstateOf) -> Graph:
    """dev of a project with a restricted and a short-lived data set."""
    places = dict.fromkeys(("dev", "staging", "prod"), ACCOUNT)
    return estate_of(places, data=DATA).workspace("dev")


def may_read(graph: Graph, persona: str, key: str, kind: str = "raw") -> bool:
    """Whether the bucket lets a role read that holds every permission."""
    stated = graph.named(":BucketPolicy", f"-{kind}-policy")["inputs"]["policy"]
    role = f"arn:aws:iam::{ACCOUNT}:role/loans-dev-{persona}"
    request = Request(
        "s3:GetObject",
        f"arn:aws:s3:::loans-dev-{kind}-{ACCOUNT}/{key}",
        role,
        ACCOUNT,
        ACCOUNT,
        context={"aws:PrincipalArn": role, "aws:SecureTransport": "true"},
    )
    policy = Policy.parse(json.loads(stated), "bucket")
    return evaluate(request, PolicySet(identity=(ANYTHING,), resource=policy)).allowed


def test_catalogue_says_whose_data_they_are_and_for_how_long(described: Graph) -> None:
    table = described.named(":CatalogTable", "-loan-files")["inputs"]
    assert (table["databaseName"], table["name"]) == ("loans_dev", "loan_files")
    assert table["storageDescriptor"]["location"] == f"s3://loans-dev-raw-{ACCOUNT}/loan-files/"
    assert (table["owner"], table["description"]) == ("Head of lending", "Decided applications")
    assert table["parameters"].items() >= {
        ("data_owner", "Head of lending"),
        ("data_classification", "restricted"),
        ("legal_basis", "contract"),
        ("retention_days", "3650"),
        ("pseudonymised", "id"),
    }


def test_data_set_without_an_owner_is_its_projects(described: Graph) -> None:
    table = described.named(":CatalogTable", "-rates")["inputs"]
    assert table["owner"] == "credit-risk"


def test_catalogue_is_where_the_data_are(estate_of: EstateOf) -> None:
    staging = estate_of(dict.fromkeys(("dev", "staging", "prod"), ACCOUNT)).workspace("staging")
    assert [table["inputs"]["name"] for table in staging.of(":CatalogTable")] == ["captured"]


@pytest.mark.parametrize("kind", ["raw", "curated"])
def test_each_data_set_goes_after_its_own_retention(described: Graph, kind: str) -> None:
    stated = described.named(":BucketLifecycleConfiguration", f"-{kind}-lifecycle")
    rules = {rule["id"]: rule for rule in stated["inputs"]["rules"]}
    short, long = rules["expire-rates"], rules["expire-loan-files"]
    assert (short["filter"]["prefix"], short["expiration"]["days"]) == ("rates/", 30)
    assert short["noncurrentVersionExpiration"]["noncurrentDays"] == 30
    assert (long["filter"]["prefix"], long["expiration"]["days"]) == ("loan-files/", 3650)


def test_only_what_stays_for_years_is_archived_and_stays_readable(described: Graph) -> None:
    stated = described.named(":BucketLifecycleConfiguration", "-raw-lifecycle")["inputs"]["rules"]
    archived = {rule["id"]: rule["transitions"] for rule in stated if rule.get("transitions")}
    assert archived == {"expire-loan-files": [{"days": 180, "storageClass": "GLACIER_IR"}]}


@pytest.mark.parametrize("persona", ["pipeline", "registrar", "data-steward"])
def test_restricted_data_are_read_by_who_has_to(described: Graph, persona: str) -> None:
    assert may_read(described, persona, "loan-files/a.csv")


@pytest.mark.parametrize("kind", ["raw", "curated"])
@pytest.mark.parametrize("persona", ["data-scientist", "ml-engineer", "studio-alice", "auditor"])
def test_restricted_data_are_closed_to_people_whatever_their_policies_say(
    described: Graph, persona: str, kind: str
) -> None:
    assert not may_read(described, persona, "loan-files/a.csv", kind)


def test_other_data_are_left_to_the_personas(described: Graph) -> None:
    assert may_read(described, "data-scientist", "rates/r.csv", "curated")
