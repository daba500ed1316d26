"""Organizations' refusal of what needs an organization where there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.organizations.exceptions import AWSOrganizationsNotInUseException
from moto.organizations.models import OrganizationsBackend

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox


def install(sandbox: Sandbox) -> None:
    """moto fails over a missing organization."""
    create = OrganizationsBackend.create_policy

    def create_policy(self: OrganizationsBackend, **asked: Any) -> dict[str, Any]:
        if self.org is None:
            raise AWSOrganizationsNotInUseException
        return dict(create(self, **asked))

    OrganizationsBackend.create_policy = create_policy
