"""Where the outcome of an asynchronous invocation goes when a function says so."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Any

from sandbox.event_targets import send_to_queue

log = logging.getLogger(__name__)


def asynchronous_settings(function: Any) -> dict[str, Any]:
    """The function's event invoke configuration; empty when it has none."""
    configured = function.event_invoke_config
    return dict(configured[-1].config) if configured else {}


def report(function: Any, event: Any, payload: Any, failed: bool) -> None:
    """Tell the destination for this outcome, and keep a failed event in the dead-letter queue."""
    destinations = asynchronous_settings(function).get("DestinationConfig") or {}
    arn = (destinations.get("OnFailure" if failed else "OnSuccess") or {}).get("Destination")
    if arn:
        _send(arn, json.dumps(_record(function, event, payload, failed)))
    dead_letters = (getattr(function, "dead_letter_config", None) or {}).get("TargetArn")
    if failed and dead_letters:
        _send(dead_letters, json.dumps(event))


def _record(function: Any, event: Any, payload: Any, failed: bool) -> dict[str, Any]:
    response: dict[str, Any] = {"statusCode": 200, "executedVersion": "$LATEST"}
    if failed:
        response["functionError"] = "Unhandled"
    return {
        "version": "1.0",
        "timestamp": datetime.now(UTC).isoformat(),
        "requestContext": {
            "functionArn": f"{function.function_arn}:$LATEST",
            "condition": "RetriesExhausted" if failed else "Success",
        },
        "requestPayload": event,
        "responseContext": response,
        "responsePayload": payload,
    }


def _send(arn: str, text: str) -> None:
    if ":sqs:" in arn:
        send_to_queue(arn, text)
    elif ":sns:" in arn:
        from moto.sns.models import sns_backends

        region, account = arn.split(":")[3:5]
        sns_backends[account][region].publish(message=text, arn=arn)
    else:
        log.warning("a failed event has no way to %s", arn)
