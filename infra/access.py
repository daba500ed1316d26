"""The roles of an environment: who may assume each, what it may do, and the boundary above all."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from infra.base import Document, Part, Scope
from policies import documents

CI_PERSONA = "publisher"
# A working day at most; machines' sessions are renewed by their service.
SESSION_SECONDS = 8 * 3600


@dataclass(frozen=True)
class AccessArgs:
    """The boundary, the values that the personas' documents refer to, how models serve, and the
    owner's names of each borrowed data set.
    """

    scope: Scope
    mode: str
    boundary_arn: pulumi.Output[str]
    repository: str | None
    fixed: Mapping[str, str]
    known_later: Mapping[str, pulumi.Output[str]]
    borrowed: Mapping[str, pulumi.Output[dict[str, str]]] = field(default_factory=dict)


@dataclass(frozen=True)
class RoleArgs:
    """One role: its name and persona, who assumes it, and what it may do."""

    role: str
    persona: str
    trust: str
    permissions: Mapping[str, pulumi.Output[str]]
    boundary_arn: pulumi.Output[str]
    session_seconds: int = SESSION_SECONDS


class Role(Part):
    """A role whose permissions are managed policies, attached by ARN.

    `permissions` maps what follows the role's name in the policy's name to the policy.
    """

    arn: pulumi.Output[str]
    name: pulumi.Output[str]
    policies: Sequence[pulumi.Output[str]]

    def __init__(self, name: str, args: RoleArgs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("modelyard:access:Role", name, opts)
        role = aws.iam.Role(
            self.child("role"),
            name=args.role,
            assume_role_policy=args.trust,
            permissions_boundary=args.boundary_arn,
            max_session_duration=args.session_seconds,
            tags={"persona": args.persona},
            opts=self.inside,
        )
        attachments = [
            self._attach(role, f"{args.role}{suffix}", suffix, policy)
            for suffix, policy in args.permissions.items()
        ]
        # Whoever uses the role finds it with its permissions, not before.
        self.arn = pulumi.Output.all(role.arn, *(one.urn for one in attachments)).apply(
            lambda known: str(known[0])
        )
        self.name = role.name
        self.policies = [one.policy_arn for one in attachments]
        self.register_outputs({"arn": self.arn})

    def _attach(
        self, role: aws.iam.Role, name: str, suffix: str, permissions: pulumi.Output[str]
    ) -> aws.iam.RolePolicyAttachment:
        policy = aws.iam.Policy(
            self.child(f"policy{suffix}"), name=name, policy=permissions, opts=self.inside
        )
        return aws.iam.RolePolicyAttachment(
            self.child(f"attachment{suffix}"),
            role=role.name,
            policy_arn=policy.arn,
            opts=self.inside,
        )


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


def trust_kind(args: AccessArgs, persona: str) -> documents.TrustKind:
    """Who is believed; CI by whoever keeps the repository."""
    if persona == CI_PERSONA and args.repository and is_on_gitlab(args.repository):
        return "gitlab"
    return documents.TRUST_BY_PERSONA[persona]


def is_on_gitlab(repository: str) -> bool:
    """A repository on GitHub has no host before it, and no organization's name has a dot."""
    return "." in repository.split("/", 1)[0]


def repository_values(repository: str | None) -> dict[str, str]:
    """What the trust documents call the repository."""
    if not repository:
        return {}
    if is_on_gitlab(repository):
        host, _, project = repository.partition("/")
        return {"gitlab_host": host, "gitlab_project": project}
    return {"organization_repo": repository}


def role_args(args: AccessArgs, persona: str, later: pulumi.Output[dict[str, str]]) -> RoleArgs:
    """A persona's role, with its documents filled in."""

    def permissions(part: str) -> pulumi.Output[str]:
        return later.apply(
            lambda known: compact(documents.render_part(part, {**args.fixed, **known}))
        )

    parts = (
        *documents.parts(persona, args.scope.environment),
        *documents.mode_parts(persona, args.mode),
    )
    return RoleArgs(
        role=args.scope.name(persona),
        persona=persona,
        trust=compact(documents.render_trust(trust_kind(args, persona), args.fixed)),
        permissions={
            **{part.removeprefix(persona).replace(".", "-"): permissions(part) for part in parts},
            **dict(_on_loan(args, persona)),
        },
        boundary_arn=args.boundary_arn,
    )


def _on_loan(args: AccessArgs, persona: str) -> Iterator[tuple[str, pulumi.Output[str]]]:
    """A document per borrowed data set, for the machines that read it."""
    part = documents.borrowing_part(persona)
    for name, owner in args.borrowed.items():
        if part:
            yield (
                f"-borrows-{name}",
                owner.apply(lambda values: compact(documents.render_part(part, values))),
            )


def compact(policy: Document) -> str:
    """A policy as text without white space, which IAM does not count either."""
    return json.dumps(policy, separators=(",", ":"))
