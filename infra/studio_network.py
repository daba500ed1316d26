"""What a workbench reaches: S3, the region's interface endpoints, and itself."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from infra import security_groups
from infra.base import Part
from infra.security_groups import NetworkArgs, Traffic

# The region's network is private and has no way out: within these ranges lie its subnets, and in
# them the interface endpoints of AWS's services.
PRIVATE_RANGES = {"10": "10.0.0.0/8", "172": "172.16.0.0/12", "192": "192.168.0.0/16"}
# Applications of a domain speak to each other on these ports ("Connect Studio notebooks in a VPC to
# external resources", SageMaker Developer Guide).
APPLICATIONS = Traffic("Applications of the domain", "tcp", (8192, 65535))


class StudioNetwork(Part):
    """One security group for all workbenches of a project."""

    security_group: pulumi.Output[str]

    def __init__(self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("modelyard:studio:StudioNetwork", name, opts)
        group = security_groups.reaching_s3(
            self,
            "group",
            args.scope.name("studio"),
            f"Studio of {args.scope.project} in {args.scope.environment}",
            args,
        )
        for label, block in PRIVATE_RANGES.items():
            aws.vpc.SecurityGroupEgressRule(
                self.child(f"to-endpoints-{label}"),
                security_group_id=group.id,
                description="Interface endpoints of the region",
                ip_protocol="tcp",
                from_port=443,
                to_port=443,
                cidr_ipv4=block,
                opts=self.inside,
            )
        security_groups.allow_itself(self, group, APPLICATIONS)
        self.security_group = group.id
        self.register_outputs({"security_group": self.security_group})
