"""The roles of an environment: who may assume each, what it may do, and the boundary above all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.base import Document, Part, Scope
from policies import documents

CI_PERSONA = "publisher"
# A working day at most; machines' sessions are renewed by their service.
SESSION_SECONDS = 8 * 3600


@dataclass(frozen=True)
class AccessArgs:
    """The boundary, and the values that the personas' documents refer to."""

    scope: Scope
    boundary_arn: pulumi.Output[str]
    repository: str | None
    fixed: Mapping[str, str]
    known_later: Mapping[str, pulumi.Output[str]]


@dataclass(frozen=True)
class RoleArgs:
    """One role: its name and persona, who assumes it, and what it may do."""

    role: str
    persona: str
    trust: str
    permissions: pulumi.Output[str]
    boundary_arn: pulumi.Output[str]


class Role(Part):
    """A role whose permissions are a managed policy, attached by ARN."""

    arn: pulumi.Output[str]
    name: pulumi.Output[str]

    def __init__(self, name: str, args: RoleArgs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("modelyard:access:Role", name, opts)
        role = aws.iam.Role(
            self.child("role"),
            name=args.role,
            assume_role_policy=args.trust,
            permissions_boundary=args.boundary_arn,
            max_session_duration=SESSION_SECONDS,
            tags={"persona": args.persona},
            opts=self.inside,
        )
        policy = aws.iam.Policy(
            self.child("policy"), name=args.role, policy=args.permissions, opts=self.inside
        )
        attachment = aws.iam.RolePolicyAttachment(
            self.child("attachment"), role=role.name, policy_arn=policy.arn, opts=self.inside
        )
        # Whoever uses the role finds it with its permissions, not before.
        self.arn = pulumi.Output.all(role.arn, attachment.urn).apply(lambda known: str(known[0]))
        self.name = role.name
        self.register_outputs({"arn": self.arn})


class Access(Part):
    """The personas of an environment as roles."""

    roles: Mapping[str, Role]

    def __init__(self, name: str, args: AccessArgs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("modelyard:access:Access", name, opts)
        later = pulumi.Output.all(**args.known_later)
        self.roles = {
            persona: Role(self.child(persona), role_args(args, persona, later), self.inside)
            for persona in personas(args)
        }
        self.register_outputs({persona: role.arn for persona, role in self.roles.items()})


def personas(args: AccessArgs) -> tuple[str, ...]:
    """The environment's personas; CI is one only where its repository is known."""
    return tuple(
        persona
        for persona in documents.PERSONAS_BY_ENVIRONMENT[args.scope.environment]
        if persona != CI_PERSONA or args.repository
    )


def role_args(args: AccessArgs, persona: str, later: pulumi.Output[dict[str, str]]) -> RoleArgs:
    """A persona's role, with its documents filled in."""

    def permissions(known: Mapping[str, str]) -> str:
        return compact(documents.render_permissions(persona, {**args.fixed, **known}))

    return RoleArgs(
        role=args.scope.name(persona),
        persona=persona,
        trust=compact(documents.render_trust(documents.TRUST_BY_PERSONA[persona], args.fixed)),
        permissions=later.apply(permissions),
        boundary_arn=args.boundary_arn,
    )


def compact(policy: Document) -> str:
    """A policy as text without white space, which IAM does not count either."""
    return json.dumps(policy, separators=(",", ":"))
