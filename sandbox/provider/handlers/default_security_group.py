"""The group that AWS puts into every network, emptied: adopted, and never removed."""

from __future__ import annotations

from typing import Any

from sandbox.provider.errors import RefusedError
from sandbox.provider.handlers.base import Aws, Facts, Values, names
from sandbox.provider.handlers.ec2 import Ec2Handler
from sandbox.provider.identity import Identity


class DefaultSecurityGroup(Ec2Handler):
    """Adopted with all its rules revoked ("aws.ec2.DefaultSecurityGroup", Pulumi registry)."""

    token = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
    known = names("vpcId ingress egress")
    replaced_by = names("vpcId")
    resource = "security-group"
    prefix = "sg"

    def validate(self, inputs: Facts) -> None:
        if inputs.get("ingress") or inputs.get("egress"):
            raise RefusedError("the sandbox only empties a network's default security group")

    def identify(self, inputs: Values, facts: Values, identity: Identity) -> str:
        return str(facts["id"])

    def outputs(self, inputs: Values, facts: Values, identity: Identity) -> Facts:
        return {
            **super().outputs(inputs, facts, identity),
            "name": "default",
            "description": "default VPC security group",
        }

    def create(self, aws: Aws, inputs: Values) -> Facts:
        group = self._group(aws, inputs)
        if inputs["tagsAll"]:
            self.retag(aws, inputs, {}, {"id": group["GroupId"]})
        return {"id": group["GroupId"]}

    def settle(self, aws: Aws, inputs: Values, facts: Values) -> None:
        group = self._group(aws, inputs)
        ec2, name = aws.client("ec2"), {"GroupId": group["GroupId"]}
        if group["IpPermissions"]:
            ec2.revoke_security_group_ingress(**name, IpPermissions=group["IpPermissions"])
        if group["IpPermissionsEgress"]:
            ec2.revoke_security_group_egress(**name, IpPermissions=group["IpPermissionsEgress"])

    def find(self, aws: Aws, inputs: Values) -> tuple[Facts, dict[str, str]] | None:
        group = self._group(aws, inputs)
        if group["IpPermissions"] or group["IpPermissionsEgress"]:
            return None
        tags = {one["Key"]: one["Value"] for one in group.get("Tags", [])}
        return {"id": group["GroupId"]}, tags

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        """It goes with its network; until then it stays closed."""

    def _group(self, aws: Aws, inputs: Values) -> dict[str, Any]:
        filters = [
            {"Name": "vpc-id", "Values": [inputs["vpcId"]]},
            {"Name": "group-name", "Values": ["default"]},
        ]
        found: dict[str, Any] = aws.client("ec2").describe_security_groups(Filters=filters)[
            "SecurityGroups"
        ][0]
        return found


HANDLERS = (DefaultSecurityGroup(),)
