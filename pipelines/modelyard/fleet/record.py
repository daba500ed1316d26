"""What a workspace tells the fleet about itself: one small SSM parameter, written by its program.

All projects of an environment lie under one path, so that few calls read them all.
"""

from importlib.metadata import version
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from modelyard.card.facts import statement
from modelyard.card.required import absent
from modelyard.errors import WorkspaceError
from modelyard.project import EnvironmentName, Project

ROOT = "/modelyard-fleet"


class Record(BaseModel):
    """One project in one environment.

    Attributes:
        registry_account, registry_region: where its models are registered; with the name, they
            tell two projects of one name apart.
        mode: how it serves; a batch project has no endpoint.
        card_gaps: what project.yaml owes a complete model card, by key.
        modelyard: the version of the programs that applied the workspace last.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    project: str
    environment: EnvironmentName
    account: str
    region: str
    registry_account: str
    registry_region: str
    owner: str
    cost_center: str
    risk: str
    mode: Literal["real-time", "serverless", "asynchronous", "batch"]
    monthly_budget: float
    drift_limit: float
    card_gaps: tuple[str, ...] = ()
    modelyard: str


def of(project: Project, environment: EnvironmentName) -> Record:
    """The record of a project's environment, as reviewed."""
    here, registry = project.environments[environment], project.environments["dev"]
    return Record(
        project=project.name,
        environment=environment,
        account=here.account,
        region=here.region,
        registry_account=registry.account,
        registry_region=registry.region,
        owner=project.owner,
        cost_center=project.cost_center,
        risk=project.risk.tier,
        mode=project.serving.mode,
        monthly_budget=here.monthly_budget,
        drift_limit=project.monitoring.drift,
        card_gaps=tuple(one.key for one in absent(statement(project))),
        modelyard=version("modelyard"),
    )


def path(environment: EnvironmentName) -> str:
    """Under which all projects of an environment lie."""
    return f"{ROOT}/{environment}"


def parse(name: str, value: str) -> Record:
    """The record that a parameter holds; WorkspaceError where it holds none."""
    try:
        return Record.model_validate_json(value)
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(str(part) for part in problem["loc"]) or "it"
        _, _, environment, project = name.split("/", 3)
        raise WorkspaceError(
            f"{name}: {where}: {problem['msg']}; apply the current platform with "
            f"`pulumi up --stack {project}.{environment}`"
        ) from None
