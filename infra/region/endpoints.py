"""Private ways to AWS services, only for what a region's projects asked for."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.base import Part, Place, document

# Service to the IAM prefix of its calls. Each endpoint costs 7.30 USD a month in each zone, idle or
# not, and 0.01 USD per GB (AWS PrivateLink pricing, us-east-1, 2026-08).
SERVICES = {
    "athena": "athena",  # questions about captured predictions from Studio: 7.30
    "codeartifact.api": "codeartifact",  # packages for Studio without a NAT: 7.30
    "codeartifact.repositories": "codeartifact",  # the packages themselves: 7.30
    "ecr.api": "ecr",  # Studio's and endpoints' images: 7.30
    "ecr.dkr": "ecr",  # the images' layers: 7.30
    "events": "events",  # code in the network that sends events: 7.30
    "glue": "glue",  # the catalog's tables from Studio: 7.30
    "kms": "kms",  # encryption by clients in the network: 7.30
    "logs": "logs",  # logs of Studio's applications: 7.30
    "monitoring": "cloudwatch",  # metrics from code in the network: 7.30
    "sagemaker.api": "sagemaker",  # Studio and whoever starts jobs from the network: 7.30
    "sagemaker.runtime": "sagemaker",  # predictions for clients in the network: 7.30
    "secretsmanager": "secretsmanager",  # secrets for code in the network: 7.30
    "ssm": "ssm",  # the workspace contract from Studio: 7.30
    "sts": "sts",  # credentials of Studio's users: 7.30
    "studio": "sagemaker",  # Studio's own pages: 7.30
}
# Named unlike the others ("AWS services that integrate with AWS PrivateLink").
SPECIAL = {"studio": "aws.sagemaker.{region}.studio"}


@dataclass(frozen=True)
class EndpointsArgs:
    """The network, the range its clients come from, and the services asked for."""

    place: Place
    vpc_id: pulumi.Output[str]
    cidr: str
    subnets: tuple[pulumi.Output[str], ...]
    services: tuple[str, ...]


class Endpoints(Part):
    """One endpoint per service behind one security group, found under AWS's own names."""

    def __init__(self, name: str, args: EndpointsArgs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("modelyard:region:Endpoints", name, opts)
        group = aws.ec2.SecurityGroup(
            self.child("group"),
            name="modelyard-endpoints",
            description="Interface endpoints of the region",
            vpc_id=args.vpc_id,
            tags={"Name": "modelyard-endpoints"},
            opts=self.inside,
        )
        aws.vpc.SecurityGroupIngressRule(
            self.child("from-network"),
            security_group_id=group.id,
            description="Clients in the network, which only TLS reaches",
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
            cidr_ipv4=args.cidr,
            opts=self.inside,
        )
        for service in args.services:
            aws.ec2.VpcEndpoint(
                self.child(service),
                vpc_id=args.vpc_id,
                service_name=service_name(service, args.place.region),
                vpc_endpoint_type="Interface",
                subnet_ids=list(args.subnets),
                security_group_ids=[group.id],
                private_dns_enabled=True,
                policy=endpoint_policy(service, args.place.account),
                tags={"Name": f"modelyard-{service}"},
                opts=self.inside,
            )
        self.register_outputs({})


def service_name(service: str, region: str) -> str:
    """The service's name as PrivateLink knows it."""
    return SPECIAL.get(service, "com.amazonaws.{region}." + service).format(region=region)


def endpoint_policy(service: str, account: str) -> str:
    """Only this account's identities pass, with calls of this one service."""
    return document(
        {
            "Sid": "OurIdentities",
            "Effect": "Allow",
            "Principal": "*",
            "Action": f"{SERVICES[service]}:*",
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:PrincipalAccount": account}},
        }
    )
