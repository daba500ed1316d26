"""Identity Center: tags, boundaries and session attributes, which moto lacks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from moto.core.exceptions import JsonRESTError
from moto.ssoadmin.models import PermissionSet
from moto.ssoadmin.responses import SSOAdminResponse

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox

KEPT_AS = "modelyard_access_control_attributes"


def install(sandbox: Sandbox) -> None:
    """Answer what moto lacks; names of permission sets are unique, as on AWS."""
    create = SSOAdminResponse.create_permission_set

    def create_permission_set(self: SSOAdminResponse) -> str:
        asked = _asked(self)
        for held in self.ssoadmin_backend.permission_sets:
            if (held.instance_arn, held.name) == (asked["InstanceArn"], asked["Name"]):
                message = f"PermissionSet with name {asked['Name']} already exists."
                raise JsonRESTError("ConflictException", message)
        answer: str = create(self)
        return answer

    SSOAdminResponse.create_permission_set = create_permission_set
    for operation in ADDED:
        setattr(SSOAdminResponse, operation.__name__, operation)


def tag_resource(self: SSOAdminResponse) -> str:
    """Set tags of a permission set."""
    asked = _asked(self)
    new = {tag["Key"]: tag for tag in asked["Tags"]}
    held = _permission_set(self, asked["ResourceArn"])
    held.tags = [tag for tag in held.tags or () if tag["Key"] not in new] + list(new.values())
    return "{}"


def untag_resource(self: SSOAdminResponse) -> str:
    """Remove tags of a permission set."""
    asked = _asked(self)
    held = _permission_set(self, asked["ResourceArn"])
    held.tags = [tag for tag in held.tags or () if tag["Key"] not in asked["TagKeys"]]
    return "{}"


def list_tags_for_resource(self: SSOAdminResponse) -> str:
    """The tags of a permission set."""
    return json.dumps({"Tags": _permission_set(self, _asked(self)["ResourceArn"]).tags or []})


def put_permissions_boundary_to_permission_set(self: SSOAdminResponse) -> str:
    """Set the boundary of a permission set's roles."""
    asked = _asked(self)
    held = _permission_set(self, asked["PermissionSetArn"])
    held.permissions_boundary = asked["PermissionsBoundary"]
    return "{}"


def get_permissions_boundary_for_permission_set(self: SSOAdminResponse) -> str:
    """The boundary of a permission set's roles."""
    held = _permission_set(self, _asked(self)["PermissionSetArn"])
    boundary = getattr(held, "permissions_boundary", None)
    if boundary is None:
        raise JsonRESTError("ResourceNotFoundException", "The permission set has no boundary.")
    return json.dumps({"PermissionsBoundary": boundary})


def delete_permissions_boundary_from_permission_set(self: SSOAdminResponse) -> str:
    """Lift the boundary of a permission set's roles."""
    _permission_set(self, _asked(self)["PermissionSetArn"]).permissions_boundary = None
    return "{}"


def create_instance_access_control_attribute_configuration(self: SSOAdminResponse) -> str:
    """Say which attributes of a person become session tags; an instance has one such list."""
    asked, held = _asked(self), _attributes(self)
    if asked["InstanceArn"] in held:
        raise JsonRESTError("ConflictException", "The instance has its attributes already.")
    held[asked["InstanceArn"]] = asked["InstanceAccessControlAttributeConfiguration"]
    return "{}"


def update_instance_access_control_attribute_configuration(self: SSOAdminResponse) -> str:
    """Replace the list."""
    asked = _asked(self)
    _configured(self, asked["InstanceArn"])
    _attributes(self)[asked["InstanceArn"]] = asked["InstanceAccessControlAttributeConfiguration"]
    return "{}"


def describe_instance_access_control_attribute_configuration(self: SSOAdminResponse) -> str:
    """The list."""
    found = _configured(self, _asked(self)["InstanceArn"])
    return json.dumps({"Status": "ENABLED", "InstanceAccessControlAttributeConfiguration": found})


def delete_instance_access_control_attribute_configuration(self: SSOAdminResponse) -> str:
    """Forget the list."""
    instance = _asked(self)["InstanceArn"]
    _configured(self, instance)
    del _attributes(self)[instance]
    return "{}"


ADDED = (
    tag_resource,
    untag_resource,
    list_tags_for_resource,
    put_permissions_boundary_to_permission_set,
    get_permissions_boundary_for_permission_set,
    delete_permissions_boundary_from_permission_set,
    create_instance_access_control_attribute_configuration,
    update_instance_access_control_attribute_configuration,
    describe_instance_access_control_attribute_configuration,
    delete_instance_access_control_attribute_configuration,
)


def _asked(response: SSOAdminResponse) -> dict[str, Any]:
    asked: dict[str, Any] = json.loads(response.body or "{}")
    return asked


def _permission_set(response: SSOAdminResponse, arn: str) -> PermissionSet:
    for held in response.ssoadmin_backend.permission_sets:
        if held.permission_set_arn == arn:
            return held
    raise JsonRESTError("ResourceNotFoundException", f"Could not find PermissionSet {arn}")


def _attributes(response: SSOAdminResponse) -> dict[str, Any]:
    held: dict[str, Any] = response.ssoadmin_backend.__dict__.setdefault(KEPT_AS, {})
    return held


def _configured(response: SSOAdminResponse, instance: str) -> Any:
    try:
        return _attributes(response)[instance]
    except KeyError:
        message = f"{instance} has no access control attributes"
        raise JsonRESTError("ResourceNotFoundException", message) from None
