"""EventBridge Scheduler: schedules that are due on the sandbox's clock, and what AWS refuses."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from moto.scheduler.exceptions import ValidationException
from moto.scheduler.models import EventBridgeSchedulerBackend, Schedule, scheduler_backends
from moto.scheduler.responses import EventBridgeSchedulerResponse

from sandbox.schedule_calls import TARGETS, UNIVERSAL
from sandbox.schedule_expressions import Expression, ScheduleExpressionError, read_expression
from sandbox.schedule_targets import SERVICE, Invoker, Occurrence
from sandbox.schedules import Recurrence
from sandbox.trust import TrustError, role_by_arn, service_may_assume

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox

START_IN_THE_PAST = timedelta(minutes=5)


def install(sandbox: Sandbox) -> None:
    """Check a schedule before moto stores it, and set its timer."""
    invoker = Invoker(sandbox)
    create = EventBridgeSchedulerBackend.create_schedule
    update = EventBridgeSchedulerBackend.update_schedule
    delete = EventBridgeSchedulerBackend.delete_schedule
    delete_group = EventBridgeSchedulerBackend.delete_schedule_group
    answer_update = EventBridgeSchedulerResponse.update_schedule

    def create_schedule(self: EventBridgeSchedulerBackend, *args: Any, **kwargs: Any) -> Any:
        expression = _check(sandbox, kwargs)
        schedule = create(self, *args, **kwargs)
        _arm(sandbox, invoker, schedule, expression)
        return schedule

    def update_schedule(self: EventBridgeSchedulerBackend, *args: Any, **kwargs: Any) -> Any:
        expression = _check(sandbox, kwargs)
        schedule = update(self, *args, **kwargs)
        schedule.state = schedule.state or "ENABLED"
        _arm(sandbox, invoker, schedule, expression)
        return schedule

    def answered_update(self: EventBridgeSchedulerResponse) -> str:
        answer = answer_update(self)
        name = self.uri.split("?")[0].split("/")[-1]
        found = self.scheduler_backend.get_schedule(self._get_param("GroupName"), name)
        found.action_after_completion = self._get_param("ActionAfterCompletion")
        return answer

    def delete_schedule(
        self: EventBridgeSchedulerBackend, group_name: str | None, name: str
    ) -> None:
        arn = self.get_schedule(group_name, name).arn
        delete(self, group_name, name)
        sandbox.schedules.disarm(arn)

    def delete_schedule_group(self: EventBridgeSchedulerBackend, name: str | None) -> None:
        for schedule in list(self.get_schedule_group(name).schedules.values()):
            sandbox.schedules.disarm(schedule.arn)
        delete_group(self, name)

    EventBridgeSchedulerBackend.create_schedule = create_schedule
    EventBridgeSchedulerBackend.update_schedule = update_schedule
    EventBridgeSchedulerBackend.delete_schedule = delete_schedule
    EventBridgeSchedulerBackend.delete_schedule_group = delete_schedule_group
    EventBridgeSchedulerResponse.update_schedule = answered_update
    # moto compares with the time of the world.
    Schedule._validate_start_date = lambda self, start_date: start_date


def _arm(sandbox: Sandbox, invoker: Invoker, schedule: Schedule, expression: Expression) -> None:
    """A rate without a start begins at once ("Rate-based schedules")."""
    if schedule.state != "ENABLED":
        sandbox.schedules.disarm(schedule.arn)
        return
    region, account = schedule.arn.split(":")[3:5]
    held = sandbox.schedules.anchor(schedule.arn, expression)
    anchor = _moment(schedule.start_date) or held or sandbox.clock.now()
    recurrence = Recurrence(expression, anchor, _moment(schedule.end_date))

    def found() -> bool:
        group = scheduler_backends[account][region].schedule_groups.get(schedule.group_name)
        return group is not None and group.schedules.get(schedule.name) is schedule

    def due(moment: datetime) -> None:
        if found():
            invoker.invoke(Occurrence(schedule.arn, schedule.target, moment))
        else:
            sandbox.schedules.disarm(schedule.arn)

    def over() -> None:
        if schedule.action_after_completion == "DELETE" and found():
            scheduler_backends[account][region].delete_schedule(schedule.group_name, schedule.name)

    sandbox.schedules.arm(schedule.arn, recurrence, due, over)


def _check(sandbox: Sandbox, stated: dict[str, Any]) -> Expression:
    target = stated["target"]
    _check_role(target)
    _check_target(target)
    window = stated["flexible_time_window"] or {}
    if (window.get("Mode") == "FLEXIBLE") != bool(window.get("MaximumWindowInMinutes")):
        raise ValidationException(
            "MaximumWindowInMinutes must be provided for, and only for, FlexibleTimeWindow Mode "
            "FLEXIBLE."
        )
    start, end = _moment(stated["start_date"]), _moment(stated["end_date"])
    if start and start < sandbox.clock.now() - START_IN_THE_PAST:
        raise ValidationException("The StartDate you specify cannot be earlier than 5 minutes ago.")
    if start and end and end <= start:
        raise ValidationException("The EndDate you specify must come after the StartDate.")
    zone = stated["schedule_expression_timezone"] or "UTC"
    try:
        return read_expression(str(stated["schedule_expression"]), zone)
    except ScheduleExpressionError as error:
        text = stated["schedule_expression"]
        raise ValidationException(f"Invalid Schedule Expression {text}: {error}.") from None


def _check_target(target: dict[str, Any]) -> None:
    arn = str(target["Arn"])
    kind = arn.split(":")[2]
    if not arn.startswith(UNIVERSAL) and kind not in TARGETS:
        raise NotImplementedError(f"a schedule with a target of kind {kind}")
    if kind == "events" and not target.get("EventBridgeParameters"):
        raise ValidationException("EventBridgeParameters are required for an event bus.")
    if target.get("Input") and (kind == "lambda" or arn.startswith(UNIVERSAL)):
        try:
            json.loads(target["Input"])
        except ValueError:
            raise ValidationException("Invalid Input: it must be valid JSON.") from None
    queue = str((target.get("DeadLetterConfig") or {}).get("Arn") or "")
    if queue.endswith(".fifo"):
        raise ValidationException("A dead-letter queue must be a standard queue.")


def _check_role(target: dict[str, Any]) -> None:
    try:
        role, account = role_by_arn(str(target["RoleArn"]))
        service_may_assume(role, account, SERVICE)
    except TrustError:
        raise ValidationException(
            "The execution role you provide must allow AWS EventBridge Scheduler to assume the "
            "role."
        ) from None


def _moment(value: Any) -> datetime | None:
    return datetime.fromtimestamp(float(value), UTC) if value else None
