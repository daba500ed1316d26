"""The private network: VPCs, subnets and route tables."""

from __future__ import annotations

from typing import Any

from sandbox.provider.handlers.base import (
    Aws,
    Facts,
    Handler,
    Values,
    given,
    gone_tags,
    names,
    tag_list,
)
from sandbox.provider.identity import Identity, Seed


class Ec2Handler(Handler):
    """What EC2 resources share: an invented id, an ARN of it, and tags given on creation."""

    resource: str
    prefix: str
    tagged = True

    def invent(self, inputs: Values, seed: Seed, identity: Identity) -> Facts:
        return {"id": f"{self.prefix}-{seed.hex(17)}"}

    def outputs(self, inputs: Values, facts: Values, identity: Identity) -> Facts:
        return {
            "arn": identity.arn("ec2", f"{self.resource}/{facts['id']}"),
            "ownerId": identity.account,
        }

    def update(self, aws: Aws, inputs: Values, old: Values, facts: Values) -> None:
        self.retag(aws, inputs, old, facts)
        self.settle(aws, inputs, facts)

    def retag(self, aws: Aws, inputs: Values, old: Values, facts: Values) -> None:
        """Bring the tags to what `inputs` say."""
        ec2 = aws.client("ec2")
        if gone := gone_tags(inputs, old):
            ec2.delete_tags(Resources=[facts["id"]], Tags=[{"Key": key} for key in gone])
        if inputs["tagsAll"]:
            ec2.create_tags(Resources=[facts["id"]], Tags=tag_list(inputs))

    def tagging(self, inputs: Values) -> dict[str, Any]:
        """The request parameter that tags a new resource."""
        if not inputs["tagsAll"]:
            return {}
        return {"TagSpecifications": [{"ResourceType": self.resource, "Tags": tag_list(inputs)}]}


class Vpc(Ec2Handler):
    """A network."""

    token = "aws:ec2/vpc:Vpc"
    known = names("cidrBlock enableDnsHostnames enableDnsSupport instanceTenancy")
    replaced_by = names("cidrBlock instanceTenancy")
    resource = "vpc"
    prefix = "vpc"

    def invent(self, inputs: Values, seed: Seed, identity: Identity) -> Facts:
        return {
            "id": f"vpc-{seed.hex(17)}",
            "mainRouteTableId": f"rtb-{seed.hex(17, 'route table')}",
            "defaultSecurityGroupId": f"sg-{seed.hex(17, 'security group')}",
            "defaultNetworkAclId": f"acl-{seed.hex(17, 'network acl')}",
        }

    def outputs(self, inputs: Values, facts: Values, identity: Identity) -> Facts:
        return {
            **super().outputs(inputs, facts, identity),
            "mainRouteTableId": facts["mainRouteTableId"],
            "defaultRouteTableId": facts["mainRouteTableId"],
            "defaultSecurityGroupId": facts["defaultSecurityGroupId"],
            "defaultNetworkAclId": facts["defaultNetworkAclId"],
            "enableDnsSupport": inputs.get("enableDnsSupport", True),
            "enableDnsHostnames": inputs.get("enableDnsHostnames", False),
            "instanceTenancy": inputs.get("instanceTenancy", "default"),
        }

    def create(self, aws: Aws, inputs: Values) -> Facts:
        ec2 = aws.client("ec2")
        vpc = ec2.create_vpc(
            **given(inputs, CidrBlock="cidrBlock", InstanceTenancy="instanceTenancy"),
            **self.tagging(inputs),
        )["Vpc"]["VpcId"]
        within = [{"Name": "vpc-id", "Values": [vpc]}]
        tables = ec2.describe_route_tables(Filters=within)["RouteTables"]
        groups = ec2.describe_security_groups(Filters=within)["SecurityGroups"]
        acls = ec2.describe_network_acls(Filters=within)["NetworkAcls"]
        return {
            "id": vpc,
            "mainRouteTableId": tables[0]["RouteTableId"],
            "defaultSecurityGroupId": groups[0]["GroupId"],
            "defaultNetworkAclId": acls[0]["NetworkAclId"],
        }

    def settle(self, aws: Aws, inputs: Values, facts: Values) -> None:
        ec2 = aws.client("ec2")
        # AWS takes one attribute at a time.
        for name, default in (("enableDnsSupport", True), ("enableDnsHostnames", False)):
            value = {"Value": inputs.get(name, default)}
            ec2.modify_vpc_attribute(VpcId=facts["id"], **{name[:1].upper() + name[1:]: value})

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("ec2").delete_vpc(VpcId=facts["id"])


class Subnet(Ec2Handler):
    """A part of a network in one availability zone."""

    token = "aws:ec2/subnet:Subnet"
    alone = True
    known = names("vpcId cidrBlock availabilityZone mapPublicIpOnLaunch")
    replaced_by = names("vpcId cidrBlock availabilityZone")
    resource = "subnet"
    prefix = "subnet"

    def outputs(self, inputs: Values, facts: Values, identity: Identity) -> Facts:
        return {
            **super().outputs(inputs, facts, identity),
            "availabilityZone": inputs.get("availabilityZone") or f"{identity.region}a",
            "mapPublicIpOnLaunch": inputs.get("mapPublicIpOnLaunch", False),
        }

    def create(self, aws: Aws, inputs: Values) -> Facts:
        zone = inputs.get("availabilityZone") or f"{aws.identity.region}a"
        answer = aws.client("ec2").create_subnet(
            AvailabilityZone=zone,
            **given(inputs, VpcId="vpcId", CidrBlock="cidrBlock"),
            **self.tagging(inputs),
        )
        return {"id": answer["Subnet"]["SubnetId"]}

    def settle(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("ec2").modify_subnet_attribute(
            SubnetId=facts["id"],
            MapPublicIpOnLaunch={"Value": inputs.get("mapPublicIpOnLaunch", False)},
        )

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("ec2").delete_subnet(SubnetId=facts["id"])


class RouteTable(Ec2Handler):
    """The routes of subnets; ours have none but the local one and endpoints'."""

    token = "aws:ec2/routeTable:RouteTable"
    known = names("vpcId")
    replaced_by = names("vpcId")
    resource = "route-table"
    prefix = "rtb"

    def create(self, aws: Aws, inputs: Values) -> Facts:
        answer = aws.client("ec2").create_route_table(VpcId=inputs["vpcId"], **self.tagging(inputs))
        return {"id": answer["RouteTable"]["RouteTableId"]}

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("ec2").delete_route_table(RouteTableId=facts["id"])


class RouteTableAssociation(Handler):
    """Which routes a subnet has."""

    token = "aws:ec2/routeTableAssociation:RouteTableAssociation"
    alone = True
    known = names("subnetId routeTableId")
    replaced_by = names("subnetId routeTableId")

    def invent(self, inputs: Values, seed: Seed, identity: Identity) -> Facts:
        return {"id": f"rtbassoc-{seed.hex(17)}"}

    def create(self, aws: Aws, inputs: Values) -> Facts:
        answer = aws.client("ec2").associate_route_table(
            **given(inputs, SubnetId="subnetId", RouteTableId="routeTableId")
        )
        return {"id": answer["AssociationId"]}

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("ec2").disassociate_route_table(AssociationId=facts["id"])


HANDLERS: tuple[Handler, ...] = (Vpc(), Subnet(), RouteTable(), RouteTableAssociation())
