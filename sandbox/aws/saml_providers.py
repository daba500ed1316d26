"""IAM SAML providers: the tags they were created with, which moto forgets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moto.core.responses import ActionResult
from moto.iam.responses import IamResponse

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox


def install(sandbox: Sandbox) -> None:
    """Keep the tags of a new provider beside it, where reading it finds them."""
    create = IamResponse.create_saml_provider

    def create_saml_provider(self: IamResponse) -> ActionResult:
        created = create(self)
        name = self._get_param("Name")
        for provider in self.backend.saml_providers.values():
            if provider.name == name:
                provider.tags = self._get_param("Tags") or []
        return created

    IamResponse.create_saml_provider = create_saml_provider
