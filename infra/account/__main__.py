"""The account program: identity providers and the permission boundary."""

from pathlib import Path

import pulumi

from infra.account import settings as account_settings
from infra.account.boundary import Boundary, BoundaryArgs
from infra.account.identity import Identity, IdentityArgs
from infra.base import foundation_tags, provider
from infra.configuration import or_run_error, stack_values


def main() -> None:
    """One account."""
    settings = or_run_error(
        lambda: account_settings.load(stack_values(), Path(pulumi.get_root_directory()))
    )
    tags = foundation_tags(settings.owner, settings.cost_center)
    opts = pulumi.ResourceOptions(
        providers=[provider("modelyard", settings.place, tags, settings.assumed)]
    )
    boundary = Boundary("modelyard-boundary", BoundaryArgs(settings.place), opts)
    identity = Identity(
        "modelyard-identity",
        IdentityArgs(settings.saml_metadata, settings.github_organization),
        opts,
    )
    pulumi.export("boundary_arn", boundary.arn)
    pulumi.export("saml_provider_arn", identity.saml_provider_arn)
    pulumi.export("github_provider_arn", identity.github_provider_arn)


main()
