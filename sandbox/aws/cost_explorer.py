"""Cost Explorer's allocation tags, which moto lacks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from moto.ce.responses import CostExplorerResponse

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox

KEPT_AS = "modelyard_allocation_tags"
STATUSES = ("Active", "Inactive")


def install(sandbox: Sandbox) -> None:
    """Answer UpdateCostAllocationTagsStatus and ListCostAllocationTags.

    AWS knows a tag once a bill has shown it, within a day; here every tag is known.
    """
    CostExplorerResponse.update_cost_allocation_tags_status = update_cost_allocation_tags_status
    CostExplorerResponse.list_cost_allocation_tags = list_cost_allocation_tags


def update_cost_allocation_tags_status(self: CostExplorerResponse) -> str:
    """Switch tags on or off; a refused one is told beside the others."""
    held = _held(self)
    refused = []
    for one in json.loads(self.body)["CostAllocationTagsStatus"]:
        if one["Status"] in STATUSES:
            held[one["TagKey"]] = one["Status"]
        else:
            message = f"Status must be one of {', '.join(STATUSES)}"
            refused.append(
                {"TagKey": one["TagKey"], "Code": "ValidationException", "Message": message}
            )
    return json.dumps({"Errors": refused})


def list_cost_allocation_tags(self: CostExplorerResponse) -> str:
    """Every tag ever switched on or off."""
    asked = json.loads(self.body or "{}")
    found = [
        {"TagKey": key, "Type": "UserDefined", "Status": status}
        for key, status in sorted(_held(self).items())
        if asked.get("Status") in (None, status)
    ]
    return json.dumps({"CostAllocationTags": found})


def _held(response: CostExplorerResponse) -> dict[str, Any]:
    held: dict[str, Any] = response.ce_backend.__dict__.setdefault(KEPT_AS, {})
    return held
