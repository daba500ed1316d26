"""EventBridge rules that are schedules: they fire on the sandbox's clock, in UTC."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from moto.events.exceptions import ValidationException
from moto.events.models import EventsBackend, Rule, events_backends

from sandbox.events import Event
from sandbox.schedule_expressions import At, ScheduleExpressionError, read_expression
from sandbox.schedules import Recurrence

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox


def install(sandbox: Sandbox) -> None:
    """Set a timer for each rule with a schedule."""
    put = EventsBackend.put_rule
    delete = EventsBackend.delete_rule

    def put_rule(self: EventsBackend, *args: Any, **kwargs: Any) -> Rule:
        text = kwargs.get("scheduled_expression")
        if text:
            _check(text)
        rule = put(self, *args, **kwargs)
        if text:
            _arm(sandbox, rule)
        else:
            sandbox.schedules.disarm(rule.arn)
        return rule

    def delete_rule(self: EventsBackend, name: str, event_bus_arn: str | None) -> None:
        delete(self, name, event_bus_arn)
        if event_bus_arn in (None, "default"):
            place = f"{self.region_name}:{self.account_id}"
            sandbox.schedules.disarm(f"arn:aws:events:{place}:rule/{name}")

    EventsBackend.put_rule = put_rule
    EventsBackend.delete_rule = delete_rule


def _check(text: str) -> None:
    try:
        once = isinstance(read_expression(text), At)
    except ScheduleExpressionError:
        once = True
    if once:
        raise ValidationException("Parameter ScheduleExpression is not valid.")


def _arm(sandbox: Sandbox, rule: Rule) -> None:
    """A rate is due for the first time when its period is over."""
    expression = read_expression(str(rule.scheduled_expression))
    anchor = sandbox.schedules.anchor(rule.arn, expression) or sandbox.clock.now()
    account, region = rule.account_id, rule.region_name

    def due(moment: datetime) -> None:
        found = events_backends[account][region].event_buses["default"].rules.get(rule.name)
        if found is None or found.arn != rule.arn or not found.scheduled_expression:
            sandbox.schedules.disarm(rule.arn)
        elif found.state != "DISABLED":
            event = Event(
                account, region, "aws.events", "Scheduled Event", {}, (rule.arn,), time=moment
            )
            sandbox.events.fire(found, event)

    recurrence = Recurrence(expression, anchor, counts_anchor=False)
    sandbox.schedules.arm(rule.arn, recurrence, due)
