"""The infrastructure contract: complete, typed, and clear when it is absent."""

import json
from typing import Any

import pytest

from modelyard.errors import WorkspaceError
from modelyard.project import ENVIRONMENTS, EnvironmentName, Project
from modelyard.workspace import KEYS_BY_ENVIRONMENT, Workspace, parse, read


def values(environment: EnvironmentName) -> dict[str, str]:
    """A value for every key an environment has."""
    stated = dict.fromkeys(KEYS_BY_ENVIRONMENT[environment], "x")
    stated |= {"environment": environment, "gates": json.dumps({"roc_auc": {"min": 0.6}})}
    stated["fairness"] = json.dumps({"race": {"DI": {"min": 0.8}}})
    stated["card_gaps"] = "[]"
    stated["alerts"] = json.dumps({"critical": ["oncall@example.com"]})
    if environment == "dev":
        stated["retrain"] = json.dumps({"on": ["drift"]})
        stated["pseudonymised"] = "[]"
        stated["borrowed"] = "{}"
    else:
        stated["monitoring"] = json.dumps({"drift": 0.2})
        stated["serving"] = json.dumps({"instance_type": "ml.m5.large", "instance_count": 1})
        stated["rollback_alarms"] = json.dumps([f"loans-{environment}-abort"])
    return stated


class Parameters:
    """An SSM client that knows one path."""

    def __init__(self, path: str, stated: dict[str, str]) -> None:
        self.path, self.stated = path, stated

    def get_paginator(self, _name: str) -> "Parameters":
        return self

    def paginate(self, Path: str) -> list[dict[str, Any]]:  # noqa: N803 (boto3's spelling)
        known = self.stated.items() if Path == self.path else ()
        return [{"Parameters": [{"Name": Path + key, "Value": value}]} for key, value in known]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_environment_has_its_facts(project: Project, environment: EnvironmentName) -> None:
    ssm = Parameters(f"/modelyard/loans/{environment}/", values(environment))
    workspace = read(ssm, project, environment)
    assert workspace.gates == {"roc_auc": {"min": 0.6}}
    assert bool(workspace.train_pipeline) == (environment == "dev")
    assert bool(workspace.serving) == (environment != "dev")


def test_keys_of_all_environments_are_fields_of_the_model() -> None:
    assert set().union(*KEYS_BY_ENVIRONMENT.values()) == set(Workspace.model_fields)


def test_absent_workspace_names_account_region_and_fix(project: Project) -> None:
    ssm = Parameters("/modelyard/other/dev/", values("dev"))
    with pytest.raises(WorkspaceError, match=r"no workspace for loans.prod in 2109.*/eu-west"):
        read(ssm, project, "prod")


def test_missing_facts_are_named() -> None:
    stated = values("dev")
    del stated["key_arn"], stated["pipeline_role"]
    with pytest.raises(WorkspaceError, match="lacks key_arn, pipeline_role"):
        parse(stated, "loans", "dev")


def test_broken_fact_is_named() -> None:
    with pytest.raises(WorkspaceError, match="states gates as"):
        parse({**values("dev"), "gates": "high"}, "loans", "dev")
