"""What nobody in any account may do, administrators included."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.base import Part
from policies import documents

NAME = "modelyard"


@dataclass(frozen=True)
class LimitsArgs:
    """The regions in use, and the roots, units or accounts that the limits cover."""

    regions: tuple[str, ...]
    targets: tuple[str, ...]


class Limits(Part):
    """policies/service_control.json over each target; the policy type has to be switched on."""

    def __init__(self, name: str, args: LimitsArgs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("modelyard:organization:Limits", name, opts)
        content = documents.service_control(args.regions)
        policy = aws.organizations.Policy(
            self.child("policy"),
            name=NAME,
            description="Regions, registries, trails and evidence of Modelyard's accounts",
            type="SERVICE_CONTROL_POLICY",
            content=json.dumps(content, separators=(",", ":")),
            opts=self.inside,
        )
        for target in args.targets:
            aws.organizations.PolicyAttachment(
                self.child(target), policy_id=policy.id, target_id=target, opts=self.inside
            )
        self.register_outputs({})
