"""What CloudWatch says when an alarm changes its state: to topics, functions and event buses."""

from __future__ import annotations

import functools
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import botocore.session

# How AWS abbreviates the alarm's metric in its message to a topic.
STATISTICS = {
    "SampleCount": "SAMPLE_COUNT",
    "Average": "AVERAGE",
    "Sum": "SUM",
    "Minimum": "MINIMUM",
    "Maximum": "MAXIMUM",
}


@dataclass(frozen=True)
class Condition:
    """An alarm's state and why it has it."""

    value: str
    reason: str
    reason_data: str | None
    since: datetime

    def document(self) -> dict[str, Any]:
        """As events carry it."""
        told = {"value": self.value, "reason": self.reason, "timestamp": stamp(self.since)}
        return {**told, "reasonData": self.reason_data} if self.reason_data else told


def stamp(when: datetime) -> str:
    """2026-11-21T10:00:00.000+0000"""
    return f"{when:%Y-%m-%dT%H:%M:%S}.{when.microsecond // 1000:03d}+0000"


def subject(alarm: Any, state: str) -> str:
    """The subject of the message to a topic, at most the 100 characters SNS takes."""
    return f'{state}: "{alarm.name}" in {region_name(alarm.region_name)}'[:100]


def notification(alarm: Any, account: str, new: Condition, old: Condition) -> str:
    """The message to a topic."""
    document: dict[str, Any] = {
        "AlarmName": alarm.name,
        "AlarmDescription": alarm.description,
        "AWSAccountId": account,
        "AlarmConfigurationUpdatedTimestamp": stamp(alarm.configuration_updated_timestamp),
        "NewStateValue": new.value,
        "NewStateReason": new.reason,
        "StateChangeTime": stamp(new.since),
        "Region": region_name(alarm.region_name),
        "AlarmArn": alarm.alarm_arn,
        "OldStateValue": old.value,
        "OKActions": alarm.ok_actions,
        "AlarmActions": alarm.alarm_actions,
        "InsufficientDataActions": alarm.insufficient_data_actions,
    }
    if alarm.rule is not None:
        document["AlarmRule"] = alarm.rule
    else:
        document["Trigger"] = _trigger(alarm)
    return json.dumps(document)


def invocation(alarm: Any, account: str, new: Condition, old: Condition) -> dict[str, Any]:
    """The event of a function that is an alarm's action ("Invoke a Lambda function from an
    alarm", Amazon CloudWatch User Guide)."""
    return {
        "source": "aws.cloudwatch",
        "alarmArn": alarm.alarm_arn,
        "accountId": account,
        "time": stamp(new.since),
        "region": alarm.region_name,
        "alarmData": event_detail(alarm, new, old),
    }


def event_detail(alarm: Any, new: Condition, old: Condition) -> dict[str, Any]:
    """The detail of a "CloudWatch Alarm State Change" event."""
    return {
        "alarmName": alarm.name,
        "state": new.document(),
        "previousState": old.document(),
        "configuration": _configuration(alarm),
    }


def _configuration(alarm: Any) -> dict[str, Any]:
    told: dict[str, Any] = {"description": alarm.description} if alarm.description else {}
    if alarm.rule is not None:
        return {**told, "alarmRule": alarm.rule}
    return {**told, "metrics": [_metric(query) for query in _queries(alarm)]}


def _queries(alarm: Any) -> list[Mapping[str, Any]]:
    parameters = alarm.modelyard_parameters
    if parameters.get("Metrics"):
        return list(parameters["Metrics"])
    stat = {
        "Metric": {n: parameters.get(n) for n in ("Namespace", "MetricName", "Dimensions")},
        "Period": parameters["Period"],
        "Stat": parameters.get("Statistic") or parameters.get("ExtendedStatistic"),
        "Unit": parameters.get("Unit"),
    }
    name = str(uuid.uuid5(uuid.NAMESPACE_URL, alarm.alarm_arn))
    return [{"Id": name, "MetricStat": stat, "ReturnData": True}]


def _metric(query: Mapping[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": query["Id"],
        "returnData": query.get("ReturnData", True) is not False,
    }
    for name in ("Expression", "Label", "Period"):
        if query.get(name):
            told[name.lower()] = query[name]
    if stat := query.get("MetricStat"):
        metric = stat["Metric"]
        told["metricStat"] = {
            "metric": {
                "namespace": metric["Namespace"],
                "name": metric["MetricName"],
                "dimensions": {d["Name"]: d["Value"] for d in metric.get("Dimensions") or ()},
            },
            "period": stat["Period"],
            "stat": stat["Stat"],
            **({"unit": stat["Unit"]} if stat.get("Unit") else {}),
        }
    return told


def _trigger(alarm: Any) -> dict[str, Any]:
    parameters = alarm.modelyard_parameters
    judged = {
        "EvaluationPeriods": alarm.evaluation_periods,
        "DatapointsToAlarm": alarm.datapoints_to_alarm or alarm.evaluation_periods,
        "ComparisonOperator": alarm.comparison_operator,
        "Threshold": alarm.threshold,
        "TreatMissingData": alarm.treat_missing_data or "missing",
        "EvaluateLowSampleCountPercentile": alarm.evaluate_low_sample_count_percentile or "",
    }
    if parameters.get("Metrics"):
        return {
            "Period": parameters["Metrics"][0].get("Period"),
            **judged,
            "Metrics": [dict(query) for query in parameters["Metrics"]],
        }
    return {
        "MetricName": alarm.metric_name,
        "Namespace": alarm.namespace,
        **_statistic(alarm),
        "Unit": alarm.unit,
        "Dimensions": [{"value": d.value, "name": d.name} for d in alarm.dimensions],
        "Period": alarm.period,
        **judged,
    }


def _statistic(alarm: Any) -> dict[str, str]:
    if alarm.extended_statistic:
        kind = {"StatisticType": "ExtendedStatistic"}
        return {**kind, "ExtendedStatistic": str(alarm.extended_statistic)}
    return {"StatisticType": "Statistic", "Statistic": STATISTICS[str(alarm.statistic)]}


@functools.cache
def region_name(region: str) -> str:
    """US East (N. Virginia)"""
    for partition in botocore.session.get_session().get_data("endpoints")["partitions"]:
        if region in partition["regions"]:
            return str(partition["regions"][region]["description"])
    return region
