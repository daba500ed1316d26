"""InvokeEndpoint: a request to the model server and its answer, as the SDK sees them."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from moto.sagemaker.models import sagemaker_backends
from moto.sagemakerruntime.responses import SageMakerRuntimeResponse

from sandbox.compute.capture import Exchange
from sandbox.compute.connections import UNANSWERED, Reply
from sandbox.compute.endpoint import Endpoint
from sandbox.compute.fleet import Fleet, ModelServer

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox

ATTRIBUTES = "X-Amzn-SageMaker-Custom-Attributes"
INFERENCE_ID = "X-Amzn-SageMaker-Inference-Id"
TARGET = "X-Amzn-SageMaker-Target-Variant"
FORWARDED = ("Content-Type", "Accept", ATTRIBUTES, INFERENCE_ID)
LARGEST_BODY = 6 * 1024 * 1024

Answer = tuple[int, dict[str, Any], bytes]


def invoke(self: SageMakerRuntimeResponse) -> Answer:
    """Answer one InvokeEndpoint request."""
    name = unquote(self.path.split("/")[2])
    endpoint = sagemaker_backends[self.current_account][self.region].endpoints.get(name)
    fleet = endpoint.hold() if endpoint else None
    if fleet is None:
        message = f"Endpoint {name} of account {self.current_account} not found."
        return _error(400, "ValidationError", {"Message": message})
    try:
        if len(self.body) > LARGEST_BODY:
            message = f"Request size {len(self.body)} exceeds the maximum of {LARGEST_BODY} bytes"
            return _error(400, "ValidationError", {"Message": message})
        return _invoke(self, endpoint, fleet)
    finally:
        fleet.__exit__()


def _invoke(self: SageMakerRuntimeResponse, endpoint: Endpoint, fleet: Fleet) -> Answer:
    wanted = self.headers.get(TARGET)
    if wanted and wanted not in fleet.servers:
        message = f"Variant {wanted} not found for endpoint {endpoint.endpoint_name}"
        return _error(400, "ValidationError", {"Message": message})
    server = fleet.servers[wanted] if wanted else _chosen(endpoint, fleet)
    headers = {name: self.headers[name] for name in FORWARDED if self.headers.get(name)}
    try:
        reply = server.connections.request("POST", "/invocations", self.body, headers)
    except UNANSWERED as error:
        reply = Reply(500, {}, f"The model server does not answer: {error}".encode())
    if reply.status >= 400:
        return _model_error(self, endpoint, server, reply)
    content_type = reply.headers.get("content-type", "application/octet-stream")
    capture = fleet.captures.get(server.name)
    if capture is not None:
        request_type = headers.get("Content-Type", "")
        inference_id = headers.get(INFERENCE_ID)
        capture.record(Exchange(self.body, request_type, reply.body, content_type, inference_id))
    answer = {
        "status": 200,
        "Content-Type": content_type,
        "x-Amzn-Invoked-Production-Variant": server.name,
    }
    if attributes := reply.headers.get(ATTRIBUTES.lower()):
        answer[ATTRIBUTES] = attributes
    return 200, answer, reply.body


def _chosen(endpoint: Endpoint, fleet: Fleet) -> ModelServer:
    """A variant by weight."""
    if len(fleet.servers) == 1:
        return next(iter(fleet.servers.values()))
    weights = {item["VariantName"]: item["CurrentWeight"] for item in endpoint.production_variants}
    names = list(fleet.servers)
    (name,) = random.choices(names, [weights.get(name, 1.0) for name in names])
    return fleet.servers[name]


def _model_error(
    self: SageMakerRuntimeResponse, endpoint: Endpoint, server: ModelServer, reply: Reply
) -> Answer:
    kind = "client" if reply.status < 500 else "server"
    said = reply.body.decode("utf-8", "replace")
    group = f"/aws/sagemaker/Endpoints/{endpoint.endpoint_name}"
    return _error(
        424,
        "ModelError",
        {
            "Message": f'Received {kind} error ({reply.status}) from {server.name} with message "'
            f'{said}". See log group {group} in account {self.current_account} for more '
            "information.",
            "OriginalStatusCode": reply.status,
            "OriginalMessage": said,
            "LogStreamArn": f"arn:aws:logs:{self.region}:{self.current_account}:log-group:{group}",
        },
    )


def _error(status: int, code: str, members: dict[str, Any]) -> Answer:
    headers = {"status": status, "Content-Type": "application/json", "x-amzn-ErrorType": code}
    return status, headers, json.dumps(members).encode()


def refuse(self: SageMakerRuntimeResponse) -> Answer:
    """Asynchronous inference would have to queue; moto's answer would be made up."""
    message = "InvokeEndpointAsync is not supported by this sandbox"
    return _error(400, "ValidationError", {"Message": message})


def install(sandbox: Sandbox) -> None:
    """Replace moto's canned answers."""
    SageMakerRuntimeResponse.use_raw_body = True
    SageMakerRuntimeResponse.invoke_endpoint = invoke
    SageMakerRuntimeResponse.invoke_endpoint_async = refuse
