"""Releases as an operator sees them: the endpoint's state, and a push where an event got lost."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from modelyard.aws import Place, polls
from modelyard.errors import ReleaseError
from modelyard.registry import Package
from modelyard.workspace import Workspace


@dataclass(frozen=True)
class Endpoint:
    """An endpoint at one moment.

    Attributes:
        version: the model version it serves, by its configuration's name.
        coming: the version it will serve when a change that is under way succeeds.
    """

    name: str
    status: str
    version: int | None
    coming: int | None
    reason: str

    def serves(self, version: int) -> bool:
        return self.status == "InService" and self.version == version


def look(place: Place) -> Endpoint | None:
    """The environment's endpoint now; None before the first release."""
    sagemaker, name = place.client("sagemaker"), f"{place.project.name}-{place.environment}"
    try:
        described = sagemaker.describe_endpoint(EndpointName=name)
    except ClientError as error:
        if "Could not find" in error.response["Error"]["Message"]:
            return None
        raise
    config = described["EndpointConfigName"]
    pending = described.get("PendingDeploymentSummary", {}).get("EndpointConfigName", config)
    return Endpoint(
        name=name,
        status=described["EndpointStatus"],
        version=_version(name, config),
        coming=_version(name, pending),
        reason=described.get("FailureReason", ""),
    )


def _version(endpoint: str, config: str) -> int | None:
    named = re.match(rf"{re.escape(endpoint)}-v(\d+)", config)
    return int(named[1]) if named else None


def follow(place: Place) -> Iterator[Endpoint | None]:
    """The endpoint again and again."""
    for _ in polls(place.client("sagemaker")):
        yield look(place)


def push(place: Place, workspace: Workspace, package: Package) -> dict[str, Any]:
    """Asks the release function for what the approval's event should have done."""
    answer = place.client("lambda").invoke(
        FunctionName=workspace.release_function,
        Payload=json.dumps({"action": "release", "model_package_arn": package.arn}).encode(),
    )
    payload = json.loads(answer["Payload"].read() or b"null")
    if answer.get("FunctionError"):
        reason = payload.get("errorMessage", payload) if isinstance(payload, dict) else payload
        raise ReleaseError(f"the release function failed: {reason}")
    if payload.get("refused"):
        raise ReleaseError(f"release refused: {payload['refused']}")
    return dict(payload)
