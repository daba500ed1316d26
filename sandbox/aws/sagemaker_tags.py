"""Tags of SageMaker's resources: a key has one value, the last one given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moto.core.responses import ActionResult
from moto.sagemaker.responses import SageMakerResponse

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox


def install(sandbox: Sandbox) -> None:
    """AddTags overwrites a key that exists ("API Reference, AddTags"); moto keeps both."""
    add = SageMakerResponse.add_tags

    def add_tags(self: SageMakerResponse) -> ActionResult:
        given = [one["Key"] for one in self._get_param("Tags") or ()]
        self.sagemaker_backend.delete_tags(self._get_param("ResourceArn"), given)
        return add(self)

    SageMakerResponse.add_tags = add_tags
