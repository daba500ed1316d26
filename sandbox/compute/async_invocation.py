"""InvokeEndpointAsync: the request is queued, and the answer says where the result will be."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from moto.sagemakerruntime.responses import SageMakerRuntimeResponse

from sandbox.compute.async_requests import AsyncRequest
from sandbox.compute.endpoint import Endpoint
from sandbox.compute.invocation import ATTRIBUTES, Answer, endpoint_of, not_found, refusal

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox

HEADER = "X-Amzn-SageMaker-"
FORWARDED = {
    "Content-Type": f"{HEADER}Content-Type",
    "Accept": f"{HEADER}Accept",
    ATTRIBUTES: ATTRIBUTES,
}
# Smallest, largest and default ("InvokeEndpointAsync").
LIVES = (60, 21600, 21600)
TIMES_OUT = (1, 3600, 900)
LARGEST_BODY = 128_000


class RequestError(ValueError):
    """A request that is refused, and why."""


def invoke(self: SageMakerRuntimeResponse) -> Answer:
    """Answer one InvokeEndpointAsync request."""
    endpoint = endpoint_of(self)
    if endpoint is None or endpoint.fleet is None or not endpoint.traffic.fleets:
        return not_found(self)
    config = endpoint.fleet.config.async_inference_config
    if not config or endpoint.queue is None:
        return refusal(f"Endpoint {endpoint.endpoint_name} has no AsyncInferenceConfig")
    try:
        request = read(endpoint, config["OutputConfig"], self.headers, self.body)
    except RequestError as error:
        return refusal(str(error))
    endpoint.queue.put(request)
    headers: dict[str, Any] = {"status": 202, "Content-Type": "application/json"}
    headers[f"{HEADER}OutputLocation"] = request.output
    if request.failure:
        headers[f"{HEADER}FailureLocation"] = request.failure
    return 202, headers, json.dumps({"InferenceId": request.id}).encode()


def read(
    endpoint: Endpoint, output: Mapping[str, Any], headers: Mapping[str, str], body: bytes
) -> AsyncRequest:
    """The request; a RequestError refuses it."""
    place = headers.get(f"{HEADER}InputLocation")
    if bool(place) == bool(body):
        raise RequestError("Provide exactly one of InputLocation and Body")
    if len(body) > LARGEST_BODY:
        raise RequestError(f"Body must not be larger than {LARGEST_BODY} bytes")
    if place and not place.startswith("s3://"):
        raise RequestError(f"InputLocation {place} is not understood here: give an s3:// URI")
    name = str(uuid.uuid4())
    extension = headers.get(f"{HEADER}S3OutputPathExtension", "").strip("/")
    base = "/".join(filter(None, (output["S3OutputPath"].rstrip("/"), extension)))
    failure = output.get("S3FailurePath")
    return AsyncRequest(
        id=headers.get(f"{HEADER}Inference-Id") or str(uuid.uuid4()),
        input=place or "",
        body=body or None,
        headers={sent: headers[name] for sent, name in FORWARDED.items() if headers.get(name)},
        output=f"{base}/{headers.get(f'{HEADER}Filename') or f'{name}.out'}",
        failure=f"{failure.rstrip('/')}/{name}-error.out" if failure else None,
        seconds_to_live=_seconds(headers, "RequestTTLSeconds", LIVES),
        timeout=_seconds(headers, "InvocationTimeoutSeconds", TIMES_OUT),
        received=endpoint.scope.sandbox.clock.now(),
    )


def _seconds(headers: Mapping[str, str], name: str, limits: tuple[int, int, int]) -> int:
    smallest, largest, default = limits
    text = headers.get(f"{HEADER}{name}")
    if text is None:
        return default
    if not text.isdigit() or not smallest <= int(text) <= largest:
        raise RequestError(f"{name} must be between {smallest} and {largest}: {text} is not")
    return int(text)


def install(sandbox: Sandbox) -> None:
    """Replace moto's canned answer."""
    SageMakerRuntimeResponse.invoke_endpoint_async = invoke
