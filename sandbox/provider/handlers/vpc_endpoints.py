"""Private ways from a VPC to AWS services."""

from __future__ import annotations

import re
from typing import Any

from sandbox.provider.errors import RefusedError
from sandbox.provider.handlers import documents
from sandbox.provider.handlers.base import Aws, Facts, Values, given, names
from sandbox.provider.handlers.ec2 import Ec2Handler
from sandbox.provider.identity import Identity, Seed


class VpcEndpoint(Ec2Handler):
    """A private way to an AWS service."""

    token = "aws:ec2/vpcEndpoint:VpcEndpoint"
    known = names(
        "vpcId serviceName vpcEndpointType routeTableIds subnetIds securityGroupIds policy "
        "privateDnsEnabled"
    )
    replaced_by = names("vpcId serviceName vpcEndpointType")
    resource = "vpc-endpoint"
    prefix = "vpce"

    def validate(self, inputs: Facts) -> None:
        if not re.fullmatch(r"(com\.amazonaws|aws)\.[a-z0-9.-]+", inputs["serviceName"]):
            raise RefusedError(f"InvalidServiceName: {inputs['serviceName']}")
        if inputs.get("policy"):
            inputs["policy"] = documents.policy(inputs["policy"], documents.RESOURCE)

    def invent(self, inputs: Values, seed: Seed, identity: Identity) -> Facts:
        return {"id": f"vpce-{seed.hex(17)}", "prefixListId": f"pl-{seed.hex(8, 'prefixes')}"}

    def outputs(self, inputs: Values, facts: Values, identity: Identity) -> Facts:
        gateway = inputs.get("vpcEndpointType", "Gateway") == "Gateway"
        return {
            **super().outputs(inputs, facts, identity),
            "state": "available",
            "vpcEndpointType": inputs.get("vpcEndpointType", "Gateway"),
            **({"prefixListId": facts["prefixListId"]} if gateway else {}),
        }

    def create(self, aws: Aws, inputs: Values) -> Facts:
        ec2 = aws.client("ec2")
        answer = ec2.create_vpc_endpoint(
            VpcEndpointType=inputs.get("vpcEndpointType", "Gateway"),
            **given(
                inputs,
                VpcId="vpcId",
                ServiceName="serviceName",
                RouteTableIds="routeTableIds",
                SubnetIds="subnetIds",
                SecurityGroupIds="securityGroupIds",
                PolicyDocument="policy",
                PrivateDnsEnabled="privateDnsEnabled",
            ),
            **self.tagging(inputs),
        )
        facts = {"id": answer["VpcEndpoint"]["VpcEndpointId"]}
        if inputs.get("vpcEndpointType", "Gateway") == "Gateway":
            named = [{"Name": "prefix-list-name", "Values": [inputs["serviceName"]]}]
            lists = ec2.describe_managed_prefix_lists(Filters=named)["PrefixLists"]
            if not lists:
                raise RefusedError(
                    f"no prefix list of {inputs['serviceName']} is known in this region"
                )
            facts["prefixListId"] = lists[0]["PrefixListId"]
        return facts

    def update(self, aws: Aws, inputs: Values, old: Values, facts: Values) -> None:
        super().update(aws, inputs, old, facts)
        request: dict[str, Any] = {}
        lists = {
            "routeTableIds": "RouteTableIds",
            "subnetIds": "SubnetIds",
            "securityGroupIds": "SecurityGroupIds",
        }
        for name, parameter in lists.items():
            before, after = set(old.get(name) or ()), set(inputs.get(name) or ())
            request[f"Add{parameter}"] = sorted(after - before)
            request[f"Remove{parameter}"] = sorted(before - after)
        request = {key: value for key, value in request.items() if value}
        if inputs.get("policy") and inputs["policy"] != old.get("policy"):
            request["PolicyDocument"] = inputs["policy"]
        if request:
            aws.client("ec2").modify_vpc_endpoint(VpcEndpointId=facts["id"], **request)

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("ec2").delete_vpc_endpoints(VpcEndpointIds=[facts["id"]])


HANDLERS = (VpcEndpoint(),)
