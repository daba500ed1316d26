"""Where the outcome of an asynchronous invocation goes when a function says so."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sandbox.authorization import judge
from sandbox.event_targets import send_to_queue
from sandbox.trust import TrustError

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox

log = logging.getLogger(__name__)

SERVICE = "lambda.amazonaws.com"
CALLS = {"sqs": "SendMessage", "sns": "Publish"}


def asynchronous_settings(function: Any) -> dict[str, Any]:
    """The function's event invoke configuration; empty when it has none."""
    configured = function.event_invoke_config
    return dict(configured[-1].config) if configured else {}


def destinations(config: Any) -> list[str]:
    """The ARNs that a DestinationConfig names."""
    outcomes = (config or {}).values()
    return [str(one["Destination"]) for one in outcomes if one and one.get("Destination")]


def lacking(sandbox: Sandbox, role: str, arn: str) -> str:
    """The call that a function's role may not make to a destination; empty when it may send.

    "Make sure that your execution role has the required permissions" ("Capturing records of Lambda
    asynchronous invocations", AWS Lambda).
    """
    service, region = arn.split(":")[2:4]
    call = CALLS.get(service)
    if call is None:
        return ""
    decision = judge(sandbox.principal_of(role, SERVICE), f"{service}:{call}", arn, region, {})
    return "" if decision.allowed else f"{call} on {service.upper()}"


def report(sandbox: Sandbox, function: Any, event: Any, payload: Any, failed: bool) -> None:
    """Tell the destination for this outcome, and keep a failed event in the dead-letter queue."""
    told = asynchronous_settings(function).get("DestinationConfig") or {}
    arn = (told.get("OnFailure" if failed else "OnSuccess") or {}).get("Destination")
    if arn:
        _send(sandbox, function, arn, json.dumps(_record(function, event, payload, failed)))
    dead_letters = (getattr(function, "dead_letter_config", None) or {}).get("TargetArn")
    if failed and dead_letters:
        _send(sandbox, function, dead_letters, json.dumps(event))


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


def _send(sandbox: Sandbox, function: Any, arn: str, text: str) -> None:
    try:
        missing = lacking(sandbox, function.role, arn)
    except TrustError as error:
        missing = str(error)
    if missing:
        log.warning("%s may not tell %s of an outcome: %s", function.function_name, arn, missing)
    elif ":sqs:" in arn:
        send_to_queue(arn, text)
    elif ":sns:" in arn:
        from moto.sns.models import sns_backends

        region, account = arn.split(":")[3:5]
        sns_backends[account][region].publish(message=text, arn=arn)
    else:
        log.warning("a failed event has no way to %s", arn)
