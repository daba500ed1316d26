"""What every resource has in common: names, tags, parents, protection, and an explicit provider."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from infra.configuration import Assumed

Document = dict[str, Any]
BUCKETS = ("raw", "curated", "artifacts", "predictions", "evidence")


@dataclass(frozen=True)
class Place:
    """An account and a region."""

    account: str
    region: str

    def arn(self, service: str, resource: str) -> str:
        """The ARN of a regional resource here."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"


@dataclass(frozen=True)
class Scope:
    """One project in one environment: the source of every name and tag."""

    project: str
    environment: str
    place: Place
    owner: str
    cost_center: str
    risk: str

    @property
    def prefix(self) -> str:
        """What every name begins with."""
        return f"{self.project}-{self.environment}"

    @property
    def tags(self) -> Mapping[str, str]:
        """The tags every resource carries, set once as the provider's default."""
        return {
            "project": self.project,
            "env": self.environment,
            "owner": self.owner,
            "cost-center": self.cost_center,
            "risk": self.risk,
        }

    def name(self, what: str) -> str:
        """The physical name of a resource."""
        return f"{self.prefix}-{what}"

    def bucket(self, kind: str) -> str:
        """The name of one of the project's buckets; bucket names are global, hence the account."""
        return f"{self.prefix}-{kind}-{self.place.account}"


def role_arn(account: str, project: str, environment: str, persona: str) -> str:
    """The ARN of a persona's role, without having to ask the stack that creates it."""
    return f"arn:aws:iam::{account}:role/{project}-{environment}-{persona}"


class Part(pulumi.ComponentResource):
    """A component: its children carry its name, have it as parent, and share its provider."""

    def __init__(self, token: str, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(token, name, None, opts)
        self._label = name

    def child(self, what: str) -> str:
        """The logical name of a child."""
        return f"{self._label}-{what}"

    @property
    def inside(self) -> pulumi.ResourceOptions:
        """Options of a child that can be made again at any time."""
        return pulumi.ResourceOptions(parent=self)

    @property
    def kept(self) -> pulumi.ResourceOptions:
        """Options of a child that holds data: never replaced, and left alive by `destroy`."""
        return pulumi.ResourceOptions(parent=self, protect=True, retain_on_delete=True)


def provider(
    name: str, place: Place, tags: Mapping[str, str], assumed: Assumed | None
) -> aws.Provider:
    """The one provider of a program: it cannot touch another account than the configured one."""
    roles = (
        [
            aws.ProviderAssumeRoleArgs(
                role_arn=assumed.role, external_id=assumed.external_id, session_name="modelyard"
            )
        ]
        if assumed
        else None
    )
    return aws.Provider(
        name,
        region=place.region,
        allowed_account_ids=[place.account],
        assume_roles=roles,
        default_tags=aws.ProviderDefaultTagsArgs(tags=dict(tags)),
    )


def foundation_tags(owner: str, cost_center: str) -> dict[str, str]:
    """The tags of what belongs to no project."""
    return {
        "project": "modelyard",
        "env": "shared",
        "owner": owner,
        "cost-center": cost_center,
        "risk": "shared",
    }


def document(*statements: Document) -> str:
    """An IAM policy document of these statements, in AWS's compact form."""
    return json.dumps(
        {"Version": "2012-10-17", "Statement": list(statements)}, separators=(",", ":")
    )
