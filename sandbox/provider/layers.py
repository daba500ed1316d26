"""The three programs of a project's environment and the configuration each is given."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import modelyard.project
from modelyard.errors import ProjectError
from modelyard.project import Project
from sandbox.provider.errors import ProviderError
from sandbox.provider.program import Program, Stack

CHECKOUT = Path(__file__).resolve().parents[2]
SAML_METADATA = CHECKOUT / "sandbox" / "identity_provider.xml"
REGISTRY_ENVIRONMENT = "dev"


@dataclass(frozen=True)
class Layers:
    """The stacks of one environment, in the order in which they build on each other."""

    account: Stack
    region: Stack
    workspace: Stack
    account_id: str

    @property
    def in_order(self) -> tuple[Stack, Stack, Stack]:
        """Account first: the others live in it."""
        return self.account, self.region, self.workspace


@dataclass(frozen=True)
class Estate:
    """A project's environments, and the programs that make them."""

    project_file: Path
    project: str
    places: Mapping[str, tuple[str, str]]
    stated: Project

    @staticmethod
    def of(project_file: Path) -> Estate:
        """The estate that project.yaml describes."""
        file = project_file.resolve()
        if not file.is_file():
            raise ProviderError(f"there is no project file {project_file}; pass --project PATH")
        try:
            project = modelyard.project.load(file)
        except ProjectError as error:
            raise ProviderError(str(error)) from error
        places: dict[str, tuple[str, str]] = {
            name: (at.account, at.region) for name, at in project.environments.items()
        }
        return Estate(file, project.name, places, project)

    @property
    def accounts(self) -> tuple[str, ...]:
        """Every account the project lives in."""
        return tuple(sorted({account for account, _ in self.places.values()}))

    def layers(self, environment: str) -> Layers:
        """The three stacks of an environment."""
        if environment not in self.places:
            raise ProviderError(
                f"{self.project_file.name} has no environment '{environment}'; "
                f"it has {', '.join(sorted(self.places))}"
            )
        account, region = self.places[environment]
        place = {"modelyard:account": account, "modelyard:region": region}
        return Layers(
            account=Stack(
                Program(CHECKOUT / "infra" / "account"),
                account,
                {**self._global(account), "modelyard:samlMetadataFile": str(SAML_METADATA)},
            ),
            region=Stack(
                Program(CHECKOUT / "infra" / "region"),
                f"{account}.{region}",
                {**place, **self._regional(account, region)},
            ),
            workspace=Stack(
                Program(CHECKOUT),
                f"{self.project}.{environment}",
                {
                    "modelyard:projectFile": str(self.project_file),
                    "modelyard:environment": environment,
                },
            ),
            account_id=account,
        )

    def _global(self, account: str) -> dict[str, str]:
        """What an account's stack is told, the same for each of its environments."""
        home, *others = sorted({at for owner, at in self.places.values() if owner == account})
        said = {"modelyard:account": account, "modelyard:region": home}
        return said | ({"modelyard:regions": json.dumps(others)} if others else {})

    def _regional(self, account: str, region: str) -> dict[str, str]:
        """What a region's stack is told of the project's other places."""
        registry, _ = self.places[REGISTRY_ENVIRONMENT]
        elsewhere = set(self.accounts) - {account}
        said: dict[str, list[str]] = {
            "modelyard:registryAccounts": sorted({registry} & elsewhere),
            "modelyard:consumerAccounts": sorted(elsewhere) if account == registry else [],
        }
        home = min(at for owner, at in self.places.values() if owner == account)
        if region == home:
            trail = {"modelyard:auditedProjects": json.dumps([self.project])}
        else:
            # One trail sees all regions of an account; a second one would be paid for.
            arn = f"arn:aws:cloudtrail:{home}:{account}:trail/modelyard-{home}"
            trail = {"modelyard:adoptTrail": arn}
        return {key: json.dumps(value) for key, value in said.items() if value} | trail

    def stack_named(self, project: str, stack: str) -> Stack | None:
        """The stack of that name if it belongs to this estate."""
        for environment in sorted(self.places):
            for one in self.layers(environment).in_order:
                if (one.program.name, one.name) == (project, stack):
                    return one
        return None
