"""The security group of the project's jobs: they reach S3 and each other, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.base import Part, Scope


@dataclass(frozen=True)
class JobNetworkArgs:
    """The region's network and the prefix list of its S3 gateway."""

    scope: Scope
    vpc_id: pulumi.Output[str]
    s3_prefix_list_id: pulumi.Output[str]


class JobNetwork(Part):
    """One security group per project and environment, by which policies recognise its jobs."""

    security_group: pulumi.Output[str]

    def __init__(self, name: str, args: JobNetworkArgs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("modelyard:network:JobNetwork", name, opts)
        group = aws.ec2.SecurityGroup(
            self.child("jobs"),
            name=args.scope.name("jobs"),
            description=f"Jobs and endpoints of {args.scope.project} in {args.scope.environment}",
            vpc_id=args.vpc_id,
            tags={"Name": args.scope.name("jobs")},
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
        # Encrypted traffic between a job's containers is IPsec: UDP 500 and protocol 50, so every
        # protocol within the group (Protect Communications Between ML Compute Instances).
        aws.vpc.SecurityGroupIngressRule(
            self.child("from-itself"),
            security_group_id=group.id,
            description="Containers of one job",
            ip_protocol="-1",
            referenced_security_group_id=group.id,
            opts=self.inside,
        )
        aws.vpc.SecurityGroupEgressRule(
            self.child("to-itself"),
            security_group_id=group.id,
            description="Containers of one job",
            ip_protocol="-1",
            referenced_security_group_id=group.id,
            opts=self.inside,
        )
        self.security_group = group.id
        self.register_outputs({"security_group": self.security_group})
