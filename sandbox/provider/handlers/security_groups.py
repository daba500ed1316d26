"""Security groups and their rules."""

from __future__ import annotations

from typing import Any

from sandbox.provider.errors import RefusedError
from sandbox.provider.handlers.base import Aws, Facts, Handler, Values, given, names
from sandbox.provider.handlers.ec2 import Ec2Handler
from sandbox.provider.identity import Identity


class SecurityGroup(Ec2Handler):
    """A security group; it allows nothing until a rule says so."""

    token = "aws:ec2/securityGroup:SecurityGroup"
    known = names("name namePrefix description vpcId revokeRulesOnDelete")
    replaced_by = names("name description vpcId")
    named_by = "name"
    name_pattern = r"(?!sg-)[a-zA-Z0-9 ._\-:/()#,@\[\]+=&;{}!$*]{1,255}"
    resource = "security-group"
    prefix = "sg"

    def identify(self, inputs: Values, facts: Values, identity: Identity) -> str:
        return str(facts["id"])

    def outputs(self, inputs: Values, facts: Values, identity: Identity) -> Facts:
        return {
            **super().outputs(inputs, facts, identity),
            "description": inputs.get("description") or "Managed by Pulumi",
        }

    def create(self, aws: Aws, inputs: Values) -> Facts:
        answer = aws.client("ec2").create_security_group(
            GroupName=inputs["name"],
            Description=inputs.get("description") or "Managed by Pulumi",
            **given(inputs, VpcId="vpcId"),
            **self.tagging(inputs),
        )
        return {"id": answer["GroupId"]}

    def settle(self, aws: Aws, inputs: Values, facts: Values) -> None:
        # AWS opens every new group to the outside; pulumi-aws closes that, and so do we.
        ec2 = aws.client("ec2")
        found = ec2.describe_security_groups(GroupIds=[facts["id"]])["SecurityGroups"][0]
        default = [
            rule
            for rule in found["IpPermissionsEgress"]
            if rule["IpProtocol"] == "-1"
            and [one["CidrIp"] for one in rule["IpRanges"]] == ["0.0.0.0/0"]
            and not rule["IpRanges"][0].get("Description")
        ]
        if default:
            ec2.revoke_security_group_egress(
                GroupId=facts["id"],
                IpPermissions=[{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}],
            )

    def update(self, aws: Aws, inputs: Values, old: Values, facts: Values) -> None:
        self.retag(aws, inputs, old, facts)
        if not old:
            # Only what a broken-off creation left; later such a rule would be somebody's own.
            self.settle(aws, inputs, facts)

    def find(self, aws: Aws, inputs: Values) -> tuple[Facts, dict[str, str]] | None:
        filters = [{"Name": "group-name", "Values": [inputs["name"]]}]
        if inputs.get("vpcId"):
            filters.append({"Name": "vpc-id", "Values": [inputs["vpcId"]]})
        group = aws.client("ec2").describe_security_groups(Filters=filters)["SecurityGroups"][0]
        return {"id": group["GroupId"]}, {one["Key"]: one["Value"] for one in group["Tags"]}

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("ec2").delete_security_group(GroupId=facts["id"])


class SecurityGroupRule(Ec2Handler):
    """What egress and ingress rules share."""

    known = names(
        "securityGroupId ipProtocol fromPort toPort cidrIpv4 cidrIpv6 prefixListId "
        "referencedSecurityGroupId description"
    )
    replaced_by = known
    alone = True
    outward: bool
    resource = "security-group-rule"
    prefix = "sgr"

    def validate(self, inputs: Facts) -> None:
        ends = ("cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId")
        if sum(bool(inputs.get(end)) for end in ends) != 1:
            raise RefusedError(f"a security group rule needs exactly one of {', '.join(ends)}")

    def outputs(self, inputs: Values, facts: Values, identity: Identity) -> Facts:
        return {
            "arn": identity.arn("ec2", f"security-group-rule/{facts['id']}"),
            "securityGroupRuleId": facts["id"],
        }

    def find(self, aws: Aws, inputs: Values) -> tuple[Facts, dict[str, str]] | None:
        in_group = [{"Name": "group-id", "Values": [inputs["securityGroupId"]]}]
        answer = aws.client("ec2").describe_security_group_rules(Filters=in_group)
        for rule in answer["SecurityGroupRules"]:
            if rule["IsEgress"] is self.outward and _end(rule) == _wanted_end(inputs):
                # A rule belongs to whoever owns its group.
                return {"id": rule["SecurityGroupRuleId"]}, dict(inputs["tagsAll"])
        return None

    def permission(self, inputs: Values) -> dict[str, Any]:
        """The rule as EC2 takes it."""
        described = given(inputs, Description="description")
        request = given(inputs, IpProtocol="ipProtocol", FromPort="fromPort", ToPort="toPort")
        ends = {
            "cidrIpv4": ("IpRanges", "CidrIp"),
            "cidrIpv6": ("Ipv6Ranges", "CidrIpv6"),
            "prefixListId": ("PrefixListIds", "PrefixListId"),
            "referencedSecurityGroupId": ("UserIdGroupPairs", "GroupId"),
        }
        for name, (parameter, key) in ends.items():
            if inputs.get(name):
                request[parameter] = [{key: inputs[name], **described}]
        return request


class EgressRule(SecurityGroupRule):
    """What may go out."""

    outward = True
    token = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"

    def create(self, aws: Aws, inputs: Values) -> Facts:
        answer = aws.client("ec2").authorize_security_group_egress(
            GroupId=inputs["securityGroupId"],
            IpPermissions=[self.permission(inputs)],
            **self.tagging(inputs),
        )
        return {"id": answer["SecurityGroupRules"][0]["SecurityGroupRuleId"]}

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("ec2").revoke_security_group_egress(
            GroupId=inputs["securityGroupId"], IpPermissions=[self.permission(inputs)]
        )


class IngressRule(SecurityGroupRule):
    """What may come in."""

    outward = False
    token = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"

    def create(self, aws: Aws, inputs: Values) -> Facts:
        answer = aws.client("ec2").authorize_security_group_ingress(
            GroupId=inputs["securityGroupId"],
            IpPermissions=[self.permission(inputs)],
            **self.tagging(inputs),
        )
        return {"id": answer["SecurityGroupRules"][0]["SecurityGroupRuleId"]}

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("ec2").revoke_security_group_ingress(
            GroupId=inputs["securityGroupId"], IpPermissions=[self.permission(inputs)]
        )


def _end(rule: Values) -> tuple[Any, ...]:
    referenced = (rule.get("ReferencedGroupInfo") or {}).get("GroupId")
    ends = (rule.get("CidrIpv4"), rule.get("CidrIpv6"), rule.get("PrefixListId"), referenced)
    return rule["IpProtocol"], _port(rule.get("FromPort")), _port(rule.get("ToPort")), *ends


def _wanted_end(inputs: Values) -> tuple[Any, ...]:
    ports = (_port(inputs.get("fromPort")), _port(inputs.get("toPort")))
    ends = ("cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId")
    return inputs["ipProtocol"], *ports, *(inputs.get(end) for end in ends)


def _port(number: int | None) -> int:
    return -1 if number is None else number


HANDLERS: tuple[Handler, ...] = (SecurityGroup(), EgressRule(), IngressRule())
