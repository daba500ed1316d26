"""A data set of one project is read by another one's machines: by consent of both, and no more."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from infra.base import Place, Scope
from infra.borrowing import TermsError, agreed
from infra.sharing import terms
from modelyard import project as projects
from modelyard.project import Project
from policies.documents import MANAGED_POLICY_LIMIT
from sandbox.provider.errors import ProviderError
from tests.infra.conftest import ACCOUNTS, project_document
from tests.infra.consents import OWNER, READER, Consents, Need

if TYPE_CHECKING:
    from tests.infra.conftest import EstateOf, Graph

ONE = dict.fromkeys(ACCOUNTS, "123456789012")
THEIRS = {"dev": "444444444444", "staging": "555555555555", "prod": "666666666666"}
THROUGH_S3 = {"kms:ViaService": "s3.us-east-1.amazonaws.com"}
KEY = "the owner's key"
MACHINES = ("pipeline", "registrar")
OTHERS = (
    "data-scientist",
    "ml-engineer",
    "model-approver",
    "model-operator",
    "auditor",
    "data-steward",
    "scheduler",
    "watcher",
)
LEGS = ("s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket", "kms:Decrypt")


def owned(account: str, **changes: Any) -> list[dict[str, Any]]:
    """The owner's data: one set that is shared with pricing, one that is not."""
    shared = {
        "name": "applications",
        "source": "data/a.csv",
        "legal_basis": "contract",
        "owner": "Head of lending",
        "retention_days": 700,
        "shared_with": [{"project": "pricing", "account": account}],
        **changes,
    }
    return [shared, {"name": "salaries", "source": "data/s.csv", "legal_basis": "consent"}]


def borrowed(**changes: Any) -> list[dict[str, Any]]:
    """The borrower's data, under a name of its own."""
    return [{"name": "loans-seen", "source": "dataset://loans/applications", **changes}]


@dataclass(frozen=True)
class Pair:
    """The resources of both projects' dev, and where each lives."""

    consents: Consents
    foundation: Graph
    borrower: Graph
    owner: Graph
    accounts: tuple[str, str]

    def need(self, action: str, what: str = "applications", persona: str = "pipeline") -> Need:
        """What a role of the borrower asks of the owner's data."""
        lender, account = self.accounts
        role = f"arn:aws:iam::{account}:role/pricing-dev-{persona}"
        bucket = f"arn:aws:s3:::loans-dev-raw-{lender}"
        if action == "kms:Decrypt":
            key = self.owner.named(":Key", "-encryption-key")["outputs"]["arn"]
            return Need(role, action, key, lender, THROUGH_S3)
        if action.startswith("s3:List"):
            return Need(role, action, bucket, lender, {"s3:prefix": f"{what}/"})
        return Need(role, action, f"{bucket}/{what}/a.csv", lender)


def pair(
    estate_of: EstateOf,
    ours: Mapping[str, str],
    theirs: Mapping[str, str],
    lend: Mapping[str, Any] | None = None,
    **stated: Any,
) -> Pair:
    """loans lends, pricing borrows."""
    lender = estate_of(ours, data=owned(theirs["dev"], **(lend or {})))
    owner = lender.workspace("dev")
    estate = estate_of(theirs, name="pricing", data=borrowed(**stated)).beside(lender)
    borrower = estate.workspace("dev")
    # Within one account both projects stand on the same foundation.
    graphs = {ours["dev"]: lender.account(), theirs["dev"]: estate.account()}.values()
    resources = tuple(one for graph in (*graphs, owner, borrower) for one in graph.resources)
    return Pair(
        Consents(resources), estate.account(), borrower, owner, (ours["dev"], theirs["dev"])
    )


@pytest.fixture(scope="module")
def apart(estate_of: EstateOf) -> Pair:
    """Two projects of three accounts each, none of them shared."""
    return pair(estate_of, ACCOUNTS, THEIRS)


@pytest.fixture(scope="module")
def together(estate_of: EstateOf) -> Pair:
    """Both projects with all their environments in one account."""
    return pair(estate_of, ONE, ONE)


@pytest.mark.parametrize("persona", MACHINES)
@pytest.mark.parametrize("action", LEGS)
def test_borrowers_machines_read_from_another_account(
    apart: Pair, persona: str, action: str
) -> None:
    assert apart.consents.missing(apart.need(action, persona=persona)) == []


def test_borrowers_registrar_finds_the_versions_that_were_read(apart: Pair) -> None:
    assert apart.consents.missing(apart.need("s3:ListBucketVersions", persona="registrar")) == []


@pytest.mark.parametrize("leg", [READER, OWNER])
@pytest.mark.parametrize("persona", MACHINES)
@pytest.mark.parametrize("action", LEGS)
def test_either_side_of_a_loan_is_missed(apart: Pair, persona: str, action: str, leg: str) -> None:
    wanted = apart.need(action, persona=persona)
    assert apart.consents.without(wanted, leg).missing(wanted) == [leg]


@pytest.mark.parametrize("persona", OTHERS)
@pytest.mark.parametrize("action", LEGS)
def test_nobody_else_of_the_borrower_reads(apart: Pair, persona: str, action: str) -> None:
    assert OWNER in apart.consents.missing(apart.need(action, persona=persona))


@pytest.mark.parametrize("persona", MACHINES)
@pytest.mark.parametrize("action", LEGS[:3])
@pytest.mark.parametrize("folder", ["salaries", "quarantine", "applications-2"])
def test_what_is_not_shared_stays_closed(
    apart: Pair, persona: str, action: str, folder: str
) -> None:
    assert apart.consents.missing(apart.need(action, folder, persona)) == [READER, OWNER]


@pytest.mark.parametrize("persona", MACHINES)
@pytest.mark.parametrize("action", ["s3:PutObject", "s3:DeleteObject", "s3:DeleteObjectVersion"])
def test_nobody_writes_what_is_lent(apart: Pair, persona: str, action: str) -> None:
    assert OWNER in apart.consents.missing(apart.need(action, persona=persona))


def test_the_owners_key_opens_through_s3_only(apart: Pair) -> None:
    direct = replace(apart.need("kms:Decrypt"), context={})
    assert apart.consents.missing(direct) == [READER, OWNER]


@pytest.mark.parametrize("persona", MACHINES)
@pytest.mark.parametrize("action", LEGS)
def test_borrowers_machines_read_within_an_account(
    together: Pair, persona: str, action: str
) -> None:
    assert together.consents.allows(together.need(action, persona=persona))


@pytest.mark.parametrize("persona", OTHERS)
@pytest.mark.parametrize("action", LEGS)
def test_within_an_account_nobody_else_reads(together: Pair, persona: str, action: str) -> None:
    assert not together.consents.allows(together.need(action, persona=persona))


@pytest.mark.parametrize("persona", MACHINES)
@pytest.mark.parametrize("action", LEGS)
def test_within_an_account_the_borrower_has_to_say_so_too(
    together: Pair, persona: str, action: str
) -> None:
    wanted = together.need(action, persona=persona)
    assert not together.consents.without(wanted, READER).allows(wanted)


@pytest.fixture(scope="module")
def stopped(estate_of: EstateOf) -> Mapping[str, Graph]:
    """The owner's dev after it stopped sharing, by the class of its data."""
    return {
        how: estate_of(ONE, data=owned(ONE["dev"], shared_with=[], classification=how)).workspace()
        for how in ("confidential", "restricted")
    }


@pytest.mark.parametrize("classification", ["confidential", "restricted"])
@pytest.mark.parametrize("persona", MACHINES)
@pytest.mark.parametrize("action", LEGS[:3])
def test_an_owner_who_stops_sharing_is_obeyed_before_the_borrower_applies(
    stopped: Mapping[str, Graph], together: Pair, persona: str, classification: str, action: str
) -> None:
    wanted = together.need(action, persona=persona)
    resources = (
        *together.foundation.resources,
        *together.borrower.resources,
        *stopped[classification].resources,
    )
    assert not Consents(resources).allows(wanted)


def test_the_owners_own_machines_keep_reading(together: Pair) -> None:
    role = f"arn:aws:iam::{ONE['dev']}:role/loans-dev-pipeline"
    assert together.consents.allows(replace(together.need("s3:GetObject"), role=role))


@pytest.mark.parametrize(
    ("ours", "theirs"), [(ACCOUNTS, THEIRS), (ONE, ONE)], ids=["apart", "together"]
)
def test_restricted_data_are_lent_to_the_same_machines(
    estate_of: EstateOf, ours: Mapping[str, str], theirs: Mapping[str, str]
) -> None:
    strict = {"classification": "restricted"}
    found = pair(estate_of, ours, theirs, lend=strict, **strict)
    assert within_or_across(found, found.need("s3:GetObject"))
    assert not within_or_across(found, found.need("s3:GetObject", persona="data-steward"))


def within_or_across(pair: Pair, need: Need) -> bool:
    """Whether both sides together allow a request, wherever the two live."""
    if len(set(pair.accounts)) == 1:
        return pair.consents.allows(need)
    return not pair.consents.missing(need)


def test_borrowers_catalogue_says_whose_the_data_are(apart: Pair) -> None:
    table = apart.borrower.named(":CatalogTable", "-loans-seen")["inputs"]
    location = f"s3://loans-dev-raw-{ACCOUNTS['dev']}/applications/"
    assert table["storageDescriptor"]["location"] == location
    assert table["parameters"].items() >= {
        ("borrowed_from", f"loans in {ACCOUNTS['dev']}"),
        ("data_owner", "Head of lending"),
        ("legal_basis", "contract"),
    }


def test_owners_catalogue_says_who_borrows(apart: Pair) -> None:
    table = apart.owner.named(":CatalogTable", "-applications")["inputs"]
    assert table["parameters"]["shared_with"] == f"pricing in {THEIRS['dev']}"


def test_contract_says_where_borrowed_data_lie(apart: Pair) -> None:
    stated = apart.borrower.named("ssm/parameter:Parameter", "-borrowed")["inputs"]
    assert json.loads(stated["insecureValue"]) == {
        "loans-seen": {
            "source": "dataset://loans/applications",
            "uri": f"s3://loans-dev-raw-{ACCOUNTS['dev']}/applications/",
            "project": "loans",
            "account": ACCOUNTS["dev"],
            "owner": "Head of lending",
            "classification": "confidential",
            "legal_basis": "contract",
            "retention_days": 700,
        }
    }


def test_documents_of_loans_fit(apart: Pair) -> None:
    sizes = [len(one["inputs"]["policy"]) for one in apart.borrower.of("iam/policy:Policy")]
    assert max(sizes) <= MANAGED_POLICY_LIMIT


def test_a_stack_of_a_project_that_is_not_entitled_is_refused(estate_of: EstateOf) -> None:
    lender = estate_of(ONE, data=owned(THEIRS["dev"]))
    lender.workspace("dev")
    estate = estate_of(ONE, name="pricing", data=borrowed()).beside(lender)
    with pytest.raises(ProviderError, match="loans does not share 'applications' with pricing"):
        estate.workspace("dev")


def test_two_data_sets_of_one_owner_are_borrowed(estate_of: EstateOf) -> None:
    shared = {"shared_with": [{"project": "pricing", "account": ONE["dev"]}]}
    applications, salaries = owned(ONE["dev"])
    lender = estate_of(ONE, data=[applications, {**salaries, **shared}])
    lender.workspace("dev")
    second = {"name": "pay", "source": "dataset://loans/salaries"}
    estate = estate_of(ONE, name="pricing", data=[*borrowed(), second]).beside(lender)
    names = {one["inputs"]["name"] for one in estate.workspace("dev").of("iam/policy:Policy")}
    assert {"pricing-dev-pipeline-borrows-loans-seen", "pricing-dev-pipeline-borrows-pay"} <= names


def test_an_owner_that_does_not_exist_is_named(estate_of: EstateOf) -> None:
    estate = estate_of(ONE, name="pricing", data=borrowed())
    with pytest.raises(ProviderError, match=r"modelyard/loans\.dev has not been applied"):
        estate.workspace("dev")


def test_staging_borrows_nothing(estate_of: EstateOf) -> None:
    lender = estate_of(ONE, data=owned(ONE["dev"]))
    lender.workspace("dev")
    staging = estate_of(ONE, name="pricing", data=borrowed()).beside(lender).workspace("staging")
    assert not [one for one in staging.of("iam/policy:Policy") if "borrows" in one["name"]]


# The terms, without stacks

HERE = Place(THEIRS["dev"], "us-east-1")


def lent(**changes: Any) -> dict[str, Any]:
    """What loans' stack tells of the data set it shares with pricing."""
    owner: Project = projects.parse(project_document(ACCOUNTS, data=owned(HERE.account, **changes)))
    scope = Scope("loans", "dev", Place(ACCOUNTS["dev"], "us-east-1"), "o", "c", "high")
    key = "arn:aws:kms:us-east-1:111111111111:key/1"
    return {"applications": terms(scope, owner, owner.dataset, key)}


def asked(offered: Mapping[str, Any], place: Place = HERE, **changes: Any) -> Mapping[str, Any]:
    """What pricing agrees to."""
    document = project_document(THEIRS, name="pricing", data=borrowed(**changes))
    return agreed(projects.parse(document).dataset, "pricing", place, offered)


def test_terms_are_the_owners() -> None:
    found = asked(lent())
    assert (found["owner"], found["legal_basis"]) == ("Head of lending", "contract")


@pytest.mark.parametrize(
    "offered",
    [
        {},
        lent(shared_with=[]),
        lent(shared_with=[{"project": "pricing", "account": "999999999999"}]),
        lent(shared_with=[{"project": "claims", "account": HERE.account}]),
    ],
)
def test_refusal_names_who_has_to_write_what(offered: Mapping[str, Any]) -> None:
    with pytest.raises(TermsError) as refused:
        asked(offered)
    fix = f'`shared_with: [{{project: pricing, account: "{HERE.account}"}}]` and to apply loans.dev'
    assert fix in str(refused.value)


@pytest.mark.parametrize(
    ("lend", "borrow", "fix"),
    [
        ({"retention_days": 30}, {}, "write retention_days: 30 or less"),
        ({"retained_from": "decided"}, {}, "write retained_from: decided"),
        ({"classification": "restricted"}, {}, "write classification: restricted"),
        ({"pseudonymise": ["name"]}, {}, "replaces name by pseudonyms; add that to pseudonymise"),
    ],
)
def test_borrower_is_never_laxer_than_the_owner(
    lend: dict[str, Any], borrow: dict[str, Any], fix: str
) -> None:
    with pytest.raises(TermsError, match=fix):
        asked(lent(**lend), **borrow)


def test_borrower_may_be_stricter() -> None:
    stricter: dict[str, Any] = {
        "retention_days": 30,
        "classification": "restricted",
        "pseudonymise": ["name"],
    }
    assert asked(lent(), **stricter)["name"] == "applications"


def test_data_of_another_region_are_refused() -> None:
    with pytest.raises(TermsError, match="no other region's data"):
        asked(lent(), Place(HERE.account, "eu-west-1"))
