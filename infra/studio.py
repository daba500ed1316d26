"""SageMaker Studio in dev: a private workbench per person, shut down when idle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from infra.access import Role, RoleArgs, compact
from infra.base import Part, Scope, document
from infra.security_groups import NetworkArgs
from infra.studio_member import Member, MemberArgs
from infra.studio_network import StudioNetwork
from policies import documents

PERSONA = "studio"
IDLE: Any = {
    "lifecycle_management": "ENABLED",
    "idle_timeout_in_minutes": 60,
    "min_idle_timeout_in_minutes": 60,
    "max_idle_timeout_in_minutes": 240,
}
# Hidden: what brings models, data or networks from outside, and what runs without the pipeline.
HIDDEN_TOOLS = ["AutoMl", "DataWrangler", "EmrClusters", "JumpStart", "Projects"]
HIDDEN_APPS = ["Canvas", "RStudioServerPro", "TensorBoard"]


@dataclass(frozen=True)
class StudioArgs:
    """Network, key and boundary; the instance types on offer; and the people by persona."""

    scope: Scope
    key_arn: pulumi.Output[str]
    boundary_arn: pulumi.Output[str]
    vpc_id: pulumi.Output[str]
    subnets: tuple[pulumi.Output[str], pulumi.Output[str]]
    s3_prefix_list_id: pulumi.Output[str]
    instance_types: tuple[str, ...]
    people: Mapping[str, tuple[str, ...]]
    roles: Mapping[str, Role]


class Studio(Part):
    """One domain per project: its network, its key, its people and nobody else's.

    Personas are roles of the environment; a person's own role carries the same documents.
    """

    domain_id: pulumi.Output[str]

    def __init__(self, name: str, args: StudioArgs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("modelyard:studio:Studio", name, opts)
        self._args = args
        network = StudioNetwork(
            self.child("network"),
            NetworkArgs(args.scope, args.vpc_id, args.s3_prefix_list_id),
            self.inside,
        )
        self._limits = self._limiting_role()
        domain = self._domain(network.security_group)
        self.domain_id = domain.id
        for user, personas in args.people.items():
            self._member(user, personas)
        self.register_outputs({"domain_id": self.domain_id})

    def _limiting_role(self) -> Role:
        """The domain's own role, which nobody works as: it holds the limits and no rights."""
        scope = self._args.scope
        return Role(
            self.child("role"),
            RoleArgs(
                role=scope.name(PERSONA),
                persona=PERSONA,
                trust=compact(
                    documents.render_trust("sagemaker", {"account": scope.place.account})
                ),
                permissions={"": pulumi.Output.from_input(limits(self._args.instance_types))},
                boundary_arn=self._args.boundary_arn,
            ),
            self.inside,
        )

    def _domain(self, security_group: pulumi.Output[str]) -> aws.sagemaker.Domain:
        args = self._args
        settings = aws.sagemaker.DomainDefaultUserSettingsArgs(
            execution_role=self._limits.arn,
            security_groups=[security_group],
            # Spaces have disks of their own; nothing is shared through the domain's file system.
            auto_mount_home_efs="Disabled",
            default_landing_uri="studio::",
            studio_web_portal="ENABLED",
            studio_web_portal_settings={
                "hidden_app_types": HIDDEN_APPS,
                "hidden_ml_tools": HIDDEN_TOOLS,
            },
            sharing_settings={"notebook_output_option": "Disabled"},
            jupyter_lab_app_settings={"app_lifecycle_management": {"idle_settings": IDLE}},
            code_editor_app_settings={"app_lifecycle_management": {"idle_settings": IDLE}},
        )
        return aws.sagemaker.Domain(
            self.child("domain"),
            domain_name=args.scope.prefix,
            auth_mode="IAM",
            vpc_id=args.vpc_id,
            subnet_ids=list(args.subnets),
            app_network_access_type="VpcOnly",
            kms_key_id=args.key_arn,
            # No default_space_settings: a domain without them has no shared spaces.
            default_user_settings=settings,
            domain_settings={
                # CloudTrail and the registrar then read the person, not "SageMaker".
                "execution_role_identity_config": "USER_PROFILE_NAME",
                "docker_settings": {"enable_docker_access": "DISABLED"},
            },
            retention_policy={"home_efs_file_system": "Retain"},
            tag_propagation="ENABLED",
            opts=self.kept,
        )

    def _member(self, user: str, personas: tuple[str, ...]) -> None:
        args = self._args
        rights = {
            f"{persona}-{number}": policy
            for persona in personas
            for number, policy in enumerate(args.roles[persona].policies)
        }
        limiting = {f"{PERSONA}-{number}": one for number, one in enumerate(self._limits.policies)}
        Member(
            self.child(user),
            MemberArgs(
                scope=args.scope,
                user=user,
                personas=personas,
                domain_id=self.domain_id,
                boundary_arn=args.boundary_arn,
                policies=rights | limiting,
            ),
            self.inside,
        )


def limits(instance_types: tuple[str, ...]) -> str:
    """What nobody does in Studio, whatever else they may: leave the list, or share a space."""
    starting = ["sagemaker:CreateApp", "sagemaker:CreateSpace", "sagemaker:UpdateSpace"]
    return document(
        {
            "Sid": "OffTheList",
            "Effect": "Deny",
            "Action": starting,
            "Resource": "*",
            "Condition": {
                "ForAnyValue:StringNotLike": {"sagemaker:InstanceTypes": list(instance_types)}
            },
        },
        {
            "Sid": "NoSharedSpaces",
            "Effect": "Deny",
            "Action": starting,
            "Resource": "*",
            "Condition": {"StringEquals": {"sagemaker:SpaceSharingType": "Shared"}},
        },
    )
