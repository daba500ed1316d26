"""One request to a variant: sent, timed, counted and, where it succeeded, captured."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sandbox.compute.capture import Exchange
from sandbox.compute.connections import UNANSWERED, Reply
from sandbox.compute.invocation_metrics import Invocation
from sandbox.compute.variants import Variant

INFERENCE_ID = "X-Amzn-SageMaker-Inference-Id"


@dataclass(frozen=True)
class Asked:
    """What the model is sent, and when the request came in."""

    body: bytes
    headers: Mapping[str, str]
    began: float  # as time.perf_counter tells it


def ask(variant: Variant, asked: Asked) -> Reply:
    """The model's reply to a request that somebody waits for."""
    return _ask(variant, asked, None, variant.meter.count)


def sent(variant: Variant, asked: Asked, timeout: float) -> Reply:
    """The model's reply to a queued request, of which CloudWatch hears less."""
    return _ask(variant, asked, timeout, variant.meter.count_queued)


def _ask(
    variant: Variant,
    asked: Asked,
    timeout: float | None,
    count: Callable[[Invocation, int], None],
) -> Reply:
    """A model that does not answer replies 500."""
    began = time.perf_counter()
    try:
        reply = variant.ask(asked.body, asked.headers, timeout)
    except UNANSWERED as error:
        reply = Reply(500, {}, f"The model server does not answer: {error}".encode())
    took = time.perf_counter() - began
    count(Invocation(reply.status, took, began - asked.began), variant.count)
    if variant.capture is not None and reply.status < 400:
        variant.capture.record(
            Exchange(
                asked.body,
                asked.headers.get("Content-Type", ""),
                reply.body,
                content_type(reply),
                asked.headers.get(INFERENCE_ID),
            )
        )
    return reply


def content_type(reply: Reply) -> str:
    """What the model says its answer is."""
    return reply.headers.get("content-type", "application/octet-stream")
