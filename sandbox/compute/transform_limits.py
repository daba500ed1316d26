"""How a transform job makes its requests: what it says, what the container wants, what AWS does."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.compute.connections import UNANSWERED
from sandbox.compute.model_server import ModelServer
from sandbox.compute.transform_records import MEGABYTE

# "CreateTransformJob": what holds where neither the request nor the container says anything.
DEFAULTS = {"MaxConcurrentTransforms": 1, "MaxPayloadInMB": 6, "BatchStrategy": "MultiRecord"}
VARIABLES = {
    "MaxConcurrentTransforms": "SAGEMAKER_MAX_CONCURRENT_TRANSFORMS",
    "MaxPayloadInMB": "SAGEMAKER_MAX_PAYLOAD_IN_MB",
    "BatchStrategy": "SAGEMAKER_BATCH_STRATEGY",
}
STRATEGIES = {"MultiRecord": "MULTI_RECORD", "SingleRecord": "SINGLE_RECORD"}


@dataclass(frozen=True)
class Limits:
    """How requests are made."""

    concurrent: int
    largest: int
    single: bool
    timeout: int
    retries: int


def variables(parameters: Mapping[str, Any]) -> dict[str, str]:
    """What the container's environment says of the job ("How SageMaker Runs Your Image")."""
    own = {"SAGEMAKER_BATCH": "true"}
    for member, name in VARIABLES.items():
        if member in parameters:
            value = parameters[member]
            own[name] = STRATEGIES.get(value, str(value))
    return own | (parameters.get("Environment") or {})


def limits_of(server: ModelServer, parameters: Mapping[str, Any]) -> Limits:
    """The request's values, or the container's, or AWS's ("How Containers Serve Requests")."""
    values: dict[str, Any] = DEFAULTS | _execution_parameters(server)
    values |= {name: parameters[name] for name in DEFAULTS if parameters.get(name)}
    client = parameters.get("ModelClientConfig") or {}
    return Limits(
        int(values["MaxConcurrentTransforms"]),
        int(values["MaxPayloadInMB"]) * MEGABYTE,
        str(values["BatchStrategy"]).replace("_", "").lower() == "singlerecord",
        client.get("InvocationsTimeoutInSeconds", 600),
        client.get("InvocationsMaxRetries", 3),
    )


def _execution_parameters(server: ModelServer) -> dict[str, Any]:
    """What the container asks for; it need not ask."""
    try:
        reply = server.connections.request("GET", "/execution-parameters")
        wanted = json.loads(reply.body) if reply.status == 200 else {}
    except (*UNANSWERED, ValueError):
        return {}
    return {name: wanted[name] for name in DEFAULTS if isinstance(wanted, dict) and name in wanted}
