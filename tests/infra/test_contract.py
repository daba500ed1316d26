"""What a model repo may rely on is what the program writes, key by key."""

from __future__ import annotations

import json
from importlib.metadata import version
from typing import TYPE_CHECKING

import pytest

from modelyard.fleet import record
from modelyard.workspace import KEYS_BY_ENVIRONMENT, Workspace, parse

if TYPE_CHECKING:
    from modelyard.project import EnvironmentName
    from tests.infra.conftest import EstateOf, Graph

ENVIRONMENTS: tuple[EnvironmentName, ...] = ("dev", "staging", "prod")


def written(graph: Graph) -> dict[str, str]:
    """The contract's values by key, as the program writes them."""
    return {
        each["inputs"]["name"].rpartition("/")[2]: each["inputs"]["insecureValue"]
        for each in graph.of(":Parameter")
        if each["inputs"]["name"].startswith("/modelyard/")
    }


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_program_writes_exactly_the_keys_the_package_reads(
    workspaces: dict[str, Graph], environment: EnvironmentName
) -> None:
    assert written(workspaces[environment]).keys() == KEYS_BY_ENVIRONMENT[environment]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_contract_lies_under_its_project_and_environment(
    workspaces: dict[str, Graph], environment: str
) -> None:
    prefix = f"/modelyard/loans/{environment}/"
    names = [each["inputs"]["name"] for each in workspaces[environment].of(":Parameter")]
    outside = [name for name in names if not name.startswith(prefix)]
    pointer = f"/modelyard-releases/loans/{environment}/state"
    record = f"/modelyard-fleet/{environment}/loans"
    assert sorted(outside) == [record, *([] if environment == "dev" else [pointer])]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_fleet_understands_what_a_workspace_tells_it(
    workspaces: dict[str, Graph], environment: EnvironmentName
) -> None:
    name = f"{record.path(environment)}/loans"
    values = {
        each["inputs"]["name"]: each["inputs"]["insecureValue"]
        for each in workspaces[environment].of(":Parameter")
    }
    told = record.parse(name, values[name])
    assert (told.project, told.environment, told.owner) == ("loans", environment, "credit-risk")
    assert told.registry_account == "123456789012"
    assert told.modelyard == version("modelyard")


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_package_understands_what_is_written(
    workspaces: dict[str, Graph], environment: EnvironmentName
) -> None:
    workspace = parse(written(workspaces[environment]), "loans", environment)
    assert isinstance(workspace, Workspace)
    assert workspace.gates == {"roc_auc": {"min": 0.6}}
    assert workspace.registry_account == "123456789012"
    assert workspace.model_package_group_arn == (
        "arn:aws:sagemaker:us-east-1:123456789012:model-package-group/loans"
    )
    assert workspace.repository_uri == "123456789012.dkr.ecr.us-east-1.amazonaws.com/loans"


def test_registry_is_described_alike_by_its_owner_and_its_consumers(
    workspaces: dict[str, Graph],
) -> None:
    keys = ("model_package_group", "model_package_group_arn", "repository_uri")
    facts = {
        environment: [written(graph)[key] for key in keys]
        for environment, graph in workspaces.items()
    }
    assert facts["staging"] == facts["dev"]
    assert facts["prod"] == facts["dev"]


def test_parameters_hold_physical_names(dev: Graph, staging: Graph) -> None:
    build, serve = written(dev), written(staging)
    assert build["train_pipeline"] == "loans-dev-train"
    assert build["starts_log_group"] == "/aws/events/loans-dev-starts"
    assert build["pipeline_role"] == "arn:aws:iam::123456789012:role/loans-dev-pipeline"
    assert build["tracking_app"].startswith(
        "arn:aws:sagemaker:us-east-1:123456789012:mlflow-app/app-"
    )
    assert build["registrar_function"].endswith(":function:loans-dev-registrar")
    assert serve["endpoint"] == "loans-staging"
    assert serve["captured_table"] == "loans_staging.captured"
    assert serve["release_state"] == "/modelyard-releases/loans/staging/state"
    assert "staging_evidence" not in serve
    assert serve["serving_role"] == "arn:aws:iam::123456789012:role/loans-staging-serving"
    assert serve["release_function"].endswith(":function:loans-staging-release")


def test_production_is_served_by_two_instances_unless_told_otherwise(
    workspaces: dict[str, Graph], estate_of: EstateOf
) -> None:
    counts = {
        name: json.loads(written(workspaces[name])["serving"])["instance_count"]
        for name in ("staging", "prod")
    }
    assert counts == {"staging": 1, "prod": 2}
    told = estate_of(serving={"instance_count": 3}).workspace("prod")
    assert json.loads(written(told)["serving"])["instance_count"] == 3
