"""EC2's defaults for how new instances hand out their credentials, which moto lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moto.core.responses import ActionResult
from moto.ec2.responses import EC2Response

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox

KEPT_AS = "modelyard_metadata_defaults"
SETTINGS = ("HttpTokens", "HttpEndpoint", "HttpPutResponseHopLimit", "InstanceMetadataTags")
UNSET = ("no-preference", "-1", -1)


def install(sandbox: Sandbox) -> None:
    """Answer ModifyInstanceMetadataDefaults and GetInstanceMetadataDefaults."""
    EC2Response.modify_instance_metadata_defaults = modify_instance_metadata_defaults
    EC2Response.get_instance_metadata_defaults = get_instance_metadata_defaults


def modify_instance_metadata_defaults(self: EC2Response) -> ActionResult:
    """Each setting stays as it is unless the request names it."""
    self.error_on_dryrun()
    held = self.ec2_backend.__dict__.setdefault(KEPT_AS, {})
    for name in SETTINGS:
        value = self._get_param(name)
        if value in UNSET:
            held.pop(name, None)
        elif value is not None:
            held[name] = value
    return ActionResult({"Return": True})


def get_instance_metadata_defaults(self: EC2Response) -> ActionResult:
    """What is set, and nothing where the account never said."""
    held = self.ec2_backend.__dict__.get(KEPT_AS, {})
    level = {name: int(held[name]) if name.endswith("Limit") else held[name] for name in held}
    return ActionResult({"AccountLevel": level})
