"""Who may sign in as which persona where: Identity Center's permission sets and assignments."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.account.boundary import NAME as BOUNDARY
from infra.base import Part
from infra.organization.assignments import Assignment
from policies import documents

# A working day at most, as for everybody else.
SESSION = "PT8H"


@dataclass(frozen=True)
class IdentityCenterArgs:
    """The instance, what becomes the tag `user` unless that is set already, and who gets what."""

    instance: str
    user_attribute: str | None
    assignments: tuple[Assignment, ...]


class IdentityCenter(Part):
    """One permission set per persona of an environment.

    It holds nothing itself: it names the policy that the workspace made in the environment's
    account, and the boundary there. Both have to exist before the assignment.
    """

    def __init__(self, name: str, args: IdentityCenterArgs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("modelyard:organization:IdentityCenter", name, opts)
        self._instance = args.instance
        if args.user_attribute is not None:
            self._tag_sessions(args.user_attribute)
        wanted = {one.role: one for one in args.assignments if one.permission_set is None}
        made = {role: self._permission_set(one) for role, one in wanted.items()}
        for assignment in args.assignments:
            known = assignment.permission_set
            arn = pulumi.Output.from_input(known) if known else made[assignment.role]
            self._assign(assignment, arn)
        self.register_outputs({})

    def _tag_sessions(self, source: str) -> None:
        value = aws.ssoadmin.InstanceAccessControlAttributesAttributeValueArgs(sources=[source])
        aws.ssoadmin.InstanceAccessControlAttributes(
            self.child("user"),
            instance_arn=self._instance,
            attributes=[
                aws.ssoadmin.InstanceAccessControlAttributesAttributeArgs(
                    key="user", values=[value]
                )
            ],
            opts=self.inside,
        )

    def _permission_set(self, assignment: Assignment) -> pulumi.Output[str]:
        role = assignment.role
        found = aws.ssoadmin.PermissionSet(
            self.child(role),
            name=role,
            description=f"{assignment.persona} of {assignment.project}, {assignment.environment}",
            instance_arn=self._instance,
            session_duration=SESSION,
            tags={"persona": assignment.persona},
            opts=self.inside,
        )
        held = [self._hold(name, found.arn) for name in policy_names(assignment)]
        boundary = aws.ssoadmin.PermissionsBoundaryAttachmentPermissionsBoundaryArgs
        reference = aws.ssoadmin.PermissionsBoundaryAttachmentPermissionsBoundaryCustomerManagedPolicyReferenceArgs  # noqa: E501
        bounded = aws.ssoadmin.PermissionsBoundaryAttachment(
            self.child(f"{role}-boundary"),
            instance_arn=self._instance,
            permission_set_arn=found.arn,
            permissions_boundary=boundary(
                customer_managed_policy_reference=reference(name=BOUNDARY)
            ),
            opts=self.inside,
        )
        # Nobody gets the set before it is bounded.
        parts = [found.arn, bounded.urn, *(one.urn for one in held)]
        return pulumi.Output.all(*parts).apply(lambda known: str(known[0]))

    def _hold(
        self, policy: str, arn: pulumi.Output[str]
    ) -> aws.ssoadmin.CustomerManagedPolicyAttachment:
        reference = aws.ssoadmin.CustomerManagedPolicyAttachmentCustomerManagedPolicyReferenceArgs
        return aws.ssoadmin.CustomerManagedPolicyAttachment(
            self.child(f"{policy}-policy"),
            instance_arn=self._instance,
            permission_set_arn=arn,
            customer_managed_policy_reference=reference(name=policy),
            opts=self.inside,
        )

    def _assign(self, assignment: Assignment, arn: pulumi.Output[str]) -> None:
        aws.ssoadmin.AccountAssignment(
            self.child(f"{assignment.role}-{assignment.account}-{assignment.group}"),
            instance_arn=self._instance,
            permission_set_arn=arn,
            principal_id=assignment.group,
            principal_type="GROUP",
            target_id=assignment.account,
            target_type="AWS_ACCOUNT",
            opts=self.inside,
        )


def policy_names(assignment: Assignment) -> list[str]:
    """What the workspace calls the persona's policies in the environment's account."""
    return [
        assignment.role + part.removeprefix(assignment.persona).replace(".", "-")
        for part in documents.parts(assignment.persona, assignment.environment)
    ]
