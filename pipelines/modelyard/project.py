"""The project contract: what project.yaml states, frozen and strict, and how it is loaded."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from modelyard import strict_yaml
from modelyard.errors import ProjectError
from modelyard.project_problems import describe

EnvironmentName = Literal["dev", "staging", "prod"]
ENVIRONMENTS: tuple[EnvironmentName, ...] = ("dev", "staging", "prod")
Persona = Literal["data-scientist", "ml-engineer", "model-approver", "model-operator", "auditor"]
TRAINERS: tuple[Persona, ...] = ("data-scientist", "ml-engineer")
Problem = Literal["binary", "multiclass", "regression"]

DEFAULT_GATES: Mapping[str, Mapping[str, Mapping[str, float]]] = {
    "binary": {"roc_auc": {"min": 0.6}},
    "multiclass": {"balanced_accuracy": {"min": 0.5}},
    "regression": {"r2": {"min": 0.1}},
}


def _not_an_environment(name: str) -> str:
    if "--" in name:
        raise ValueError("two hyphens in a row; write one")
    for environment in ENVIRONMENTS:
        if name.endswith(f"-{environment}"):
            raise ValueError(
                f"ends in '-{environment}', which is an environment's name; "
                f"write '{name.removesuffix(f'-{environment}')}'"
            )
    return name


def _as_text(values: Any) -> Any:
    """Hyperparameters are strings in SageMaker's API; YAML numbers and booleans become theirs."""
    if not isinstance(values, Mapping):
        return values
    return {
        key: json.dumps(value) if isinstance(value, bool | int | float) else value
        for key, value in values.items()
    }


Text = Annotated[str, Field(min_length=1, max_length=256, pattern=r"\S")]
Name = Annotated[
    str, Field(pattern=r"^[a-z][a-z0-9-]{1,22}[a-z0-9]$"), AfterValidator(_not_an_environment)
]
# One key for a person everywhere: session name, principal tag and package metadata.
User = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._@-]{1,62}$")]
# AWS accepts only these characters in a tag value.
TagText = Annotated[str, Field(pattern=r"^[\w .:/=+@-]{1,128}$")]
InstanceType = Annotated[str, Field(pattern=r"^ml\.[a-z0-9-]+\.[a-z0-9]+$")]
Column = Annotated[str, Field(min_length=1, max_length=256)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Business(_Section):
    """Why the model exists and who answers for it."""

    objective: Annotated[str, Field(min_length=1, max_length=1000, pattern=r"\S")]
    kpi: Text
    owner: Text
    expert: Text


class Risk(_Section):
    """The risk tier, and whether the model decides alone or assists a person."""

    tier: Literal["minimal", "limited", "high"]
    decision: Literal["sole", "assisted"]


class Environment(_Section):
    """Where one environment lives; the budget is in US dollars a month."""

    account: Annotated[str, Field(pattern=r"^[0-9]{12}$")]
    region: Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9]$")]
    monthly_budget: Annotated[float, Field(gt=0, strict=True)] = 500.0


class DataSet(_Section):
    """One data set; paths are relative to project.yaml. The pipeline trains on the first."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
    source: Text
    contract: Text = "data_contract.yaml"
    owner: Text | None = None
    classification: Literal["public", "internal", "confidential", "restricted"] = "confidential"
    legal_basis: Text
    retention_days: Annotated[int, Field(gt=0, le=36500, strict=True)] = 365
    pseudonymise: tuple[Column, ...] = ()
    row_key: Column | None = None


class Gate(_Section):
    """The bounds a metric must keep; both are inclusive."""

    min: Annotated[float, Field(strict=True)] | None = None
    max: Annotated[float, Field(strict=True)] | None = None

    @model_validator(mode="after")
    def _has_a_bound(self) -> Self:
        if self.min is None and self.max is None:
            raise ValueError("states no bound; add 'min' or 'max'")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"min {self.min} is above max {self.max}; no model can meet it")
        return self


class Model(_Section):
    """What is predicted, for whom fairness is measured, and what a model must reach."""

    problem: Problem
    target: Column
    protected: tuple[Column, ...] = ()
    gates: Annotated[dict[str, Gate], Field(min_length=1)]

    @model_validator(mode="before")
    @classmethod
    def _default_gates(cls, values: Any) -> Any:
        if isinstance(values, Mapping) and values.get("gates") is None:
            default = DEFAULT_GATES.get(str(values.get("problem")), {"-": {"min": 0}})
            return {**values, "gates": default}
        return values

    @model_validator(mode="after")
    def _target_is_not_protected(self) -> Self:
        if self.target in self.protected:
            raise ValueError(f"the target '{self.target}' cannot be a protected attribute too")
        return self

    @property
    def gate_bounds(self) -> dict[str, dict[str, float]]:
        """The gates as plain data, the form in which the workspace contract carries them."""
        return {name: gate.model_dump(exclude_none=True) for name, gate in self.gates.items()}


class Training(_Section):
    """The compute of the pipeline's jobs."""

    instance_type: InstanceType = "ml.m5.large"
    volume_gb: Annotated[int, Field(ge=1, le=16384, strict=True)] = 30
    max_runtime_minutes: Annotated[int, Field(ge=1, le=1440, strict=True)] = 60
    hyperparameters: Annotated[dict[str, str], BeforeValidator(_as_text)] = {}


class Serving(_Section):
    """How predictions are served in staging and prod."""

    mode: Literal["real-time"] = "real-time"
    instance_type: InstanceType = "ml.m5.large"
    instance_count: Annotated[int, Field(ge=1, le=100, strict=True)] = 1
    rollout: Literal["all-at-once"] = "all-at-once"


class Alerts(_Section):
    """Mail addresses by severity of what they are told."""

    info: tuple[Text, ...] = ()
    warning: tuple[Text, ...] = ()
    critical: tuple[Text, ...] = ()


class Monitoring(_Section):
    """When a served model is watched, from which drift it counts as drifted, and who hears of it.

    The schedule is an EventBridge Scheduler expression; drift is a population stability index.
    """

    schedule: Annotated[str, Field(pattern=r"^(cron|rate)\(.+\)$")] = "cron(0 6 * * ? *)"
    drift: Annotated[float, Field(gt=0, strict=True)] = 0.2
    alerts: Alerts = Alerts()


class Project(_Section):
    """Everything a team declares about its project: the single source of truth of every room."""

    name: Name
    title: Text
    business: Business
    owner: TagText
    cost_center: TagText
    risk: Risk
    team: dict[Persona, tuple[User, ...]]
    environments: dict[EnvironmentName, Environment]
    data: Annotated[tuple[DataSet, ...], Field(min_length=1)]
    model: Model
    training: Training = Training()
    serving: Serving = Serving()
    monitoring: Monitoring = Monitoring()

    @property
    def package(self) -> str:
        """The import package of the model code."""
        return self.name.replace("-", "_")

    @property
    def dataset(self) -> DataSet:
        """The data set the pipeline trains on."""
        return self.data[0]

    def contradictions(self) -> Iterator[tuple[str, str]]:
        """Statements that are valid each but not together, as (key, sentence with the fix)."""
        yield from _team_contradictions(self.team)
        for environment in ENVIRONMENTS:
            if environment not in self.environments:
                yield (
                    f"environments.{environment}",
                    "is missing; add it with its account and region",
                )
        names = [dataset.name for dataset in self.data]
        for position, dataset in enumerate(self.data):
            if dataset.name in names[:position]:
                yield f"data[{position}].name", f"'{dataset.name}' is used twice; choose another"
        if self.dataset.row_key == self.model.target:
            yield "data[0].row_key", f"'{self.model.target}' is the target; name a stable key"


def _team_contradictions(team: Mapping[Any, Any]) -> Iterator[tuple[str, str]]:
    for persona in ("data-scientist", "model-approver"):
        if not team.get(persona):
            yield f"team.{persona}", "names nobody; add at least one person"
    for user in team.get("model-approver") or ():
        for trainer in TRAINERS:
            if user in (team.get(trainer) or ()):
                yield (
                    "team.model-approver",
                    f"'{user}' is also a {trainer}; name another approver",
                )


def load(path: str | Path) -> Project:
    """The project a file states; ProjectError lists every problem with file, key and fix."""
    file = Path(path)
    try:
        document = strict_yaml.read(file)
    except strict_yaml.YamlError as error:
        raise ProjectError([f"{path}: {error}"]) from None
    return parse(document, str(path))


def parse(document: Any, file: str = "project.yaml") -> Project:
    """The project a parsed document states; `file` is what the problems are reported against."""
    if not isinstance(document, Mapping) or not document:
        raise ProjectError([f"{file}: states nothing; begin with 'name: my-project'"])
    try:
        project = Project.model_validate(document)
    except ValidationError as error:
        problems = describe(error.errors(), Project)
        if not any(key.startswith("team") for key, _ in problems):
            problems += _team_contradictions(document["team"])
        raise ProjectError([f"{file}: {key}: {message}" for key, message in problems]) from None
    problems = list(project.contradictions())
    if problems:
        raise ProjectError([f"{file}: {key}: {message}" for key, message in problems])
    return project


def json_schema() -> dict[str, Any]:
    """The JSON Schema of project.yaml, for editors."""
    schema = Project.model_json_schema()
    model = schema["$defs"]["Model"]
    model["required"] = [key for key in model["required"] if key != "gates"]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def schema_text() -> str:
    """The JSON Schema as the package ships it."""
    return json.dumps(json_schema(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"
