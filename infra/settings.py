"""Stack configuration and project.yaml as one frozen object: what the workspace program builds."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

import pulumi

from infra import instances
from infra import routes as routing
from infra.base import Place, Scope
from infra.configuration import PATH, REPOSITORY, Assumed, Form, SettingsError, Values, stack_values
from infra.routes import Routes
from modelyard import project as contract
from modelyard.errors import ProjectError
from modelyard.project import EnvironmentName, Project

REGISTRY_ENVIRONMENT: EnvironmentName = "dev"
KEYS = (
    "projectFile",
    "environment",
    "assumeRole",
    "externalId",
    "repository",
    "studio",
    *routing.KEYS,
)
_ENVIRONMENT = Form(
    "|".join(contract.ENVIRONMENTS), f"write one of {', '.join(contract.ENVIRONMENTS)}"
)

OFF = "off"
_STUDIO = Form(f"on|{OFF}", f"write on, or {OFF} for no Studio domain")
# A user profile's name (CreateUserProfile, Amazon SageMaker API Reference).
_PROFILE = re.compile(r"(?=.{1,63}$)[a-zA-Z0-9](-*[a-zA-Z0-9])*")


@dataclass(frozen=True)
class Settings:
    """One project in one environment."""

    project: Project
    environment: EnvironmentName
    assumed: Assumed | None = None
    repository: str | None = None
    studio: bool = True
    routes: Routes = field(default_factory=Routes)

    @property
    def administrator(self) -> str | None:
        """The role that changes this workspace, where the configuration names it."""
        return self.assumed.role if self.assumed else None

    @property
    def place(self) -> Place:
        """Where this environment lives."""
        return self._place(self.environment)

    @property
    def monthly_budget(self) -> float:
        """What the environment may cost in a month, in US dollars."""
        return self.project.environments[self.environment].monthly_budget

    @property
    def registry(self) -> Place:
        """Where the project's registry lives: models, images, approvals."""
        return self._place(REGISTRY_ENVIRONMENT)

    @property
    def holds_registry(self) -> bool:
        """Whether this environment is the one that trains and registers models."""
        return self.environment == REGISTRY_ENVIRONMENT

    @property
    def consumers(self) -> dict[str, Place]:
        """The environments that take models out of the registry, by name."""
        return {
            name: self._place(name)
            for name in contract.ENVIRONMENTS
            if name in self.project.environments and name != REGISTRY_ENVIRONMENT
        }

    @property
    def registry_evidence(self) -> str:
        """Where approvers leave the decisions that a release depends on."""
        return f"{self.project.name}-{REGISTRY_ENVIRONMENT}-evidence-{self.registry.account}"

    @property
    def staging(self) -> Place:
        """Where releases are verified before production takes them."""
        return self._place("staging")

    @property
    def staging_evidence(self) -> str | None:
        """Where prod finds what verification in staging has said; no other environment asks."""
        if self.environment != "prod":
            return None
        return f"{self.project.name}-staging-evidence-{self.staging.account}"

    @property
    def readers(self) -> dict[str, Place]:
        """The environments that read this one's verdicts."""
        return {"prod": self._place("prod")} if self.environment == "staging" else {}

    @property
    def scope(self) -> Scope:
        """Names and tags of everything this stack creates."""
        return Scope(
            project=self.project.name,
            environment=self.environment,
            place=self.place,
            owner=self.project.owner,
            cost_center=self.project.cost_center,
            risk=self.project.risk.tier,
        )

    @property
    def people_in_studio(self) -> dict[str, tuple[str, ...]]:
        """Who works in Studio, and as which personas; nobody outside dev or where it is off."""
        if not (self.studio and self.holds_registry):
            return {}
        team = self.project.team
        people = sorted({user for persona in contract.TRAINERS for user in team.get(persona, ())})
        return {
            user: tuple(one for one in contract.TRAINERS if user in team.get(one, ()))
            for user in people
        }

    def _place(self, environment: EnvironmentName) -> Place:
        stated = self.project.environments[environment]
        return Place(stated.account, stated.region)


def load(values: Values, root: Path) -> Settings:
    """The settings of a stack; relative paths start at the folder that holds Pulumi.yaml."""
    values.only(KEYS)
    project = _project(values, root)
    environment = _environment(values, project)
    expected = f"{project.name}.{environment}"
    if values.stack != expected:
        raise SettingsError(
            f"{values.file}: the stack is named '{values.stack}', but project.yaml and "
            f"modelyard:environment say '{expected}'; run `pulumi stack select {expected} --create`"
        )
    settings = Settings(
        project=project,
        environment=environment,
        assumed=values.assumed(),
        repository=values.optional("repository", REPOSITORY),
        studio=values.optional("studio", _STUDIO) != OFF,
        routes=routing.load(values, project.monitoring.alerts),
    )
    _check_role_account(values, settings)
    _check_instance_types(values, settings)
    _check_profile_names(values, settings)
    return settings


def from_stack() -> Settings:
    """The settings of the running stack."""
    return load(stack_values(), Path(pulumi.get_root_directory()))


def _project(values: Values, root: Path) -> Project:
    stated = values.required("projectFile", PATH)
    file = root / Path(stated).expanduser()
    if not file.is_file():
        raise values.problem(
            "projectFile", f"there is no file '{stated}'; write the path of project.yaml"
        )
    try:
        return contract.load(file)
    except ProjectError as error:
        raise SettingsError(str(error)) from None


def _environment(values: Values, project: Project) -> EnvironmentName:
    stated = values.required("environment", _ENVIRONMENT)
    for name in get_args(EnvironmentName):
        if name == stated and name in project.environments:
            return name
    known = ", ".join(project.environments)
    raise values.problem(
        "environment",
        f"'{stated}' is not among the environments of project.yaml ({known}); "
        "add it there with its account and region",
    )


def _check_role_account(values: Values, settings: Settings) -> None:
    account = settings.place.account
    role = settings.administrator
    if role is not None and role.split(":")[4] != account:
        raise values.problem(
            "assumeRole",
            f"'{role}' is not in account {account}, where project.yaml puts "
            f"{settings.environment}; name the infrastructure role of that account",
        )


def _check_instance_types(values: Values, settings: Settings) -> None:
    for key, message in instances.problems(settings.project, settings.environment):
        raise SettingsError(f"{values.stated['projectFile']}: {key}: {message}")


def _check_profile_names(values: Values, settings: Settings) -> None:
    """A profile's name is the identity AWS records: it has to be the person's key itself."""
    for user, personas in settings.people_in_studio.items():
        if not _PROFILE.fullmatch(user):
            raise SettingsError(
                f"{values.stated['projectFile']}: team.{personas[0]}: '{user}' cannot be the name "
                "of a Studio profile; use letters, digits and hyphens, or switch Studio off with "
                f"`pulumi config set modelyard:studio {OFF}`"
            )
