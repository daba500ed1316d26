"""The network of a region: private subnets in two zones, from which only S3 can be reached."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.base import Part, document


@dataclass(frozen=True)
class NetworkArgs:
    """Address range and zones."""

    account: str
    region: str
    cidr: str
    zones: tuple[str, str]


class Network(Part):
    """No internet gateway and no NAT: nothing gets in, nothing gets out, nothing idles."""

    vpc_id: pulumi.Output[str]
    subnet_a: pulumi.Output[str]
    subnet_b: pulumi.Output[str]
    route_table_id: pulumi.Output[str]
    s3_prefix_list_id: pulumi.Output[str]

    def __init__(self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("modelyard:region:Network", name, opts)
        vpc = aws.ec2.Vpc(
            self.child("vpc"),
            cidr_block=args.cidr,
            enable_dns_support=True,
            enable_dns_hostnames=True,
            tags={"Name": "modelyard"},
            opts=self.inside,
        )
        table = aws.ec2.RouteTable(
            self.child("routes"),
            vpc_id=vpc.id,
            tags={"Name": "modelyard-private"},
            opts=self.inside,
        )
        subnets = [
            self._subnet(letter, zone, block, vpc, table)
            for letter, zone, block in zip("ab", args.zones, subnet_blocks(args.cidr), strict=True)
        ]
        gateway = aws.ec2.VpcEndpoint(
            self.child("s3"),
            vpc_id=vpc.id,
            service_name=f"com.amazonaws.{args.region}.s3",
            vpc_endpoint_type="Gateway",
            route_table_ids=[table.id],
            policy=s3_endpoint_policy(args.account),
            tags={"Name": "modelyard-s3"},
            opts=self.inside,
        )
        self.vpc_id = vpc.id
        self.subnet_a, self.subnet_b = subnets
        self.route_table_id = table.id
        self.s3_prefix_list_id = gateway.prefix_list_id
        self.register_outputs({"vpc_id": self.vpc_id})

    def _subnet(
        self, letter: str, zone: str, block: str, vpc: aws.ec2.Vpc, table: aws.ec2.RouteTable
    ) -> pulumi.Output[str]:
        subnet = aws.ec2.Subnet(
            self.child(f"subnet-{letter}"),
            vpc_id=vpc.id,
            availability_zone=zone,
            cidr_block=block,
            map_public_ip_on_launch=False,
            tags={"Name": f"modelyard-private-{letter}"},
            opts=self.inside,
        )
        aws.ec2.RouteTableAssociation(
            self.child(f"routes-{letter}"),
            subnet_id=subnet.id,
            route_table_id=table.id,
            opts=self.inside,
        )
        return subnet.id


def subnet_blocks(cidr: str) -> tuple[str, str]:
    """Two blocks of 4,096 addresses, so that fourteen more fit beside them."""
    first, second, *_ = ipaddress.ip_network(cidr).subnets(new_prefix=20)
    return str(first), str(second)


def s3_endpoint_policy(account: str) -> str:
    """Only this account's identities pass: a key smuggled into a job cannot carry data away.

    SageMaker moves a job's inputs, outputs and image layers itself; an isolated container has no
    credentials. Layers lie in a bucket of AWS's own, hence no condition on the bucket's account.
    """
    return document(
        {
            "Sid": "OurIdentities",
            "Effect": "Allow",
            "Principal": "*",
            "Action": [
                "s3:AbortMultipartUpload",
                "s3:GetObject",
                "s3:GetObjectVersion",
                "s3:ListBucket",
                "s3:ListMultipartUploadParts",
                "s3:PutObject",
            ],
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:PrincipalAccount": account}},
        },
        {
            "Sid": "ImageLayers",
            "Effect": "Allow",
            "Principal": "*",
            "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::prod-*-starport-layer-bucket/*",
        },
    )
