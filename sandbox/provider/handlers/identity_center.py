"""IAM Identity Center: permission sets, what they hold, and who gets them where."""

from __future__ import annotations

from typing import Any

from sandbox.provider.handlers.base import (
    Aws,
    Facts,
    Handler,
    PutHandler,
    Values,
    given,
    gone_tags,
    names,
    tag_list,
)
from sandbox.provider.identity import Identity, Seed

ASSIGNMENT = {
    "InstanceArn": "instanceArn",
    "PermissionSetArn": "permissionSetArn",
    "PrincipalId": "principalId",
    "PrincipalType": "principalType",
    "TargetId": "targetId",
    "TargetType": "targetType",
}
WITHIN = {"InstanceArn": "instanceArn", "PermissionSetArn": "permissionSetArn"}


class PermissionSet(Handler):
    """What a group may become in an account."""

    token = "aws:ssoadmin/permissionSet:PermissionSet"
    known = names("name description instanceArn relayState sessionDuration")
    replaced_by = names("name instanceArn")
    tagged = True
    named_by = "name"
    name_pattern = r"[\w+=,.@-]{1,32}"

    def invent(self, inputs: Values, seed: Seed, identity: Identity) -> Facts:
        instance = str(inputs["instanceArn"]).rpartition("/")[2]
        return {"arn": f"arn:{identity.partition}:sso:::permissionSet/{instance}/ps-{seed.hex(16)}"}

    def identify(self, inputs: Values, facts: Values, identity: Identity) -> str:
        return f"{facts['arn']},{inputs['instanceArn']}"

    def outputs(self, inputs: Values, facts: Values, identity: Identity) -> Facts:
        return {
            "arn": facts["arn"],
            "sessionDuration": inputs.get("sessionDuration") or "PT1H",
        }

    def create(self, aws: Aws, inputs: Values) -> Facts:
        answer = aws.client("sso-admin").create_permission_set(
            Name=inputs["name"], Tags=tag_list(inputs), **_permission_set(inputs)
        )
        return {"arn": answer["PermissionSet"]["PermissionSetArn"]}

    def update(self, aws: Aws, inputs: Values, old: Values, facts: Values) -> None:
        sso, arn = aws.client("sso-admin"), facts["arn"]
        sso.update_permission_set(PermissionSetArn=arn, **_permission_set(inputs))
        tagged = {"InstanceArn": inputs["instanceArn"], "ResourceArn": arn}
        if gone := gone_tags(inputs, old):
            sso.untag_resource(**tagged, TagKeys=gone)
        sso.tag_resource(**tagged, Tags=tag_list(inputs))

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("sso-admin").delete_permission_set(
            InstanceArn=inputs["instanceArn"], PermissionSetArn=facts["arn"]
        )


class AccountAssignment(Handler):
    """A group's permission set in one account."""

    token = "aws:ssoadmin/accountAssignment:AccountAssignment"
    known = frozenset(ASSIGNMENT.values())
    replaced_by = known

    def identify(self, inputs: Values, facts: Values, identity: Identity) -> str:
        parts = (
            "principalId",
            "principalType",
            "targetId",
            "targetType",
            "permissionSetArn",
            "instanceArn",
        )
        return ",".join(str(inputs[part]) for part in parts)

    def create(self, aws: Aws, inputs: Values) -> Facts:
        aws.client("sso-admin").create_account_assignment(**given(inputs, **ASSIGNMENT))
        return {}

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("sso-admin").delete_account_assignment(**given(inputs, **ASSIGNMENT))


class CustomerManagedPolicyAttachment(Handler):
    """A policy of the target account, by name, in a permission set."""

    token = "aws:ssoadmin/customerManagedPolicyAttachment:CustomerManagedPolicyAttachment"
    known = names("customerManagedPolicyReference instanceArn permissionSetArn")
    replaced_by = known

    def identify(self, inputs: Values, facts: Values, identity: Identity) -> str:
        policy = _reference(inputs["customerManagedPolicyReference"])
        where = f"{inputs['permissionSetArn']},{inputs['instanceArn']}"
        return f"{policy['Name']},{policy['Path']},{where}"

    def create(self, aws: Aws, inputs: Values) -> Facts:
        aws.client("sso-admin").attach_customer_managed_policy_reference_to_permission_set(
            **_attached(inputs)
        )
        return {}

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("sso-admin").detach_customer_managed_policy_reference_from_permission_set(
            **_attached(inputs)
        )


class PermissionsBoundaryAttachment(PutHandler):
    """The most that a permission set's roles can do."""

    token = "aws:ssoadmin/permissionsBoundaryAttachment:PermissionsBoundaryAttachment"
    known = names("permissionsBoundary instanceArn permissionSetArn")
    replaced_by = known

    def identify(self, inputs: Values, facts: Values, identity: Identity) -> str:
        return f"{inputs['permissionSetArn']},{inputs['instanceArn']}"

    def settle(self, aws: Aws, inputs: Values, facts: Values) -> None:
        stated = inputs["permissionsBoundary"]
        boundary: dict[str, Any] = given(stated, ManagedPolicyArn="managedPolicyArn")
        if reference := stated.get("customerManagedPolicyReference"):
            boundary["CustomerManagedPolicyReference"] = _reference(reference)
        aws.client("sso-admin").put_permissions_boundary_to_permission_set(
            **given(inputs, **WITHIN), PermissionsBoundary=boundary
        )

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("sso-admin").delete_permissions_boundary_from_permission_set(
            **given(inputs, **WITHIN)
        )


class InstanceAccessControlAttributes(Handler):
    """Which attributes of a person become session tags."""

    token = "aws:ssoadmin/instanceAccessControlAttributes:InstanceAccessControlAttributes"
    known = names("attributes instanceArn")
    replaced_by = names("instanceArn")

    def identify(self, inputs: Values, facts: Values, identity: Identity) -> str:
        return str(inputs["instanceArn"])

    def outputs(self, inputs: Values, facts: Values, identity: Identity) -> Facts:
        return {"status": "ENABLED", "statusReason": ""}

    def create(self, aws: Aws, inputs: Values) -> Facts:
        aws.client("sso-admin").create_instance_access_control_attribute_configuration(
            **_attributes(inputs)
        )
        return {}

    def update(self, aws: Aws, inputs: Values, old: Values, facts: Values) -> None:
        aws.client("sso-admin").update_instance_access_control_attribute_configuration(
            **_attributes(inputs)
        )

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("sso-admin").delete_instance_access_control_attribute_configuration(
            InstanceArn=inputs["instanceArn"]
        )


def _permission_set(inputs: Values) -> dict[str, Any]:
    return given(
        inputs,
        InstanceArn="instanceArn",
        Description="description",
        RelayState="relayState",
        SessionDuration="sessionDuration",
    )


def _attached(inputs: Values) -> dict[str, Any]:
    reference = _reference(inputs["customerManagedPolicyReference"])
    return {**given(inputs, **WITHIN), "CustomerManagedPolicyReference": reference}


def _reference(reference: Values) -> dict[str, str]:
    return {"Name": reference["name"], "Path": reference.get("path") or "/"}


def _attributes(inputs: Values) -> dict[str, Any]:
    attributes = [
        {"Key": one["key"], "Value": {"Source": source["sources"]}}
        for one in inputs["attributes"]
        for source in one["values"]
    ]
    return {
        "InstanceArn": inputs["instanceArn"],
        "InstanceAccessControlAttributeConfiguration": {"AccessControlAttributes": attributes},
    }


HANDLERS = (
    PermissionSet(),
    AccountAssignment(),
    CustomerManagedPolicyAttachment(),
    PermissionsBoundaryAttachment(),
    InstanceAccessControlAttributes(),
)
