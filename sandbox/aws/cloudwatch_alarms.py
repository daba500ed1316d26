"""CloudWatch alarms: refused as AWS refuses them, and handed to what evaluates them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from moto.cloudwatch.exceptions import (
    InvalidFormat,
    InvalidParameterCombination,
    ResourceNotFound,
    ValidationError,
)
from moto.cloudwatch.models import Alarm, CloudWatchBackend
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult, EmptyResult

from sandbox.alarm_actions import KINDS, kind_of
from sandbox.alarm_watch import read_watch
from sandbox.cloudwatch import composite
from sandbox.cloudwatch.judgement import COMPARISONS, TREATMENTS
from sandbox.cloudwatch.samples import is_extended
from sandbox.metric_queries import QueryError, metric_of
from sandbox.metrics import Place

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox

DAY = 86_400
ACTIONS = ("OKActions", "AlarmActions", "InsufficientDataActions")
MOST_ACTIONS = 5
NOT_CARRIED_OUT = (
    "EvaluationWindow",
    "WarmUpConfiguration",
    "EvaluationCriteria",
    "EvaluationInterval",
    "ThresholdMetricId",
    "ActionsSuppressor",
)
STATES = ("OK", "ALARM", "INSUFFICIENT_DATA")


def install(sandbox: Sandbox) -> None:
    """Replace what moto stores and never looks at."""
    store = CloudWatchResponse.put_metric_alarm
    described = CloudWatchResponse.describe_alarms

    def put_metric_alarm(self: CloudWatchResponse) -> ActionResult:
        parameters = self._get_params()
        _refuse_common(parameters, self.region)
        watch = _watch(parameters)
        before = self.cloudwatch_backend.alarms.get(str(parameters["AlarmName"]))
        store(self)
        _settle(sandbox, self, before, parameters, watch=watch)
        return EmptyResult()

    def put_composite_alarm(self: CloudWatchResponse) -> ActionResult:
        parameters = self._get_params()
        _refuse_common(parameters, self.region)
        rule = _rule(parameters, self.cloudwatch_backend)
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
        types = self._get_param("AlarmTypes") or ["MetricAlarm"]
        result = described(self).result
        return ActionResult(
            {
                "MetricAlarms": result["MetricAlarms"] if "MetricAlarm" in types else [],
                "CompositeAlarms": result["CompositeAlarms"] if "CompositeAlarm" in types else [],
            }
        )

    def describe_alarms_for_metric(self: CloudWatchResponse) -> ActionResult:
        wanted = metric_of(self._get_params())
        alarms = [a for a in self.cloudwatch_backend.alarms.values() if a.rule is None]
        single = [a for a in alarms if a.modelyard_watch.single]
        found = [a for a in single if a.modelyard_watch.single.metric == wanted]
        return ActionResult({"MetricAlarms": found})

    def describe_alarm_history(self: CloudWatchResponse) -> ActionResult:
        return ActionResult({"AlarmHistoryItems": _history(self)})

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


def _refuse_common(parameters: Mapping[str, Any], region: str) -> None:
    for name in NOT_CARRIED_OUT:
        if parameters.get(name) is not None:
            raise NotImplementedError(f"{name} of an alarm is not carried out")
    for name in ACTIONS:
        actions = list(parameters.get(name) or ())
        if len(actions) > MOST_ACTIONS:
            raise ValidationError(
                f"The collection {name} must not have a size greater than {MOST_ACTIONS}."
            )
        for action in actions:
            if kind_of(action) not in KINDS:
                raise NotImplementedError(
                    f"the alarm action {action} is none of SNS, Lambda and Auto Scaling"
                )
            if action.split(":")[3] != region:
                raise ValidationError(
                    f"Invalid region {action.split(':')[3]} specified. Only {region} is supported."
                )


def _watch(parameters: Mapping[str, Any]) -> Any:
    comparison = parameters.get("ComparisonOperator")
    if comparison not in COMPARISONS:
        raise NotImplementedError(f"the comparison {comparison} of an alarm is not carried out")
    _refuse_mixtures(parameters)
    for name in ("EvaluationPeriods", "Threshold"):
        if parameters.get(name) is None:
            raise ValidationError(f"The parameter {name} is required.")
    evaluated = int(parameters["EvaluationPeriods"])
    if not 1 <= int(parameters.get("DatapointsToAlarm") or evaluated) <= evaluated:
        raise ValidationError("DatapointsToAlarm must be at least 1 and at most EvaluationPeriods.")
    treatment = parameters.get("TreatMissingData") or "missing"
    if treatment not in TREATMENTS:
        raise ValidationError(
            f"Option {treatment} is not supported. Supported options for parameter "
            f"TreatMissingData are {', '.join(TREATMENTS)}."
        )
    few = parameters.get("EvaluateLowSampleCountPercentile")
    if few not in (None, "evaluate", "ignore"):
        raise ValidationError(
            f"Option {few} is not supported. Supported options for parameter "
            "EvaluateLowSampleCountPercentile are evaluate and ignore."
        )
    try:
        watch = read_watch(parameters)
    except QueryError as error:
        raise ValidationError(str(error)) from None
    if watch.period in (1, 5):
        raise ValidationError("Period of an alarm must be 10, 20, 30 or a multiple of 60.")
    longest, words = (7 * DAY, "7 days") if watch.period >= 3600 else (DAY, "a day")
    if watch.period * evaluated > longest:
        raise ValidationError(
            f"Metrics cannot be checked across more than {words} "
            f"(EvaluationPeriods * Period must be <= {longest})."
        )
    return watch


def _refuse_mixtures(parameters: Mapping[str, Any]) -> None:
    """An alarm is on one metric or on Metrics, with one statistic of either kind."""
    simple = [
        name
        for name in ("MetricName", "Namespace", "Statistic", "ExtendedStatistic", "Period")
        if parameters.get(name) is not None
    ]
    if parameters.get("Metrics"):
        if simple:
            raise ValidationError(f"Metrics list and {simple[0]} cannot be specified together.")
        return
    for name in ("MetricName", "Namespace", "Period"):
        if name not in simple:
            raise ValidationError(f"The parameter {name} is required.")
    if ("Statistic" in simple) == ("ExtendedStatistic" in simple):
        raise InvalidParameterCombination(
            "Exactly one of Statistic and ExtendedStatistic must be specified."
        )
    extended = parameters.get("ExtendedStatistic")
    if extended and not is_extended(extended):
        raise ValidationError(f"The sandbox does not compute the statistic {extended}.")


def _rule(parameters: Mapping[str, Any], backend: CloudWatchBackend) -> composite.Rule:
    try:
        rule = composite.parse(str(parameters["AlarmRule"]))
    except composite.RuleError as error:
        raise ValidationError(f"AlarmRule must not contain unexpected input: {error}") from None
    if absent := [name for name in rule.alarms if name not in backend.alarms]:
        raise ValidationError(
            f"Could not save the composite alarm as alarms [{', '.join(absent)}] in the alarm "
            "rule do not exist"
        )
    if str(parameters["AlarmName"]) in _reached(rule, backend):
        raise ValidationError("Could not save the composite alarm: its rule leads back to it")
    return rule


def _reached(rule: composite.Rule, backend: CloudWatchBackend) -> set[str]:
    reached: set[str] = set()
    left = list(rule.alarms)
    while left:
        name = left.pop()
        if name not in reached:
            reached.add(name)
            further: composite.Rule | None = getattr(backend.alarms[name], "modelyard_rule", None)
            left += further.alarms if further else ()
    return reached


def _history(response: CloudWatchResponse) -> list[dict[str, Any]]:
    parameters = response._get_params()
    name, kind = parameters.get("AlarmName"), parameters.get("HistoryItemType")
    types = parameters.get("AlarmTypes") or ["MetricAlarm"]
    items = []
    for alarm in response.cloudwatch_backend.alarms.values():
        is_of = "MetricAlarm" if alarm.rule is None else "CompositeAlarm"
        if name not in (None, alarm.name) or (name is None and is_of not in types):
            continue
        for when, what, summary, new, old in alarm.modelyard_history:
            if kind in (None, what):
                data = {"version": "1.0", "oldState": _state(old), "newState": _state(new)}
                items.append(
                    {
                        "AlarmName": alarm.name,
                        "AlarmType": is_of,
                        "Timestamp": when,
                        "HistoryItemType": what,
                        "HistorySummary": summary,
                        "HistoryData": json.dumps(data),
                    }
                )
    since = _aware(parameters.get("StartDate"), datetime.min.replace(tzinfo=UTC))
    until = _aware(parameters.get("EndDate"), datetime.max.replace(tzinfo=UTC))
    items = [item for item in items if since <= item["Timestamp"] <= until]
    items.sort(
        key=lambda item: item["Timestamp"], reverse=parameters.get("ScanBy") != "TimestampAscending"
    )
    return items[: int(parameters.get("MaxRecords") or 100)]


def _state(condition: Any) -> dict[str, Any]:
    return {"stateValue": condition.value, "stateReason": condition.reason}


def _aware(when: datetime | None, default: datetime) -> datetime:
    if when is None:
        return default
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when
