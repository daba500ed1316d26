"""What CloudWatch refuses of alarms, and what the sandbox does not carry out of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.cloudwatch.exceptions import InvalidParameterCombination, ValidationError
from moto.cloudwatch.models import CloudWatchBackend

from sandbox.alarm_actions import KINDS, kind_of
from sandbox.alarm_watch import Watch, read_watch
from sandbox.cloudwatch import composite
from sandbox.cloudwatch.judgement import COMPARISONS, TREATMENTS
from sandbox.cloudwatch.samples import is_extended
from sandbox.metric_queries import QueryError

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


def refuse_common(parameters: Mapping[str, Any], region: str) -> None:
    """What no alarm of either kind may ask for."""
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


def checked_watch(parameters: Mapping[str, Any]) -> Watch:
    """What a metric alarm watches; refused where AWS refuses it."""
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


def checked_rule(parameters: Mapping[str, Any], backend: CloudWatchBackend) -> composite.Rule:
    """A composite alarm's rule, over alarms that exist and do not lead back to it."""
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
