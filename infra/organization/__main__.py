"""The organization program: sign-in, limits over accounts, and the tags on the bill."""

import pulumi

from infra.base import foundation_tags, provider
from infra.configuration import or_run_error, stack_values
from infra.organization import settings as organization_settings
from infra.organization.cost_tags import CostTags, CostTagsArgs
from infra.organization.identity_center import IdentityCenter, IdentityCenterArgs
from infra.organization.limits import Limits, LimitsArgs


def main() -> None:
    """One organization."""
    settings = or_run_error(lambda: organization_settings.load(stack_values()))
    tags = foundation_tags(settings.owner, settings.cost_center)
    opts = pulumi.ResourceOptions(
        providers=[provider("modelyard", settings.place, tags, settings.assumed)]
    )
    if settings.identity_center is not None:
        people = IdentityCenterArgs(
            settings.identity_center, settings.user_attribute, settings.assignments
        )
        IdentityCenter("modelyard-people", people, opts)
    if settings.service_control_targets:
        limits = LimitsArgs(settings.regions, settings.service_control_targets)
        Limits("modelyard-limits", limits, opts)
    CostTags("modelyard-cost-tags", CostTagsArgs(settings.cost_tags), opts)


main()
