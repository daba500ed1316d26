"""The network of a region: private subnets from which only S3 can be reached, made or adopted."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.base import Part, Place, document
from infra.region.network_settings import ExistingNetwork, NewNetwork


@dataclass(frozen=True)
class NetworkArgs:
    """Where, and which network."""

    place: Place
    network: NewNetwork | ExistingNetwork


class Network(Part):
    """No internet gateway and no NAT: nothing gets in, nothing gets out, nothing idles."""

    vpc_id: pulumi.Output[str]
    subnets: tuple[pulumi.Output[str], ...]
    # None where the network is somebody else's and has several.
    route_table_id: pulumi.Output[str] | None
    s3_prefix_list_id: pulumi.Output[str]

    def __init__(self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("modelyard:region:Network", name, opts)
        self._place = args.place
        if isinstance(args.network, NewNetwork):
            self._make(args.network)
        else:
            self._adopt(args.network)
        self.register_outputs({"vpc_id": self.vpc_id})

    def _make(self, network: NewNetwork) -> None:
        vpc = aws.ec2.Vpc(
            self.child("vpc"),
            cidr_block=network.cidr,
            enable_dns_support=True,
            enable_dns_hostnames=True,
            tags={"Name": "modelyard"},
            opts=self.inside,
        )
        # Whatever is given no group of its own reaches nothing and nobody.
        aws.ec2.DefaultSecurityGroup(
            self.child("default-group"),
            vpc_id=vpc.id,
            ingress=[],
            egress=[],
            tags={"Name": "modelyard-closed"},
            opts=self.inside,
        )
        table = aws.ec2.RouteTable(
            self.child("routes"),
            vpc_id=vpc.id,
            tags={"Name": "modelyard-private"},
            opts=self.inside,
        )
        blocks = subnet_blocks(network.cidr, len(network.zones))
        self.subnets = tuple(
            self._subnet(letter, zone, block, vpc, table)
            for letter, zone, block in zip("abc", network.zones, blocks, strict=False)
        )
        self.vpc_id = vpc.id
        self.route_table_id = table.id
        self.s3_prefix_list_id = self._gateway(vpc.id, [table.id])

    def _adopt(self, network: ExistingNetwork) -> None:
        known = pulumi.Output.from_input
        self.vpc_id = known(network.vpc_id)
        self.subnets = tuple(known(subnet) for subnet in network.subnets)
        tables = [known(table) for table in network.route_tables]
        self.route_table_id = tables[0] if len(tables) == 1 else None
        self.s3_prefix_list_id = (
            known(network.s3_prefix_list)
            if network.s3_prefix_list
            else self._gateway(self.vpc_id, tables)
        )

    def _gateway(
        self, vpc_id: pulumi.Output[str], tables: list[pulumi.Output[str]]
    ) -> pulumi.Output[str]:
        # A gateway endpoint costs nothing.
        gateway = aws.ec2.VpcEndpoint(
            self.child("s3"),
            vpc_id=vpc_id,
            service_name=f"com.amazonaws.{self._place.region}.s3",
            vpc_endpoint_type="Gateway",
            route_table_ids=list(tables),
            policy=s3_endpoint_policy(self._place.account),
            tags={"Name": "modelyard-s3"},
            opts=self.inside,
        )
        return gateway.prefix_list_id

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


def subnet_blocks(cidr: str, count: int) -> list[str]:
    """Blocks of 4,096 addresses, so that a dozen more fit beside them."""
    blocks = ipaddress.ip_network(cidr).subnets(new_prefix=20)
    return [str(block) for block, _ in zip(blocks, range(count), strict=False)]


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
