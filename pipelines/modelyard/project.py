"""The project contract: what project.yaml states, frozen and strict, and how it is loaded."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationError

from modelyard import monitoring_section, strict_yaml
from modelyard.errors import ProjectError
from modelyard.project_problems import describe
from modelyard.project_sections import (
    DEFAULT_GATES,
    Business,
    DataSet,
    Environment,
    Model,
    Monitoring,
    Problem,
    Risk,
    Section,
    Serving,
    TagText,
    Text,
    Training,
)
from modelyard.section import PROJECT_NAME

__all__ = [
    "DEFAULT_GATES",
    "ENVIRONMENTS",
    "DataSet",
    "EnvironmentName",
    "Persona",
    "Problem",
    "Project",
    "json_schema",
    "load",
    "parse",
    "schema_text",
]

EnvironmentName = Literal["dev", "staging", "prod"]
ENVIRONMENTS: tuple[EnvironmentName, ...] = ("dev", "staging", "prod")
Persona = Literal[
    "data-scientist", "ml-engineer", "model-approver", "model-operator", "auditor", "data-steward"
]
# Each is a policy of its own on two roles, and AWS attaches ten to a role.
MOST_BORROWED = 4
# What the raw bucket's policy has room for, a data set to one borrower each.
MOST_LENT = 20
TRAINERS: tuple[Persona, ...] = ("data-scientist", "ml-engineer")


def _not_an_environment(name: str) -> str:
    """Policies name a project's resources `<name>-<env>-*`: no name may reach into another's."""
    if "--" in name:
        raise ValueError("two hyphens in a row; write one")
    words = name.split("-")
    for environment in ENVIRONMENTS:
        if environment in words[1:]:
            rest = "-".join(word for word in words if word != environment)
            raise ValueError(
                f"contains '-{environment}', which is an environment's name; write '{rest}'"
            )
    return name


Name = Annotated[str, Field(pattern=PROJECT_NAME), AfterValidator(_not_an_environment)]
# One key for a person everywhere: session name, principal tag and package metadata.
User = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._@-]{1,62}$")]


class Project(Section):
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

    @property
    def reviewed_monitoring(self) -> dict[str, Any]:
        """How the model is watched, as the contract carries it."""
        forecast = self.model.forecast
        return self.monitoring.reviewed(self.serving.mode, forecast.days if forecast else 0)

    def contradictions(self) -> Iterator[tuple[str, str]]:
        """Statements that are valid each but not together, as (key, sentence with the fix)."""
        yield from _team_contradictions(self.team)
        yield from monitoring_section.contradictions(
            self.monitoring,
            self.training.retrain,
            self.serving.mode,
            self.training.max_runtime_minutes,
            {name: stated.account for name, stated in self.environments.items()},
        )
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
        yield from _sharing_contradictions(self)
        yield from _pseudonym_contradictions(self.dataset, self.model)
        if self.dataset.row_key is not None and self.model.forecast is not None:
            yield (
                "data[0].row_key",
                "series and time name a row of a forecast already; remove row_key",
            )
        if self.dataset.row_key == self.model.target:
            yield "data[0].row_key", f"'{self.model.target}' is the target; name a stable key"
        if self.risk.tier == "high" and self.serving.mode == "serverless":
            yield (
                "serving.mode",
                "serverless endpoints have no network isolation, no VPC and no captured data, "
                "which a high risk tier needs; choose real-time, asynchronous or batch",
            )


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


def _sharing_contradictions(project: Project) -> Iterator[tuple[str, str]]:
    borrowed = [one for one in project.data if one.origin is not None]
    if len(borrowed) > MOST_BORROWED:
        yield "data", f"{len(borrowed)} data sets are borrowed; at most {MOST_BORROWED} may be"
    lent = sum(len(dataset.shared_with) for dataset in project.data)
    if lent > MOST_LENT:
        yield (
            "data",
            f"shared_with names {lent} borrowers over all data sets; at most {MOST_LENT} may be: "
            "take some out, or register a data set in a project of its own",
        )
    for position, dataset in enumerate(project.data):
        if dataset.origin is not None and dataset.origin.project == project.name:
            yield (
                f"data[{position}].source",
                f"'{dataset.source}' is this project's own; write the path of its file",
            )
        if any(one.project == project.name for one in dataset.shared_with):
            yield f"data[{position}].shared_with", f"names {project.name} itself; take it out"
    if project.dataset.origin is not None and "data" in project.training.retrain.on:
        yield (
            "training.retrain.on",
            f"new files of '{project.dataset.source}' arrive with its owner, and nothing tells "
            "this project; take out 'data', and state a schedule",
        )


def _pseudonym_contradictions(dataset: DataSet, model: Model) -> Iterator[tuple[str, str]]:
    """A pseudonym says nothing: whatever a model or a fairness report reads cannot be one."""
    for column in dataset.pseudonymise:
        if column == model.target:
            yield (
                "data[0].pseudonymise",
                f"'{column}' is the target, which a model has to read; take it out",
            )
        if column in model.protected:
            yield (
                "data[0].pseudonymise",
                f"'{column}' is a protected attribute, by which fairness is measured; take it out",
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
    # A borrowed data set has its owner's.
    dataset = schema["$defs"]["DataSet"]
    dataset["required"] = [key for key in dataset["required"] if key != "legal_basis"]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def schema_text() -> str:
    """The JSON Schema as the package ships it."""
    return json.dumps(json_schema(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"
