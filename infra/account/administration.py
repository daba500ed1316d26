"""Administration by hand: people who read everything but data, and the role for an emergency."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from infra.access import Role, RoleArgs, compact
from infra.base import Part, Place
from policies import documents

# An emergency is an hour long, then somebody says again that there is one.
SESSION_SECONDS = {"platform-admin": 8 * 3600, "break-glass": 3600}


@dataclass(frozen=True)
class AdministrationArgs:
    """The account, and the boundary that binds its administrators too."""

    place: Place
    boundary_arn: pulumi.Output[str]


class Administration(Part):
    """People change nothing by hand: the infrastructure's role does, from reviewed changes.

    Whoever opens the emergency's role is heard at once (infra/region/emergency.py).
    """

    def __init__(self, name: str, args: AdministrationArgs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("modelyard:account:Administration", name, opts)
        self.roles = {
            persona: Role(self.child(persona), role_args(args, persona), self.inside)
            for persona in documents.ADMINISTRATION
        }
        self.register_outputs({persona: role.arn for persona, role in self.roles.items()})


def role_args(args: AdministrationArgs, persona: str) -> RoleArgs:
    """The role, with the documents of administration filled in."""
    values = {"account": args.place.account, "region": args.place.region}
    trust = documents.render_trust(documents.TRUST_OF_ADMINISTRATION[persona], values)
    rendered = documents.render_administration(persona, values)
    return RoleArgs(
        role=f"modelyard-{persona}",
        persona=persona,
        trust=compact(trust),
        permissions={
            "" if part == persona else "-reads": pulumi.Output.from_input(compact(document))
            for part, document in zip(documents.ADMINISTRATION[persona], rendered, strict=True)
        },
        boundary_arn=args.boundary_arn,
        session_seconds=SESSION_SECONDS[persona],
    )
