"""InvokeEndpoint: a request to the model server and its answer, as the SDK sees them."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from moto.sagemaker.models import sagemaker_backends
from moto.sagemakerruntime.responses import SageMakerRuntimeResponse

from sandbox.compute import shadow
from sandbox.compute.asking import INFERENCE_ID, Asked, ask, content_type
from sandbox.compute.connections import Reply
from sandbox.compute.endpoint import Endpoint
from sandbox.compute.fleet import Fleet
from sandbox.compute.variants import Variant

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox

ATTRIBUTES = "X-Amzn-SageMaker-Custom-Attributes"
TARGET = "X-Amzn-SageMaker-Target-Variant"
FORWARDED = ("Content-Type", "Accept", ATTRIBUTES, INFERENCE_ID)
LARGEST_BODY = 6 * 1024 * 1024
LARGEST_SERVERLESS_BODY = 4 * 1024 * 1024  # "Invoke a serverless endpoint"

Answer = tuple[int, dict[str, Any], bytes]


def invoke(self: SageMakerRuntimeResponse) -> Answer:
    """Answer one InvokeEndpoint request."""
    headers = {name: self.headers[name] for name in FORWARDED if self.headers.get(name)}
    asked = Asked(self.body, headers, time.perf_counter())
    endpoint = endpoint_of(self)
    fleet = endpoint.traffic.hold() if endpoint else None
    if endpoint is None or fleet is None:
        return not_found(self)
    try:
        return _invoke(endpoint, fleet, asked, self.headers.get(TARGET))
    finally:
        fleet.release()


def endpoint_of(self: SageMakerRuntimeResponse) -> Endpoint | None:
    """The endpoint that a request's path names."""
    name = unquote(self.path.split("/")[2])
    endpoint: Endpoint | None = sagemaker_backends[self.current_account][self.region].endpoints.get(
        name
    )
    return endpoint


def not_found(self: SageMakerRuntimeResponse) -> Answer:
    """The refusal of an endpoint that does not serve."""
    name = unquote(self.path.split("/")[2])
    return refusal(f"Endpoint {name} of account {self.current_account} not found.")


def refusal(message: str) -> Answer:
    """A ValidationError."""
    return _error(400, "ValidationError", {"Message": message})


def _invoke(endpoint: Endpoint, fleet: Fleet, asked: Asked, wanted: str | None) -> Answer:
    if fleet.config.async_inference_config:
        # "endpoint can only receive asynchronous invocations" ("Asynchronous inference").
        return refusal(
            f"Endpoint {endpoint.endpoint_name} has an AsyncInferenceConfig: use "
            "InvokeEndpointAsync"
        )
    if wanted and wanted not in fleet.variants:
        return refusal(f"Variant {wanted} not found for endpoint {endpoint.endpoint_name}")
    variant = fleet.variants[wanted] if wanted else fleet.choose()
    largest = LARGEST_SERVERLESS_BODY if variant.serverless else LARGEST_BODY
    if len(asked.body) > largest:
        message = f"Request size {len(asked.body)} exceeds the maximum of {largest} bytes"
        return refusal(message)
    if not variant.enter():
        # "any endpoint invocations beyond the maximum are throttled" ("Serverless Inference").
        return _error(429, "ThrottlingException", {"Message": "Rate exceeded"})
    try:
        shadow.mirror(fleet, variant, asked)
        return _answer(endpoint, variant, asked, ask(variant, asked))
    finally:
        variant.leave()


def _answer(endpoint: Endpoint, variant: Variant, asked: Asked, reply: Reply) -> Answer:
    if reply.status >= 400:
        return _model_error(endpoint, variant, reply)
    answer = {
        "status": 200,
        "Content-Type": content_type(reply),
        "x-Amzn-Invoked-Production-Variant": variant.name,
    }
    if attributes := reply.headers.get(ATTRIBUTES.lower()):
        answer[ATTRIBUTES] = attributes
    return 200, answer, reply.body


def _model_error(endpoint: Endpoint, variant: Variant, reply: Reply) -> Answer:
    kind = "client" if reply.status < 500 else "server"
    said = reply.body.decode("utf-8", "replace")
    group = f"/aws/sagemaker/Endpoints/{endpoint.endpoint_name}"
    scope = endpoint.scope
    return _error(
        424,
        "ModelError",
        {
            "Message": f'Received {kind} error ({reply.status}) from {variant.name} with message "'
            f'{said}". See log group {group} in account {scope.account} for more information.',
            "OriginalStatusCode": reply.status,
            "OriginalMessage": said,
            "LogStreamArn": f"arn:aws:logs:{scope.region}:{scope.account}:log-group:{group}",
        },
    )


def _error(status: int, code: str, members: dict[str, Any]) -> Answer:
    headers = {"status": status, "Content-Type": "application/json", "x-amzn-ErrorType": code}
    return status, headers, json.dumps(members).encode()


def install(sandbox: Sandbox) -> None:
    """Replace moto's canned answers."""
    SageMakerRuntimeResponse.use_raw_body = True
    SageMakerRuntimeResponse.invoke_endpoint = invoke
