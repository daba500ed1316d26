"""How EventBridge reaches each kind of target, with the permissions AWS asks for."""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from moto.core.exceptions import ServiceException

from sandbox.authorization import service_decision
from sandbox.service_keys import KeyRefusedError, require_key
from sandbox.topics import PublicationError, publish_as
from sandbox.trust import TrustError

if TYPE_CHECKING:
    from sandbox.events import Event
    from sandbox.runtime import Sandbox

log = logging.getLogger(__name__)

SERVICE = "events.amazonaws.com"
MOST_HOPS = 3


class DeliveryError(Exception):
    """A target that could not be reached, and why."""


def deliver(
    sandbox: Sandbox, event: Event, rule: str, target: Mapping[str, Any], text: str
) -> None:
    """Hand an event to one target; raises DeliveryError."""
    arn = str(target["Arn"])
    kind = arn.split(":")[2]
    send = SENDERS.get(kind)
    if send is None:
        raise DeliveryError(f"the sandbox has no target of kind {kind}")
    try:
        send(sandbox, event, rule, target, text)
    except PublicationError as error:
        raise DeliveryError(str(error)) from error
    except (TrustError, ClientError, ServiceException, KeyError, ValueError) as error:
        raise DeliveryError(f"{type(error).__name__}: {error}") from error


def to_dead_letters(
    event: Event, document: Mapping[str, Any], rule: str, target: Mapping[str, Any], why: str
) -> None:
    """Keep what could not be delivered in the target's dead-letter queue, if the rule may."""
    queue = (target.get("DeadLetterConfig") or {}).get("Arn")
    if not queue:
        return
    try:
        _require_queue(queue, rule)
    except DeliveryError as error:
        log.warning("rule %s has no way to its dead letters: %s", rule, error)
        return
    attributes = {
        "RULE_ARN": rule,
        "TARGET_ARN": str(target["Arn"]),
        "ERROR_CODE": "DELIVERY_FAILED",
        "ERROR_MESSAGE": why,
        "RETRY_ATTEMPTS": "0",
    }
    send_to_queue(
        queue,
        json.dumps(document, default=str),
        {k: {"DataType": "String", "StringValue": v} for k, v in attributes.items()},
    )


def send_to_queue(
    arn: str, text: str, attributes: Mapping[str, Any] | None = None, group: str | None = None
) -> None:
    """Put a message on a queue of the sandbox."""
    from moto.sqs.models import sqs_backends

    region, account, name = arn.split(":")[3:6]
    sqs_backends[account][region].send_message(
        name, text, message_attributes=dict(attributes or {}), group_id=group
    )


def _require(action: str, arn: str, rule: str, resource: str | None = None) -> None:
    context = {"aws:SourceArn": rule, "aws:SourceAccount": rule.split(":")[4]}
    if action == "lambda:InvokeFunction":
        # "A SourceAccount setting prevents EventBridge from being able to invoke the function"
        # ("Troubleshooting Amazon EventBridge").
        del context["aws:SourceAccount"]
    decision = service_decision(SERVICE, action, resource or arn, context)
    if not decision.allowed:
        raise DeliveryError(f"{arn} does not allow {SERVICE} {action}: {decision.reason}")


def _require_queue(arn: str, rule: str) -> None:
    """ "Using dead-letter queues to process undelivered events" asks for a statement per rule."""
    from moto.sqs.models import sqs_backends

    _require("sqs:SendMessage", arn, rule)
    region, account, name = arn.split(":")[3:6]
    queue = sqs_backends[account][region].queues.get(name)
    if queue is None:
        raise DeliveryError(f"{arn} does not exist")
    try:
        require_key(SERVICE, arn, getattr(queue, "kms_master_key_id", None), {})
    except KeyRefusedError as error:
        raise DeliveryError(str(error)) from None


def _to_function(
    sandbox: Sandbox, event: Event, rule: str, target: Mapping[str, Any], text: str
) -> None:
    _require("lambda:InvokeFunction", target["Arn"], rule)
    sandbox.functions.invoke_later(target["Arn"], text)


def _to_topic(
    sandbox: Sandbox, event: Event, rule: str, target: Mapping[str, Any], text: str
) -> None:
    publish_as(SERVICE, target["Arn"], rule, text)


def _to_queue(
    sandbox: Sandbox, event: Event, rule: str, target: Mapping[str, Any], text: str
) -> None:
    _require_queue(target["Arn"], rule)
    send_to_queue(
        target["Arn"], text, group=(target.get("SqsParameters") or {}).get("MessageGroupId")
    )


def _to_log_group(
    sandbox: Sandbox, event: Event, rule: str, target: Mapping[str, Any], text: str
) -> None:
    from moto.logs.models import logs_backends

    arn = str(target["Arn"]).removesuffix(":*")
    stream = str(uuid.uuid4())
    _require("logs:PutLogEvents", arn, rule, f"{arn}:log-stream:{stream}")
    region, account = arn.split(":")[3:5]
    group = arn.split(":log-group:", 1)[1]
    backend = logs_backends[account][region]
    backend.create_log_stream(group, stream)
    now = int(sandbox.clock.time() * 1000)
    backend.put_log_events(group, stream, [{"timestamp": now, "message": text}])


def _to_events_or_bus(
    sandbox: Sandbox, event: Event, rule: str, target: Mapping[str, Any], text: str
) -> None:
    """Another bus: the rule's role must be allowed to put events on it."""
    from sandbox.authorization import judge

    arn = str(target["Arn"])
    if event.hops >= MOST_HOPS:
        raise DeliveryError("the event has passed through too many buses")
    region, account = arn.split(":")[3:5]
    bus = arn.split(":event-bus/", 1)[1]
    from moto.events.models import events_backends

    if bus not in events_backends[account][region].event_buses:
        raise DeliveryError(f"{arn} does not exist")
    role = target.get("RoleArn")
    if role:
        principal = sandbox.principal_of(role, SERVICE)
        decision = judge(principal, "events:PutEvents", arn, region, {"aws:SourceArn": rule})
        if not decision.allowed:
            raise DeliveryError(f"{role} may not put events on {arn}: {decision.reason}")
    elif account != event.account:
        raise DeliveryError(f"{arn} is another account's bus: the target needs a role")
    sandbox.events.put(event.forwarded(account, region, bus))


def _to_pipeline(
    sandbox: Sandbox, event: Event, rule: str, target: Mapping[str, Any], text: str
) -> None:
    arn = str(target["Arn"])
    role = target.get("RoleArn")
    if not role:
        raise DeliveryError(f"{arn} needs a role that may start it")
    parameters = (target.get("SageMakerPipelineParameters") or {}).get("PipelineParameterList")
    client = sandbox.client("sagemaker", role, "EventBridge", SERVICE, arn.split(":")[3])
    client.start_pipeline_execution(
        PipelineName=arn.rsplit("/", 1)[-1], PipelineParameters=parameters or []
    )


Sender = Callable[["Sandbox", "Event", str, Mapping[str, Any], str], None]
SENDERS: Mapping[str, Sender] = {
    "events": _to_events_or_bus,
    "lambda": _to_function,
    "logs": _to_log_group,
    "sagemaker": _to_pipeline,
    "sns": _to_topic,
    "sqs": _to_queue,
}
