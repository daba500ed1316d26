"""Studio is private, idle for nothing, and each person's things are theirs alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from infra import instances, settings
from infra.base import Place, Scope
from infra.configuration import SettingsError, Values
from infra.studio_member import FIRST_INSTANCE, LONGEST_ROLE_NAME, role_name
from modelyard.project import parse
from policies.evaluation import Policy, PolicySet, Request, evaluate
from tests.infra.conftest import ACCOUNTS, project_document

if TYPE_CHECKING:
    from pathlib import Path

    from tests.infra.conftest import EstateOf, Graph

TEAM = {"data-scientist": ["alice"], "model-approver": ["bob"], "ml-engineer": ["mo"]}
Statement = dict[str, Any]


@pytest.fixture(scope="module")
def two(estate_of: EstateOf) -> Graph:
    """A workspace with a data scientist and an ML engineer."""
    return estate_of(team=TEAM).workspace("dev")


def domain(graph: Graph) -> dict[str, Any]:
    """The inputs of the only domain."""
    (found,) = graph.of(":Domain")
    return dict(found["inputs"])


def test_domain_has_no_way_to_the_internet(two: Graph) -> None:
    inputs = domain(two)
    assert inputs["appNetworkAccessType"] == "VpcOnly"
    assert len(inputs["subnetIds"]) == 2
    (group,) = inputs["defaultUserSettings"]["securityGroups"]
    allowed = [
        rule["inputs"].get("cidrIpv4")
        for rule in two.of(":SecurityGroupEgressRule")
        if rule["inputs"]["securityGroupId"] == group
    ]
    assert sorted(block for block in allowed if block) == [
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
    ]


def test_domain_uses_the_projects_key_and_iam(two: Graph) -> None:
    inputs = domain(two)
    assert inputs["kmsKeyId"] == two.of(":Key")[0]["outputs"]["arn"]
    assert inputs["authMode"] == "IAM"


def test_domain_records_the_person(two: Graph) -> None:
    assert domain(two)["domainSettings"]["executionRoleIdentityConfig"] == "USER_PROFILE_NAME"


@pytest.mark.parametrize("app", ["jupyterLabAppSettings", "codeEditorAppSettings"])
def test_idle_applications_stop(two: Graph, app: str) -> None:
    settings_ = domain(two)["defaultUserSettings"][app]["appLifecycleManagement"]["idleSettings"]
    assert settings_ == {
        "lifecycleManagement": "ENABLED",
        "idleTimeoutInMinutes": 60,
        "minIdleTimeoutInMinutes": 60,
        "maxIdleTimeoutInMinutes": 240,
    }


def test_domain_offers_no_shared_spaces(two: Graph) -> None:
    assert "defaultSpaceSettings" not in domain(two)
    assert domain(two)["defaultUserSettings"]["sharingSettings"] == {
        "notebookOutputOption": "Disabled"
    }


def test_domain_outlives_its_stack_and_keeps_its_files(two: Graph) -> None:
    (found,) = two.of(":Domain")
    assert found["protect"]
    assert found["inputs"]["retentionPolicy"] == {"homeEfsFileSystem": "Retain"}


@pytest.mark.parametrize(("user", "persona"), [("alice", "data-scientist"), ("mo", "ml-engineer")])
def test_everyone_who_trains_has_profile_space_and_role(
    two: Graph, user: str, persona: str
) -> None:
    role = two.named("iam/role:Role", f"-studio-{user}-role")
    profile = two.named(":UserProfile", f"-{user}-profile")["inputs"]
    space = two.named(":Space", f"-{user}-space")["inputs"]
    assert role["inputs"]["name"] == f"loans-dev-studio-{user}"
    assert role["inputs"]["tags"] == {"persona": persona, "user": user}
    assert profile["userProfileName"] == user
    assert profile["tags"] == {"user": user}
    assert profile["userSettings"] == {"executionRole": role["outputs"]["arn"]}
    assert space["ownershipSettings"] == {"ownerUserProfileName": user}
    assert space["spaceSharingSettings"] == {"sharingType": "Private"}


def test_nobody_else_works_in_studio(two: Graph) -> None:
    assert sorted(one["inputs"]["userProfileName"] for one in two.of(":UserProfile")) == [
        "alice",
        "mo",
    ]


@pytest.mark.parametrize(("user", "persona"), [("alice", "data-scientist"), ("mo", "ml-engineer")])
def test_a_persons_role_holds_the_documents_of_the_persona(
    two: Graph, user: str, persona: str
) -> None:
    of_persona = attached(two, f"loans-dev-{persona}")
    limits = attached(two, "loans-dev-studio")
    assert attached(two, f"loans-dev-studio-{user}") == of_persona | limits


def test_only_sagemaker_becomes_the_role_and_only_as_that_person(two: Graph) -> None:
    role = two.named("iam/role:Role", "-studio-alice-role")["inputs"]
    (statement,) = json.loads(role["assumeRolePolicy"])["Statement"]
    assert statement["Principal"] == {"Service": "sagemaker.amazonaws.com"}
    assert statement["Action"] == ["sts:AssumeRole", "sts:SetSourceIdentity"]
    assert statement["Condition"] == {
        "ArnLike": {"aws:SourceArn": "arn:aws:sagemaker:*:111111111111:*"},
        "StringEquals": {"aws:SourceAccount": "111111111111"},
        "StringEqualsIfExists": {"sts:SourceIdentity": "alice"},
    }


def test_adding_a_member_touches_only_that_member(estate_of: EstateOf) -> None:
    before = by_urn(estate_of(team={**TEAM, "ml-engineer": []}).workspace("dev"))
    after = by_urn(estate_of(team=TEAM).workspace("dev"))
    assert {urn for urn in before if before[urn] != after.get(urn)} == set()
    added = sorted(after[urn]["name"] for urn in after.keys() - before.keys())
    assert added
    assert [name for name in added if not name.startswith("loans-dev-studio-mo")] == []


@pytest.mark.parametrize("environment", ["staging", "prod"])
def test_studio_is_in_dev_only(workspaces: dict[str, Graph], environment: str) -> None:
    graph = workspaces[environment]
    assert graph.of(":Domain") + graph.of(":UserProfile") + graph.of(":Space") == []


def test_studio_can_be_left_out(estate_of: EstateOf) -> None:
    graph = estate_of(config={"studio": "off"}).workspace("dev")
    assert graph.of(":Domain") + graph.of(":UserProfile") + graph.of(":Space") == []
    assert [one for one in graph.aws if "-studio-" in one["name"]] == []


@pytest.mark.parametrize("tier", ["minimal", "limited", "high"])
@pytest.mark.parametrize("persona", ["data-scientist", "ml-engineer"])
def test_list_follows_the_risk_and_lies_within_the_persona(tier: str, persona: str) -> None:
    document = project_document(ACCOUNTS, risk={"tier": tier, "decision": "assisted"})
    offered = instances.of_studio(parse(document))
    granted = instances.granted(persona, "dev", "sagemaker:CreateApp")
    assert instances.matches(FIRST_INSTANCE, offered)
    outside = [one for one in offered if one != "system" and not instances.matches(one, granted)]
    assert outside == []


def test_small_budget_means_small_machines() -> None:
    document = project_document(ACCOUNTS)
    document["environments"]["dev"]["monthly_budget"] = 50.0
    assert instances.of_studio(parse(document)) == ("system", "ml.t3.*")


@pytest.mark.parametrize(
    ("changes", "allowed"),
    [
        ({}, True),
        ({"sagemaker:InstanceTypes": ["ml.m5.24xlarge"]}, False),
        ({"sagemaker:InstanceTypes": ["ml.t3.medium", "ml.g5.xlarge"]}, False),
        ({"sagemaker:SpaceSharingType": "Shared"}, False),
    ],
)
def test_limits_bind_where_the_persona_would_allow(
    two: Graph, changes: dict[str, str | list[str]], allowed: bool
) -> None:
    limits = two.named("iam/policy:Policy", "-studio-role-policy")["inputs"]["policy"]
    everything = {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"},
    }
    request = Request(
        action="sagemaker:CreateApp",
        resource="arn:aws:sagemaker:us-east-1:111111111111:app/d-1/alice/JupyterLab/default",
        principal_arn="arn:aws:iam::111111111111:role/loans-dev-studio-alice",
        principal_account="111111111111",
        resource_account="111111111111",
        context={
            "sagemaker:InstanceTypes": ["ml.t3.medium"],
            "sagemaker:SpaceSharingType": "Private",
            **changes,
        },
    )
    held = (Policy.parse(everything, "everything"), Policy.parse(json.loads(limits), "limits"))
    assert evaluate(request, PolicySet(identity=held)).allowed is allowed


@pytest.mark.parametrize("user", ["jane.doe", "jane@example.com", "jane_doe", "jane-"])
def test_key_that_is_no_profile_name_is_one_line(
    estate_of: EstateOf, tmp_path: Path, user: str
) -> None:
    estate = estate_of(team={**TEAM, "data-scientist": [user]})
    (tmp_path / "project.yaml").write_text(json.dumps(estate.document))
    config = {"projectFile": "project.yaml", "environment": "dev"}
    with pytest.raises(SettingsError) as caught:
        settings.load(Values("loans.dev", config), tmp_path)
    assert str(caught.value) == (
        f"project.yaml: team.data-scientist: '{user}' cannot be the name of a Studio profile; "
        "use letters, digits and hyphens, or switch Studio off with "
        "`pulumi config set modelyard:studio off`"
    )
    found = settings.load(Values("loans.dev", {**config, "studio": "off"}), tmp_path)
    assert found.people_in_studio == {}


def test_long_keys_give_distinct_role_names_that_fit() -> None:
    scope = Scope("a-project-with-long-name", "dev", Place("1" * 12, "us-east-1"), "o", "c", "high")
    names = {role_name(scope, "x" * 60 + last) for last in "abc"}
    assert len(names) == 3
    assert max(len(name) for name in names) == LONGEST_ROLE_NAME
    assert role_name(scope, "alice") == "a-project-with-long-name-dev-studio-alice"


def attached(graph: Graph, role: str) -> set[str]:
    """The ARNs of the policies that a role holds."""
    return {
        each["inputs"]["policyArn"]
        for each in graph.of(":RolePolicyAttachment")
        if each["inputs"]["role"] == role
    }


def by_urn(graph: Graph) -> dict[str, Any]:
    """The resources in AWS by URN, without what depends on the checkout's order."""
    return {
        each["urn"]: {key: each[key] for key in ("name", "inputs", "outputs", "protect")}
        for each in graph.aws
    }
