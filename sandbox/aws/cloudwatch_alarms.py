"""CloudWatch alarms: refused as AWS refuses them, and handed to what evaluates them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from moto.cloudwatch.exceptions import InvalidFormat, ResourceNotFound, ValidationError
from moto.cloudwatch.models import Alarm
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult, EmptyResult

from sandbox.alarm_checks import checked_rule, checked_watch, refuse_common
from sandbox.alarm_history import history
from sandbox.cloudwatch import composite
from sandbox.metric_queries import metric_of
from sandbox.metrics import Place

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox

PAGE, MOST = 50, 100
STATES = ("OK", "ALARM", "INSUFFICIENT_DATA")


def install(sandbox: Sandbox) -> None:
    """Replace what moto stores and never looks at."""
    store = CloudWatchResponse.put_metric_alarm
    described = CloudWatchResponse.describe_alarms

    def put_metric_alarm(self: CloudWatchResponse) -> ActionResult:
        parameters = self._get_params()
        refuse_common(parameters, self.region)
        watch = checked_watch(parameters)
        before = self.cloudwatch_backend.alarms.get(str(parameters["AlarmName"]))
        store(self)
        _settle(sandbox, self, before, parameters, watch=watch)
        return EmptyResult()

    def put_composite_alarm(self: CloudWatchResponse) -> ActionResult:
        parameters = self._get_params()
        refuse_common(parameters, self.region)
        rule = checked_rule(parameters, self.cloudwatch_backend)
        before = self.cloudwatch_backend.alarms.get(str(parameters["AlarmName"]))
        store(self)
        _settle(sandbox, self, before, parameters, rule=rule)
        return EmptyResult()

    def set_alarm_state(self: CloudWatchResponse) -> ActionResult:
        parameters = self._get_params()
        alarm = self.cloudwatch_backend.alarms.get(str(parameters["AlarmName"]))
        state, data = parameters["StateValue"], parameters.get("StateReasonData")
        if alarm is None:
            raise ResourceNotFound
        if state not in STATES:
            raise ValidationError(
                f"1 validation error detected: Value '{state}' at 'stateValue' failed to satisfy "
                "constraint: Member must satisfy enum value set: [INSUFFICIENT_DATA, ALARM, OK]"
            )
        try:
            json.loads(data or "{}")
        except ValueError:
            raise InvalidFormat("StateReasonData is not JSON") from None
        place = Place(self.current_account, self.region)
        sandbox.alarms.set_state(place, alarm, state, str(parameters["StateReason"]), data)
        return EmptyResult()

    def delete_alarms(self: CloudWatchResponse) -> ActionResult:
        names = list(self._get_param("AlarmNames") or ())
        alarms = self.cloudwatch_backend.alarms
        for other in alarms.values():
            used = set(other.modelyard_rule.alarms) & set(names) if other.rule else set()
            if used and other.name not in names:
                raise ValidationError(
                    f"Cannot delete {sorted(used)[0]} as there are composite alarm(s) depending on "
                    f"it: {other.name}"
                )
        self.cloudwatch_backend.delete_alarms(names)
        return EmptyResult()

    def describe_alarms(self: CloudWatchResponse) -> ActionResult:
        return ActionResult(_page(described(self).result, self._get_params()))

    def describe_alarms_for_metric(self: CloudWatchResponse) -> ActionResult:
        wanted = metric_of(self._get_params())
        alarms = [a for a in self.cloudwatch_backend.alarms.values() if a.rule is None]
        single = [a for a in alarms if a.modelyard_watch.single]
        found = [a for a in single if a.modelyard_watch.single.metric == wanted]
        return ActionResult({"MetricAlarms": found})

    def describe_alarm_history(self: CloudWatchResponse) -> ActionResult:
        return ActionResult(
            {
                "AlarmHistoryItems": history(
                    list(self.cloudwatch_backend.alarms.values()), self._get_params()
                )
            }
        )

    for operation in (
        put_metric_alarm,
        put_composite_alarm,
        set_alarm_state,
        delete_alarms,
        describe_alarms,
        describe_alarms_for_metric,
        describe_alarm_history,
    ):
        setattr(CloudWatchResponse, operation.__name__, operation)


def _page(found: Mapping[str, Any], asked: Mapping[str, Any]) -> dict[str, Any]:
    """A page over both kinds of alarms (DescribeAlarms, CloudWatch API reference)."""
    size, token = int(asked.get("MaxRecords") or PAGE), str(asked.get("NextToken") or "0")
    if not 1 <= size <= MOST:
        raise ValidationError(f"MaxRecords must be between 1 and {MOST}, not {size}")
    if not token.isdigit():
        raise ValidationError("NextToken is not one that was given out")
    types, state = asked.get("AlarmTypes") or ["MetricAlarm"], asked.get("StateValue")
    alarms = [
        (kind, alarm)
        for kind in ("CompositeAlarm", "MetricAlarm")
        if kind in types
        for alarm in found[f"{kind}s"]
        if state in (None, alarm.state_value)
    ]
    begin = int(token)
    shown = alarms[begin : begin + size]
    answer: dict[str, Any] = {
        f"{kind}s": [alarm for of, alarm in shown if of == kind]
        for kind in ("MetricAlarm", "CompositeAlarm")
    }
    if begin + size < len(alarms):
        answer["NextToken"] = str(begin + size)
    return answer


def _settle(
    sandbox: Sandbox,
    response: CloudWatchResponse,
    before: Alarm | None,
    parameters: Mapping[str, Any],
    watch: Any = None,
    rule: composite.Rule | None = None,
) -> None:
    """A new alarm knows nothing yet; a changed one keeps its state until it is evaluated."""
    alarm: Any = response.cloudwatch_backend.alarms[str(parameters["AlarmName"])]
    now = sandbox.clock.now().replace(tzinfo=None)
    alarm.configuration_updated_timestamp = now
    if before is None:
        alarm.state_value = "INSUFFICIENT_DATA"
        alarm.state_updated_timestamp = alarm.state_transitioned_timestamp = now
        alarm.state_reason_data = None
        alarm.modelyard_history = []
    else:
        for name in (
            "state_value",
            "state_reason",
            "state_reason_data",
            "state_updated_timestamp",
            "state_transitioned_timestamp",
            "modelyard_history",
        ):
            setattr(alarm, name, getattr(before, name))
    alarm.modelyard_parameters = dict(parameters)
    alarm.modelyard_watch, alarm.modelyard_rule = watch, rule
    sandbox.alarms.defined(Place(response.current_account, response.region), alarm)
