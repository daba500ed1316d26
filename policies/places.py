"""The environments of a project as places, and what the documents' placeholders stand for there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from modelyard.project import EnvironmentName, Project
from policies import documents

REGISTRY: Final[EnvironmentName] = "dev"


@dataclass(frozen=True)
class Place:
    """One environment of a project, by name, account and region."""

    project: str
    environment: str
    account: str
    region: str

    def role(self, persona: str) -> str:
        """The ARN of a persona's role; those of administration belong to the whole account."""
        if persona in documents.ADMINISTRATION or persona == documents.INFRASTRUCTURE:
            return documents.administration(persona, self.account)
        return f"arn:aws:iam::{self.account}:role/{self.project}-{self.environment}-{persona}"


def places(project: Project) -> dict[str, Place]:
    """The project's environments."""
    return {
        name: Place(project.name, name, stated.account, stated.region)
        for name, stated in project.environments.items()
    }


def placeholder_values(
    place: Place, registry: Place, staging: Place | None = None
) -> dict[str, str]:
    """Values for every placeholder; ids that only AWS knows are deterministic stand-ins."""
    return {
        "project": place.project,
        "env": place.environment,
        "account": place.account,
        "region": place.region,
        "registry_account": registry.account,
        "registry_region": registry.region,
        "staging_account": (staging or place).account,
        "staging_region": (staging or place).region,
        "key": stand_in_key(place),
        "registry_key": stand_in_key(registry),
        "staging_key": stand_in_key(staging or place),
        "subnet_a": "subnet-0000000000000000a",
        "subnet_b": "subnet-0000000000000000b",
        "security_group": "sg-00000000000000001",
        "organization_repo": f"example/{place.project}",
    }


def stand_in_key(place: Place) -> str:
    number = documents.ENVIRONMENTS.index(place.environment) + 1
    return f"arn:aws:kms:{place.region}:{place.account}:key/00000000-0000-4000-8000-{number:012d}"
