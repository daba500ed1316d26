"""What holds for the programs as wholes: tags, protection, providers, the foundation's outputs."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from infra import settings
from infra.account import settings as account_settings
from infra.organization import settings as organization_settings
from infra.region import settings as region_settings

if TYPE_CHECKING:
    from tests.infra.conftest import Estate, EstateOf, Graph

ENVIRONMENTS = ("dev", "staging", "prod")
PROGRAMS = (".", "infra/region", "infra/account", "infra/organization")
KEPT = (":Key", "s3/bucket:Bucket", ":ModelPackageGroup", "ecr/repository:Repository")
REGION_OUTPUTS = {
    "vpc_id",
    "subnet_a",
    "subnet_b",
    "s3_prefix_list_id",
    "event_bus_name",
    "event_bus_arn",
    "topic_info",
    "topic_warning",
    "topic_critical",
    "key_arn",
    "route_table_id",
    "athena_workgroup",
}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_everything_that_can_be_tagged_is(workspaces: dict[str, Graph], environment: str) -> None:
    tagged = [each for each in workspaces[environment].aws if "tagsAll" in each["outputs"]]
    expected = {
        "project": "loans",
        "env": environment,
        "owner": "credit-risk",
        "cost-center": "4711",
        "risk": "high",
    }
    untagged = [
        each["name"]
        for each in tagged
        if not expected.items() <= each["outputs"]["tagsAll"].items()
    ]
    assert len(tagged) > 20
    assert untagged == []


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_data_outlives_its_stack(workspaces: dict[str, Graph], environment: str) -> None:
    graph = workspaces[environment]
    exposed = [each["name"] for token in KEPT for each in graph.of(token) if not each["protect"]]
    assert exposed == []


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_resource_belongs_to_a_component(
    workspaces: dict[str, Graph], environment: str
) -> None:
    assert [each["name"] for each in workspaces[environment].aws if not each["parent"]] == []


def test_registry_and_images_exist_in_dev_only(workspaces: dict[str, Graph]) -> None:
    held = {
        environment: len(graph.of(":ModelPackageGroup"))
        + len(graph.of("ecr/repository:Repository"))
        for environment, graph in workspaces.items()
    }
    assert held == {"dev": 2, "staging": 0, "prod": 0}


def test_images_are_immutable_scanned_and_encrypted(dev: Graph) -> None:
    repository = dev.of("ecr/repository:Repository")[0]["inputs"]
    assert repository["name"] == "loans"
    assert repository["imageTagMutability"] == "IMMUTABLE"
    assert repository["imageScanningConfiguration"] == {"scanOnPush": True}
    assert repository["encryptionConfigurations"] == [
        {"encryptionType": "KMS", "kmsKey": dev.of(":Key")[0]["outputs"]["arn"]}
    ]


def test_key_rotates_and_is_found_by_its_alias(dev: Graph) -> None:
    assert dev.of(":Key")[0]["inputs"]["enableKeyRotation"] is True
    assert dev.of(":Alias")[0]["inputs"]["name"] == "alias/loans-dev"


def test_nothing_drops_events_by_conditions_they_do_not_carry(dev: Graph) -> None:
    document = json.loads(dev.of(":Key")[0]["inputs"]["policy"])
    statements = {statement["Sid"]: statement for statement in document["Statement"]}
    assert "Condition" not in statements["Events"]
    assert statements["Alarms"]["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "123456789012"}
    }


def test_jobs_reach_s3_and_each_other_only(estate: Estate, dev: Graph) -> None:
    group = dev.named(":SecurityGroup", "-network-jobs")
    assert group["inputs"]["name"] == "loans-dev-jobs"
    itself = group["outputs"]["id"]
    incoming, outgoing = (
        [rule for rule in dev.of(token) if rule["inputs"]["securityGroupId"] == itself]
        for token in (":SecurityGroupIngressRule", ":SecurityGroupEgressRule")
    )
    assert [rule["inputs"]["referencedSecurityGroupId"] for rule in incoming] == [itself]
    reached = {
        rule["inputs"].get("prefixListId") or rule["inputs"]["referencedSecurityGroupId"]
        for rule in outgoing
    }
    assert reached == {itself, estate.region().exports["s3_prefix_list_id"]}


def test_region_exports_what_workspaces_read(estate: Estate) -> None:
    assert estate.region().exports.keys() == REGION_OUTPUTS


def test_region_has_no_way_to_the_internet(estate: Estate) -> None:
    types = {each["type"].rpartition(":")[2] for each in estate.region().aws}
    assert types.isdisjoint({"InternetGateway", "NatGateway", "Eip", "Route"})


def test_subnets_lie_in_two_zones(estate: Estate) -> None:
    subnets = [each["inputs"] for each in estate.region().of(":Subnet")]
    assert {(one["availabilityZone"], one["cidrBlock"]) for one in subnets} == {
        ("us-east-1a", "10.42.0.0/20"),
        ("us-east-1b", "10.42.16.0/20"),
    }


def test_account_exports_its_boundary_and_providers(estate: Estate) -> None:
    assert dict(estate.account().exports) == {
        "boundary_arn": "arn:aws:iam::123456789012:policy/modelyard-boundary",
        "saml_provider_arn": "arn:aws:iam::123456789012:saml-provider/modelyard",
        "github_provider_arn": (
            "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
        ),
    }


def test_people_named_for_alerts_are_subscribed(dev: Graph) -> None:
    (subscription,) = dev.of(":TopicSubscription")
    assert subscription["inputs"]["endpoint"] == "oncall@example.com"
    assert subscription["inputs"]["topic"] == dev.of(":Topic")[0]["outputs"]["arn"]


@pytest.mark.parametrize("program", PROGRAMS)
def test_programs_refuse_default_providers_and_name_their_environment(
    root: Path, program: str
) -> None:
    settings = yaml.safe_load((root / program / "Pulumi.yaml").read_text())
    options = settings["runtime"]["options"]
    assert settings["config"]["pulumi:disable-default-providers"] == ["aws"]
    assert options["toolchain"] == "pip"
    assert (root / program / options["virtualenv"]).resolve() == root / ".venv"


def test_two_checkouts_render_the_same_graph(estate_of: EstateOf) -> None:
    assert estate_of().workspace("staging").resources == estate_of().workspace("staging").resources


@pytest.mark.parametrize(
    ("section", "keys"),
    [
        ("Workspace", settings.KEYS),
        ("Region", region_settings.KEYS),
        ("Account", account_settings.KEYS),
        ("Organization", organization_settings.KEYS),
    ],
)
def test_every_configuration_key_is_documented(
    root: Path, section: str, keys: tuple[str, ...]
) -> None:
    text = (root / "docs" / "configuration.md").read_text()
    table = text.partition(f"## {section}\n")[2].partition("\n## ")[0]
    assert [key for key in keys if f"`{key}`" not in table] == []


def test_example_configuration_knows_every_key_and_no_other(root: Path) -> None:
    text = (root / "Pulumi.example.yaml").read_text()
    stated = set(re.findall(r"^ *(?:# )?modelyard:(\w+):", text, flags=re.MULTILINE))
    assert stated == set(settings.KEYS)


@pytest.mark.parametrize(
    ("folder", "keys"),
    [
        ("region", region_settings.KEYS),
        ("account", account_settings.KEYS),
        ("organization", organization_settings.KEYS),
    ],
)
def test_foundation_examples_show_every_key_and_no_other(
    root: Path, folder: str, keys: tuple[str, ...]
) -> None:
    text = (root / "infra" / folder / "Pulumi.example.yaml").read_text()
    stated = set(re.findall(r"^ *(?:# )?modelyard:(\w+):", text, flags=re.MULTILINE))
    assert stated == set(keys)
