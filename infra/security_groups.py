"""Security groups that reach S3 and their own members; whoever makes one adds what else it may."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.base import Part, Scope


@dataclass(frozen=True)
class NetworkArgs:
    """The region's network and the prefix list of its S3 gateway."""

    scope: Scope
    vpc_id: pulumi.Output[str]
    s3_prefix_list_id: pulumi.Output[str]


@dataclass(frozen=True)
class Traffic:
    """What members of a group may say to each other; no ports stands for all of them."""

    description: str
    protocol: str = "-1"
    ports: tuple[int, int] | None = None


def reaching_s3(
    part: Part, label: str, name: str, description: str, args: NetworkArgs
) -> aws.ec2.SecurityGroup:
    """A group of a part: the way to S3 goes through the region's gateway."""
    group = aws.ec2.SecurityGroup(
        part.child(label),
        name=name,
        description=description,
        vpc_id=args.vpc_id,
        tags={"Name": name},
        opts=part.inside,
    )
    aws.vpc.SecurityGroupEgressRule(
        part.child("to-s3"),
        security_group_id=group.id,
        description="S3 through the gateway endpoint",
        ip_protocol="tcp",
        from_port=443,
        to_port=443,
        prefix_list_id=args.s3_prefix_list_id,
        opts=part.inside,
    )
    return group


def allow_itself(part: Part, group: aws.ec2.SecurityGroup, traffic: Traffic) -> None:
    """Members of the group reach each other, in both directions."""
    first, last = traffic.ports or (None, None)
    for label, rule in (
        ("from-itself", aws.vpc.SecurityGroupIngressRule),
        ("to-itself", aws.vpc.SecurityGroupEgressRule),
    ):
        rule(
            part.child(label),
            security_group_id=group.id,
            description=traffic.description,
            ip_protocol=traffic.protocol,
            from_port=first,
            to_port=last,
            referenced_security_group_id=group.id,
            opts=part.inside,
        )
