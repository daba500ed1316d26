"""What a workbench reaches: S3, the region's interface endpoints, and itself."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.base import Part, Scope

# The region's network is private and has no way out: within these ranges lie its subnets, and in
# them the interface endpoints of AWS's services.
PRIVATE_RANGES = {"10": "10.0.0.0/8", "172": "172.16.0.0/12", "192": "192.168.0.0/16"}


@dataclass(frozen=True)
class StudioNetworkArgs:
    """The region's network and the prefix list of its S3 gateway."""

    scope: Scope
    vpc_id: pulumi.Output[str]
    s3_prefix_list_id: pulumi.Output[str]


class StudioNetwork(Part):
    """One security group for all workbenches of a project."""

    security_group: pulumi.Output[str]

    def __init__(self, name: str, args: StudioNetworkArgs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("modelyard:studio:StudioNetwork", name, opts)
        physical = args.scope.name("studio")
        group = aws.ec2.SecurityGroup(
            self.child("group"),
            name=physical,
            description=f"Studio of {args.scope.project} in {args.scope.environment}",
            vpc_id=args.vpc_id,
            tags={"Name": physical},
            opts=self.inside,
        )
        aws.vpc.SecurityGroupEgressRule(
            self.child("to-s3"),
            security_group_id=group.id,
            description="S3 through the gateway endpoint",
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
            prefix_list_id=args.s3_prefix_list_id,
            opts=self.inside,
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
        self._allow_itself(group)
        self.security_group = group.id
        self.register_outputs({"security_group": self.security_group})

    def _allow_itself(self, group: aws.ec2.SecurityGroup) -> None:
        # Applications of a domain speak to each other on these ports ("Connect Studio notebooks in
        # a VPC to external resources", SageMaker Developer Guide).
        ports = {"ip_protocol": "tcp", "from_port": 8192, "to_port": 65535}
        aws.vpc.SecurityGroupIngressRule(
            self.child("from-itself"),
            security_group_id=group.id,
            description="Applications of the domain",
            referenced_security_group_id=group.id,
            opts=self.inside,
            **ports,
        )
        aws.vpc.SecurityGroupEgressRule(
            self.child("to-itself"),
            security_group_id=group.id,
            description="Applications of the domain",
            referenced_security_group_id=group.id,
            opts=self.inside,
            **ports,
        )
