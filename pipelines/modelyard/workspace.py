"""The infrastructure contract: what a project's workspace offers, read from SSM parameters."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Json, ValidationError

from modelyard.errors import WorkspaceError
from modelyard.project import ENVIRONMENTS, EnvironmentName, Project


class Workspace(BaseModel):
    """One project in one environment; the optional facts exist where their environment has them."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    account: str
    region: str
    environment: EnvironmentName
    project: str
    key_arn: str
    bucket_raw: str
    bucket_curated: str
    bucket_artifacts: str
    bucket_predictions: str
    bucket_evidence: str
    subnet_a: str
    subnet_b: str
    security_group: str
    alert_topic: str
    risk_tier: str
    decision_mode: str
    gates: Json[dict[str, dict[str, float]]]
    fairness: Json[dict[str, dict[str, dict[str, float]]]]
    card_gaps: Json[tuple[str, ...]]
    problem: str
    target: str
    alerts: Json[dict[str, tuple[str, ...]]]
    registry_account: str
    registry_region: str
    model_package_group: str
    model_package_group_arn: str
    repository_uri: str
    # dev: where models are built and registered.
    pipeline_role: str = ""
    registrar_function: str = ""
    starts_log_group: str = ""
    train_pipeline: str = ""
    tracking_app: str = ""
    retrain_function: str = ""
    retrain: Json[dict[str, Any]] = {}
    pseudonymised: Json[tuple[str, ...]] = ()
    borrowed: Json[dict[str, dict[str, Any]]] = {}
    # staging and prod: where they serve.
    deployer_role: str = ""
    serving_role: str = ""
    release_function: str = ""
    release_state: str = ""
    registry_evidence: str = ""
    staging_evidence: str = ""
    rollback_alarms: Json[tuple[str, ...]] = ()
    captured_table: str = ""
    endpoint: str = ""
    serving: Json[dict[str, Any]] = {}
    monitoring: Json[dict[str, Any]] = {}
    monitor_pipeline: str = ""
    monitor_role: str = ""
    watch_function: str = ""


_BUILD = frozenset(
    {
        "pipeline_role",
        "registrar_function",
        "starts_log_group",
        "train_pipeline",
        "tracking_app",
        "retrain_function",
        "retrain",
        "pseudonymised",
        "borrowed",
    }
)
_SERVE = frozenset(
    {
        "deployer_role",
        "serving_role",
        "release_function",
        "release_state",
        "registry_evidence",
        "rollback_alarms",
        "captured_table",
        "endpoint",
        "serving",
        "monitoring",
        "monitor_pipeline",
        "monitor_role",
        "watch_function",
    }
)
# Production takes only what staging has verified.
_TRUSTS = frozenset({"staging_evidence"})
_COMMON = frozenset(Workspace.model_fields) - _BUILD - _SERVE - _TRUSTS

KEYS_BY_ENVIRONMENT: Mapping[EnvironmentName, frozenset[str]] = {
    name: _COMMON
    | (_BUILD if name == "dev" else _SERVE)
    | (_TRUSTS if name == "prod" else frozenset())
    for name in ENVIRONMENTS
}


def prefix(project: str, environment: str) -> str:
    """Where the contract of a project's environment lies."""
    return f"/modelyard/{project}/{environment}/"


def read(ssm: Any, project: Project, environment: EnvironmentName) -> Workspace:
    """The contract of a project's environment, asked of an SSM client in its region."""
    path = prefix(project.name, environment)
    pages = ssm.get_paginator("get_parameters_by_path").paginate(Path=path)
    values = {
        parameter["Name"].removeprefix(path): parameter["Value"]
        for page in pages
        for parameter in page["Parameters"]
    }
    if not values:
        place = project.environments[environment]
        raise WorkspaceError(
            f"no workspace for {project.name}.{environment} in {place.account}/{place.region}: "
            f"apply it first with `pulumi up --stack {project.name}.{environment}`, "
            f"and check that your credentials belong to that account"
        )
    return parse(values, project.name, environment)


def parse(values: Mapping[str, str], project: str, environment: EnvironmentName) -> Workspace:
    """The contract that parameter values state; WorkspaceError names what is missing or broken."""
    missing = sorted(KEYS_BY_ENVIRONMENT[environment] - {key for key in values if values[key]})
    if missing:
        raise WorkspaceError(
            f"the workspace {project}.{environment} lacks {', '.join(missing)}: "
            f"apply the current platform with `pulumi up --stack {project}.{environment}`"
        )
    try:
        return Workspace.model_validate(dict(values))
    except ValidationError as error:
        problem = error.errors()[0]
        raise WorkspaceError(
            f"the workspace {project}.{environment} states {problem['loc'][0]} as "
            f"{json.dumps(problem.get('input'), default=str)}: {problem['msg']}"
        ) from None
