"""One person in Studio: a role that is theirs alone, a profile, and a private space."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.access import SESSION_SECONDS, compact
from infra.base import Part, Scope
from policies import documents

LONGEST_ROLE_NAME = 64
DISK_GB = 10
FIRST_INSTANCE = "ml.t3.medium"


@dataclass(frozen=True)
class MemberArgs:
    """Who, as which personas, in which domain, and the policies that come with them."""

    scope: Scope
    user: str
    personas: tuple[str, ...]
    domain_id: pulumi.Output[str]
    boundary_arn: pulumi.Output[str]
    policies: Mapping[str, pulumi.Output[str]]


class Member(Part):
    """Everything of one person, so that they come and go without touching anybody else."""

    role_arn: pulumi.Output[str]

    def __init__(self, name: str, args: MemberArgs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("modelyard:studio:Member", name, opts)
        self._args = args
        role = self._role()
        profile = aws.sagemaker.UserProfile(
            self.child("profile"),
            domain_id=args.domain_id,
            # The profile's name is what AWS records as the source identity: the person's key.
            user_profile_name=args.user,
            user_settings=aws.sagemaker.UserProfileUserSettingsArgs(execution_role=self.role_arn),
            tags={"user": args.user},
            opts=self.inside,
        )
        self._space(profile)
        self.register_outputs({"role_arn": role.arn})

    def _role(self) -> aws.iam.Role:
        args = self._args
        account = args.scope.place.account
        trust = documents.render_trust("studio", {"account": account, "user": args.user})
        role = aws.iam.Role(
            self.child("role"),
            name=role_name(args.scope, args.user),
            assume_role_policy=compact(trust),
            permissions_boundary=args.boundary_arn,
            max_session_duration=SESSION_SECONDS,
            tags={"persona": " ".join(args.personas), "user": args.user},
            opts=self.inside,
        )
        attached = [
            aws.iam.RolePolicyAttachment(
                self.child(f"{what}-policy"), role=role.name, policy_arn=policy, opts=self.inside
            )
            for what, policy in args.policies.items()
        ]
        # Whoever uses the role finds it with its permissions, not before.
        self.role_arn = pulumi.Output.all(role.arn, *(one.urn for one in attached)).apply(
            lambda known: str(known[0])
        )
        return role

    def _space(self, profile: aws.sagemaker.UserProfile) -> None:
        user = self._args.user
        settings = aws.sagemaker.SpaceSpaceSettingsArgs(
            app_type="JupyterLab",
            jupyter_lab_app_settings={"default_resource_spec": {"instance_type": FIRST_INSTANCE}},
            space_storage_settings={"ebs_storage_settings": {"ebs_volume_size_in_gb": DISK_GB}},
        )
        aws.sagemaker.Space(
            self.child("space"),
            domain_id=self._args.domain_id,
            space_name=user,
            ownership_settings=aws.sagemaker.SpaceOwnershipSettingsArgs(
                owner_user_profile_name=profile.user_profile_name
            ),
            space_sharing_settings=aws.sagemaker.SpaceSpaceSharingSettingsArgs(
                sharing_type="Private"
            ),
            space_settings=settings,
            opts=self.inside,
        )


def role_name(scope: Scope, user: str) -> str:
    """`<project>-dev-studio-<user>`, shortened with a hash where IAM's 64 characters end."""
    name = scope.name(f"studio-{user}")
    if len(name) <= LONGEST_ROLE_NAME:
        return name
    digest = hashlib.sha256(user.encode()).hexdigest()[:8]
    return f"{name[: LONGEST_ROLE_NAME - len(digest) - 1]}-{digest}"
