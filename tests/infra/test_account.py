"""What an account's stack makes: with nothing asked for, everything, and beside what exists."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from infra.account import settings
from infra.configuration import SettingsError, Values
from sandbox.provider.graph import draw
from sandbox.provider.program import Program, Stack
from tests.infra.conftest import METADATA, ROOT, Graph

if TYPE_CHECKING:
    from sandbox.provider.realiser import StackOutputs

ACCOUNT = "123456789012"
IAM = f"arn:aws:iam::{ACCOUNT}"
BASE = {"account": ACCOUNT, "region": "us-east-1"}
EVERYTHING = {
    "regions": ["eu-west-1"],
    "githubOrganization": "example",
    "gitlabUrl": "https://gitlab.example.com",
    "monthlyBudget": "500",
    "budgetAlerts": ["finance@example.com"],
}
EXISTING = {
    "samlProvider": f"{IAM}:saml-provider/company",
    "githubProvider": f"{IAM}:oidc-provider/token.actions.githubusercontent.com",
    "gitlabProvider": f"{IAM}:oidc-provider/gitlab.com",
    "defaults": "existing",
}


def texts(config: Mapping[str, Any]) -> dict[str, str]:
    """Configuration as Pulumi hands it over."""
    return {
        key: value if isinstance(value, str) else json.dumps(value)
        for key, value in {**BASE, **config}.items()
    }


def account(**config: Any) -> Graph:
    """The graph of an account's stack."""
    stated = {f"modelyard:{key}": value for key, value in texts(config).items()}
    known: dict[tuple[str, str], StackOutputs] = {}
    resources = draw(Stack(Program(ROOT / "infra/account"), ACCOUNT, stated), known)
    return Graph(resources, known[("modelyard-account", ACCOUNT)].values)


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """Everything asked for."""
    metadata = tmp_path_factory.mktemp("saml") / "metadata.xml"
    metadata.write_text(METADATA)
    return account(samlMetadataFile=str(metadata), **EVERYTHING)


@pytest.fixture(scope="module")
def beside() -> Graph:
    """An account that adopts what exists."""
    return account(**EXISTING)


def test_no_bucket_of_the_account_is_ever_public(full: Graph) -> None:
    (block,) = full.of(":AccountPublicAccessBlock")
    assert block["inputs"] == {
        "accountId": ACCOUNT,
        "blockPublicAcls": True,
        "blockPublicPolicy": True,
        "ignorePublicAcls": True,
        "restrictPublicBuckets": True,
    }
    assert block["protect"] is True


def test_volumes_and_instances_are_safe_in_every_region(full: Graph) -> None:
    for token, safe in (
        (":EncryptionByDefault", {"enabled": True}),
        (":InstanceMetadataDefaults", {"httpTokens": "required", "httpPutResponseHopLimit": 2}),
    ):
        found = {each["outputs"]["region"]: each["inputs"] for each in full.of(token)}
        assert found == {"us-east-1": safe, "eu-west-1": safe}


def test_github_and_gitlab_are_believed_by_their_own_audience(full: Graph) -> None:
    found = {
        each["inputs"]["url"]: each["inputs"]["clientIdLists"]
        for each in full.of(":OpenIdConnectProvider")
    }
    assert found == {
        "https://token.actions.githubusercontent.com": ["sts.amazonaws.com"],
        "https://gitlab.example.com": ["https://gitlab.example.com"],
    }
    assert full.exports["gitlab_provider_arn"] == f"{IAM}:oidc-provider/gitlab.example.com"


def test_budget_warns_before_and_when_it_is_spent(full: Graph) -> None:
    (budget,) = full.of("budget:Budget")
    assert (budget["inputs"]["limitAmount"], budget["inputs"]["limitUnit"]) == ("500", "USD")
    assert "costFilters" not in budget["inputs"]
    notices = [
        (one["notificationType"], one["threshold"], one["subscriberEmailAddresses"])
        for one in budget["inputs"]["notifications"]
    ]
    finance = ["finance@example.com"]
    assert notices == [
        ("ACTUAL", 50, finance),
        ("ACTUAL", 80, finance),
        ("ACTUAL", 100, finance),
        ("FORECASTED", 100, finance),
    ]


def test_existing_providers_and_defaults_are_adopted(beside: Graph) -> None:
    made = {each["type"].rpartition(":")[2] for each in beside.aws}
    assert made == {"Policy", "Role", "RolePolicyAttachment"}
    assert dict(beside.exports) == {
        "boundary_arn": f"{IAM}:policy/modelyard-boundary",
        "saml_provider_arn": EXISTING["samlProvider"],
        "github_provider_arn": EXISTING["githubProvider"],
        "gitlab_provider_arn": EXISTING["gitlabProvider"],
    }


def test_administrators_are_bounded_and_an_emergency_lasts_an_hour(full: Graph) -> None:
    roles = {each["inputs"]["name"]: each["inputs"] for each in full.of("role:Role")}
    assert {name: role["maxSessionDuration"] for name, role in roles.items()} == {
        "modelyard-platform-admin": 8 * 3600,
        "modelyard-break-glass": 3600,
    }
    boundary = f"{IAM}:policy/modelyard-boundary"
    assert {role["permissionsBoundary"] for role in roles.values()} == {boundary}


def test_nobody_administers_where_nobody_signs_in() -> None:
    assert account().of("role:Role") == []


def test_everything_of_the_account_is_tagged(full: Graph) -> None:
    expected = {"project": "modelyard", "env": "shared", "owner": "platform"}
    tagged = [each["outputs"]["tagsAll"] for each in full.aws if "tagsAll" in each["outputs"]]
    assert len(tagged) == 10
    assert [tags for tags in tagged if not expected.items() <= tags.items()] == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"regions": ["europe"]}, "regions: 'europe' is not valid; write a region"),
        ({"gitlabUrl": "gitlab.com"}, "gitlabUrl: 'gitlab.com' is not valid; write GitLab's"),
        ({"githubProvider": "github"}, "githubProvider: 'github' is not valid; write the ARN"),
        (
            {"githubProvider": EXISTING["githubProvider"], "githubOrganization": "example"},
            "githubProvider: adopts a provider, and modelyard:githubOrganization makes one",
        ),
        (
            {"samlProvider": "arn:aws:iam::999999999999:saml-provider/company"},
            f"samlProvider: is not in account {ACCOUNT}; name one of its providers",
        ),
        ({"defaults": "off"}, "defaults: 'off' is not valid; write ours, or existing"),
        ({"monthlyBudget": "a lot"}, "monthlyBudget: 'a lot' is not valid; write US dollars"),
        ({"monthlyBudget": "5"}, "budgetAlerts: is missing: a budget nobody hears of; write"),
        ({"budgetAlerts": ["a@b.example"]}, "monthlyBudget: is missing beside budgetAlerts"),
        ({"budgetAlerts": ["Ann"], "monthlyBudget": "5"}, "budgetAlerts: 'Ann' is not valid"),
    ],
)
def test_account_mistake_is_one_line(change: Mapping[str, Any], message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        settings.load(Values(ACCOUNT, texts(change)), Path())
    text = str(caught.value)
    assert text.startswith(f"Pulumi.{ACCOUNT}.yaml: modelyard:")
    assert message in text
    assert "\n" not in text
