"""A private network."""

import pulumi
import pulumi_aws as aws

config = pulumi.Config()
account, variant = config.require("account"), config.require("variant")
provider = aws.Provider("aws", region="us-east-1", allowed_account_ids=[account])
inside = pulumi.ResourceOptions(provider=provider)

if variant != "none":
    vpc = aws.ec2.Vpc(
        "vpc",
        cidr_block="10.9.0.0/16",
        enable_dns_hostnames=True,
        tags={"variant": variant},
        opts=inside,
    )
    routes = aws.ec2.RouteTable("routes", vpc_id=vpc.id, opts=inside)
    subnet = aws.ec2.Subnet(
        "subnet",
        vpc_id=vpc.id,
        cidr_block="10.9.1.0/24" if variant != "replaced" else "10.9.2.0/24",
        availability_zone="us-east-1a",
        opts=inside,
    )
    aws.ec2.RouteTableAssociation(
        "association", subnet_id=subnet.id, route_table_id=routes.id, opts=inside
    )
    gateway = aws.ec2.VpcEndpoint(
        "s3",
        vpc_id=vpc.id,
        service_name="com.amazonaws.us-east-1.s3",
        route_table_ids=[routes.id],
        opts=inside,
    )
    group = aws.ec2.SecurityGroup("group", description="jobs", vpc_id=vpc.id, opts=inside)
    aws.vpc.SecurityGroupEgressRule(
        "out",
        security_group_id=group.id,
        ip_protocol="tcp",
        from_port=443,
        to_port=443,
        prefix_list_id=gateway.prefix_list_id,
        opts=inside,
    )
    aws.vpc.SecurityGroupIngressRule(
        "in",
        security_group_id=group.id,
        ip_protocol="-1",
        referenced_security_group_id=group.id,
        opts=inside,
    )
    pulumi.export("group", group.id)
    pulumi.export("subnet", subnet.id)
