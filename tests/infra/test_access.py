"""Every role carries the boundary, comes from its persona's file, and fits AWS's quotas."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from policies.documents import MANAGED_POLICY_LIMIT, PERSONAS_BY_ENVIRONMENT

if TYPE_CHECKING:
    from tests.infra.conftest import Estate, EstateOf, Graph

ENVIRONMENTS = ("dev", "staging", "prod")
LONGEST = "a-project-with-long-name"
BUCKET_POLICY_LIMIT = 20_480
KEY_POLICY_LIMIT = 32_768


@pytest.fixture(scope="module")
def longest(estate_of: EstateOf) -> Estate:
    """An estate with the longest name a project can have, in three accounts."""
    return estate_of(name=LONGEST, config={"repository": f"{'o' * 39}/{'r' * 100}"})


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_role_carries_the_boundary(workspaces: dict[str, Graph], environment: str) -> None:
    boundary = "arn:aws:iam::123456789012:policy/modelyard-boundary"
    bounds = {
        each["inputs"]["permissionsBoundary"]
        for each in workspaces[environment].of(":Role")
        if each["type"].startswith("aws:")
    }
    assert bounds == {boundary}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_role_is_tagged_with_its_persona(
    workspaces: dict[str, Graph], environment: str
) -> None:
    for role in roles(workspaces[environment]):
        tags = role["inputs"]["tags"]
        name = f"studio-{tags['user']}" if "user" in tags else tags["persona"]
        assert role["inputs"]["name"] == f"loans-{environment}-{name}"


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_personas_of_the_environment_have_roles(longest: Estate, environment: str) -> None:
    personas = {role["inputs"]["tags"]["persona"] for role in roles(longest.workspace(environment))}
    assert personas >= set(PERSONAS_BY_ENVIRONMENT[environment])


@pytest.mark.parametrize(
    ("repository", "provider", "subject"),
    [
        (
            "example/loans",
            "token.actions.githubusercontent.com",
            "repo:example/loans:environment:dev",
        ),
        (
            "gitlab.example.com/credit/models/loans",
            "gitlab.example.com",
            "project_path:credit/models/loans:ref_type:branch:ref:main",
        ),
    ],
)
def test_ci_is_believed_where_the_repository_is_kept(
    estate_of: EstateOf, repository: str, provider: str, subject: str
) -> None:
    workspace = estate_of(config={"repository": repository}).workspace("dev")
    role = workspace.named("iam/role:Role", "-publisher-role")["inputs"]
    (statement,) = json.loads(role["assumeRolePolicy"])["Statement"]
    trusted = statement["Principal"]["Federated"]
    assert trusted == f"arn:aws:iam::111111111111:oidc-provider/{provider}"
    assert statement["Condition"]["StringEquals"][f"{provider}:sub"] == subject


def test_ci_has_no_role_where_no_repository_is_named(dev: Graph) -> None:
    assert "loans-dev-publisher" not in {role["inputs"]["name"] for role in roles(dev)}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_permissions_are_attached_by_arn_and_never_inlined(
    workspaces: dict[str, Graph], environment: str
) -> None:
    graph = workspaces[environment]
    attached = {each["inputs"]["role"] for each in graph.of(":RolePolicyAttachment")}
    assert attached == {role["inputs"]["name"] for role in roles(graph)}
    assert graph.of(":RolePolicy") == []


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_documents_name_the_projects_key_and_network(
    workspaces: dict[str, Graph], environment: str
) -> None:
    graph = workspaces[environment]
    machine = "pipeline" if environment == "dev" else "serving"
    text = graph.named("iam/policy:Policy", f"-{machine}-policy")["inputs"]["policy"]
    (key,) = graph.of(":Key")
    assert key["outputs"]["arn"] in text
    assert graph.of(":SecurityGroup")[0]["outputs"]["id"] in text
    assert "${" not in text.replace("${aws:", "")


def test_consumers_name_the_registrys_key(dev: Graph, staging: Graph) -> None:
    text = staging.named("iam/policy:Policy", "-serving-policy")["inputs"]["policy"]
    assert dev.of(":Key")[0]["outputs"]["arn"] in text


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_policies_fit_their_quotas_for_the_longest_names(longest: Estate, environment: str) -> None:
    graph = longest.workspace(environment)
    limits = {
        "iam/policy:Policy": MANAGED_POLICY_LIMIT,
        ":BucketPolicy": BUCKET_POLICY_LIMIT,
        ":Key": KEY_POLICY_LIMIT,
    }
    too_long = {
        each["name"]: len(text)
        for token, limit in limits.items()
        for each in graph.of(token)
        if len(text := each["inputs"]["policy"].replace(" ", "")) > limit
    }
    assert too_long == {}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_names_fit_their_quotas_for_the_longest_names(longest: Estate, environment: str) -> None:
    graph = longest.workspace(environment)
    roles_ = [role["inputs"]["name"] for role in roles(graph)]
    buckets = [each["inputs"]["bucket"] for each in graph.of("s3/bucket:Bucket")]
    rules = [each["inputs"]["name"] for each in graph.of(":EventRule")]
    assert [name for name in (*roles_, *rules) if len(name) > 64] == []
    assert [name for name in buckets if len(name) > 63] == []


def test_people_arrive_by_saml_and_machines_by_their_service(dev: Graph) -> None:
    principals = {
        role["inputs"]["tags"]["persona"]: trust(role)[0]["Principal"]
        for role in roles(dev)
        if "user" not in role["inputs"]["tags"]
    }
    saml = {"Federated": "arn:aws:iam::123456789012:saml-provider/modelyard"}
    assert principals == {
        "data-scientist": saml,
        "ml-engineer": saml,
        "model-approver": saml,
        "model-operator": saml,
        "auditor": saml,
        "data-steward": saml,
        "scheduler": {"Service": "scheduler.amazonaws.com"},
        "pipeline": {"Service": "sagemaker.amazonaws.com"},
        "studio": {"Service": "sagemaker.amazonaws.com"},
        "tracking": {"Service": "sagemaker.amazonaws.com"},
        "registrar": {"Service": "lambda.amazonaws.com"},
        "watcher": {"Service": "lambda.amazonaws.com"},
        "event-forwarder": {"Service": "events.amazonaws.com"},
    }


def roles(graph: Graph) -> list[dict[str, Any]]:
    """The IAM roles of a graph."""
    return graph.of("iam/role:Role")


def trust(role: dict[str, Any]) -> list[dict[str, Any]]:
    """The statements of a role's trust policy."""
    statements: list[dict[str, Any]] = json.loads(role["inputs"]["assumeRolePolicy"])["Statement"]
    return statements
