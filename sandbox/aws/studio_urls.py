"""Presigned Studio URLs, which moto lacks: for a profile that exists, in the caller's own name."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from moto.core.responses import ActionResult
from moto.sagemaker.responses import SageMakerResponse

from sandbox.aws import user_profiles
from sandbox.aws.studio_domains import domain_of

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox


def install(sandbox: Sandbox) -> None:
    """Answer the operation; the sandbox serves no Studio behind the URL."""
    SageMakerResponse.create_presigned_domain_url = create_presigned_domain_url


def create_presigned_domain_url(self: SageMakerResponse) -> ActionResult:
    domain = domain_of(self)
    user_profiles._profile(self)
    token = secrets.token_urlsafe(32)
    return ActionResult({"AuthorizedUrl": f"{domain.url}/auth?token={token}"})
