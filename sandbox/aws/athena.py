"""Athena's change of a workgroup, which moto lacks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from moto.athena.responses import AthenaResponse
from moto.core.exceptions import JsonRESTError

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox


def install(sandbox: Sandbox) -> None:
    """Answer UpdateWorkGroup."""
    AthenaResponse.update_work_group = update_work_group


def update_work_group(self: AthenaResponse) -> str:
    """Change what the request names and nothing else."""
    asked = json.loads(self.body)
    held = self.athena_backend.work_groups.get(asked["WorkGroup"])
    if held is None:
        raise JsonRESTError("InvalidRequestException", "WorkGroup is not found.")
    updates = dict(asked.get("ConfigurationUpdates") or {})
    results = updates.pop("ResultConfigurationUpdates", None)
    held.configuration.update(updates)
    if results:
        held.configuration["ResultConfiguration"] = {
            **held.configuration.get("ResultConfiguration", {}),
            **results,
        }
    held.description = asked.get("Description", held.description)
    held.state = asked.get("State", held.state)
    return "{}"
