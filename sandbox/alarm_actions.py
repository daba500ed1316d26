"""Whom an alarm tells of a new state: the event bus always, its actions when they are enabled."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from moto.core.exceptions import ServiceException

from sandbox.alarm_messages import (
    Condition,
    event_detail,
    invocation,
    notification,
    subject,
)
from sandbox.authorization import service_decision
from sandbox.topics import PublicationError, publish_as

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox

log = logging.getLogger(__name__)

SERVICE = "cloudwatch.amazonaws.com"
FUNCTION_SERVICE = "lambda.alarms.cloudwatch.amazonaws.com"
KINDS = ("sns", "lambda", "autoscaling")


def kind_of(action: str) -> str:
    """The service that an action's ARN names."""
    return action.split(":")[2] if action.count(":") >= 5 else ""


def tell(sandbox: Sandbox, alarm: Any, account: str, new: Condition, old: Condition) -> list[str]:
    """Tell everybody; what could not be told, as the alarm's history says it."""
    sandbox.events.emit(
        account,
        alarm.region_name,
        "aws.cloudwatch",
        "CloudWatch Alarm State Change",
        event_detail(alarm, new, old),
        [alarm.alarm_arn],
    )
    if not alarm.actions_enabled:
        return []
    actions = {
        "ALARM": alarm.alarm_actions,
        "OK": alarm.ok_actions,
        "INSUFFICIENT_DATA": alarm.insufficient_data_actions,
    }[new.value]
    told = []
    for action in actions:
        try:
            _act(sandbox, alarm, account, action, new, old)
            told.append(f"Successfully executed action {action}")
        except (PublicationError, ServiceException, ClientError, KeyError) as error:
            log.warning("alarm %s did not reach %s: %s", alarm.name, action, error)
            told.append(f"Failed to execute action {action}. Received error: {error}")
    return told


def _act(
    sandbox: Sandbox, alarm: Any, account: str, action: str, new: Condition, old: Condition
) -> None:
    if kind_of(action) == "sns":
        publish_as(
            SERVICE,
            action,
            alarm.alarm_arn,
            notification(alarm, account, new, old),
            subject(alarm, new.value),
        )
        return
    if kind_of(action) == "autoscaling":
        return  # scaling policies listen to the alarms themselves
    context = {"aws:SourceArn": alarm.alarm_arn, "aws:SourceAccount": account}
    decision = service_decision(FUNCTION_SERVICE, "lambda:InvokeFunction", action, context)
    if not decision.allowed:
        raise PublicationError(f"{action} does not allow {FUNCTION_SERVICE}: {decision.reason}")
    sandbox.functions.invoke_later(action, json.dumps(invocation(alarm, account, new, old)))
