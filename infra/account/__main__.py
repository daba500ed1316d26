"""The account program: identity providers, the permission boundary, defaults and the budget."""

from pathlib import Path

import pulumi
import pulumi_aws as aws

from infra.account import settings as account_settings
from infra.account.administration import Administration, AdministrationArgs
from infra.account.boundary import Boundary, BoundaryArgs
from infra.account.budget import AccountBudget, AccountBudgetArgs
from infra.account.defaults import Defaults, DefaultsArgs
from infra.account.identity import Identity, IdentityArgs
from infra.account.settings import AccountSettings
from infra.base import Place, foundation_tags, provider
from infra.configuration import or_run_error, stack_values


def main() -> None:
    """One account."""
    settings = or_run_error(
        lambda: account_settings.load(stack_values(), Path(pulumi.get_root_directory()))
    )
    place, providers = settings.place, providers_by_region(settings)
    opts = pulumi.ResourceOptions(providers=[providers[place.region]])
    boundary = Boundary("modelyard-boundary", BoundaryArgs(place), opts)
    identity = Identity(
        "modelyard-identity",
        IdentityArgs(settings.saml, settings.github, settings.gitlab),
        opts,
    )
    if identity.saml_provider_arn is not None:
        administration = AdministrationArgs(place, boundary.arn)
        Administration("modelyard-administration", administration, opts)
    if settings.own_defaults:
        Defaults("modelyard-defaults", DefaultsArgs(place.account, providers), opts)
    if settings.budget is not None:
        budget = settings.budget
        limits = AccountBudgetArgs(place.account, budget.monthly_usd, budget.addresses)
        AccountBudget("modelyard-budget", limits, opts)
    pulumi.export("boundary_arn", boundary.arn)
    pulumi.export("saml_provider_arn", identity.saml_provider_arn)
    pulumi.export("github_provider_arn", identity.github_provider_arn)
    pulumi.export("gitlab_provider_arn", identity.gitlab_provider_arn)


def providers_by_region(settings: AccountSettings) -> dict[str, aws.Provider]:
    """One provider per region; the first sends what belongs to none."""
    tags, home = foundation_tags(settings.owner, settings.cost_center), settings.place
    return {
        region: provider(
            "modelyard" if region == home.region else f"modelyard-{region}",
            Place(home.account, region),
            tags,
            settings.assumed,
        )
        for region in settings.regions
    }


main()
