"""The roles of an environment: who may assume each, what it may do, and the boundary above all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

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
    """One role: its name, who assumes it, and its documents (each a managed policy)."""

    role: str
    trust: str
    permissions: tuple[pulumi.Output[str], ...]
    boundary_arn: pulumi.Output[str]
    persona: str | None = None


class Role(Part):
    """A role whose permissions are managed policies, attached by ARN."""

    arn: pulumi.Output[str]

    def __init__(self, name: str, args: RoleArgs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("modelyard:access:Role", name, opts)
        role = aws.iam.Role(
            self.child("role"),
            name=args.role,
            assume_role_policy=args.trust,
            permissions_boundary=args.boundary_arn,
            max_session_duration=SESSION_SECONDS,
            tags={"persona": args.persona} if args.persona else None,
            opts=self.inside,
        )
        attached: list[pulumi.Resource] = []
        for number, permissions in enumerate(args.permissions, start=1):
            suffix = "" if len(args.permissions) == 1 else f"-{number}"
            policy = aws.iam.Policy(
                self.child(f"policy{suffix}"),
                name=f"{args.role}{suffix}",
                policy=permissions,
                opts=self.inside,
            )
            attached.append(
                aws.iam.RolePolicyAttachment(
                    self.child(f"attachment{suffix}"),
                    role=role.name,
                    policy_arn=policy.arn,
                    opts=self.inside,
                )
            )
        # Whoever uses the role finds it with its permissions, not before.
        self.arn = pulumi.Output.all(role.arn, *(each.urn for each in attached)).apply(
            lambda values: str(values[0])
        )
        self.register_outputs({"arn": self.arn})


class Access(Part):
    """The personas of an environment as roles."""

    roles: Mapping[str, Role]

    def __init__(self, name: str, args: AccessArgs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("modelyard:access:Access", name, opts)
        self._args = args
        self.roles = {
            persona: Role(self.child(persona), self._role_args(persona), self.inside)
            for persona in personas(args)
        }
        self.register_outputs({persona: role.arn for persona, role in self.roles.items()})

    def arn(self, persona: str) -> pulumi.Output[str]:
        """The ARN of a persona's role, known once the role has its permissions."""
        return self.roles[persona].arn

    def _role_args(self, persona: str) -> RoleArgs:
        args = self._args
        kind = documents.TRUST_BY_PERSONA[persona]
        return RoleArgs(
            role=args.scope.name(persona),
            trust=compact(documents.render_trust(kind, args.fixed)),
            permissions=self._permissions(persona),
            boundary_arn=args.boundary_arn,
            persona=persona,
        )

    def _permissions(self, persona: str) -> tuple[pulumi.Output[str], ...]:
        # The number of documents must be known before their values are: no resource is created
        # inside an apply.
        args = self._args
        sample = {**args.fixed, **{key: key for key in args.known_later}}
        count = len(permission_documents(persona, sample))

        rendered = pulumi.Output.all(**args.known_later).apply(
            lambda later: permission_documents(persona, {**args.fixed, **later})
        )
        return tuple(rendered[number].apply(compact) for number in range(count))


def personas(args: AccessArgs) -> tuple[str, ...]:
    """The environment's personas; CI is one only where its repository is known."""
    return tuple(
        persona
        for persona in documents.PERSONAS_BY_ENVIRONMENT[args.scope.environment]
        if persona != CI_PERSONA or args.repository
    )


def permission_documents(persona: str, values: Mapping[str, str]) -> tuple[Document, ...]:
    """A persona's documents, whether it has one or several."""
    rendered: Any = documents.render_permissions(persona, values)
    return (rendered,) if isinstance(rendered, dict) else tuple(rendered)


def compact(policy: Mapping[str, Any]) -> str:
    """A policy as text; IAM counts every character but whitespace, and so do we."""
    return json.dumps(policy, separators=(",", ":"))
