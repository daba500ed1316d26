"""CloudWatch log groups and metric alarms."""

from __future__ import annotations

from typing import Any

from sandbox.provider.errors import RefusedError
from sandbox.provider.handlers import documents
from sandbox.provider.handlers.base import (
    Aws,
    Facts,
    Handler,
    PutHandler,
    Values,
    capitalised,
    given,
    gone_tags,
    names,
    tag_list,
)
from sandbox.provider.identity import Identity

RETENTIONS = {
    0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557,
    2922, 3288, 3653,
}  # fmt: skip
ALARM = {
    "AlarmName": "name",
    "AlarmDescription": "alarmDescription",
    "ComparisonOperator": "comparisonOperator",
    "EvaluationPeriods": "evaluationPeriods",
    "DatapointsToAlarm": "datapointsToAlarm",
    "Threshold": "threshold",
    "MetricName": "metricName",
    "Namespace": "namespace",
    "Period": "period",
    "Statistic": "statistic",
    "ExtendedStatistic": "extendedStatistic",
    "TreatMissingData": "treatMissingData",
    "EvaluateLowSampleCountPercentile": "evaluateLowSampleCountPercentiles",
    "Unit": "unit",
    "ThresholdMetricId": "thresholdMetricId",
    "AlarmActions": "alarmActions",
    "OKActions": "okActions",
    "InsufficientDataActions": "insufficientDataActions",
    "ActionsEnabled": "actionsEnabled",
}


class LogGroup(Handler):
    """A log group."""

    token = "aws:cloudwatch/logGroup:LogGroup"
    known = names("name namePrefix retentionInDays kmsKeyId logGroupClass skipDestroy")
    replaced_by = names("name logGroupClass")
    tagged = True
    named_by = "name"
    unstated = {"logGroupClass": "STANDARD"}
    name_pattern = r"[\.\-_/#A-Za-z0-9]{1,512}"

    def validate(self, inputs: Facts) -> None:
        if inputs.get("retentionInDays", 0) not in RETENTIONS:
            raise RefusedError(
                f"retentionInDays {inputs['retentionInDays']} is no value AWS offers"
            )

    def outputs(self, inputs: Values, facts: Values, identity: Identity) -> Facts:
        return {
            "arn": identity.arn("logs", f"log-group:{inputs['name']}"),
            "logGroupClass": inputs.get("logGroupClass") or "STANDARD",
        }

    def create(self, aws: Aws, inputs: Values) -> Facts:
        aws.client("logs").create_log_group(
            tags=dict(inputs["tagsAll"]),
            **given(
                inputs, logGroupName="name", kmsKeyId="kmsKeyId", logGroupClass="logGroupClass"
            ),
        )
        return {}

    def settle(self, aws: Aws, inputs: Values, facts: Values) -> None:
        logs, name = aws.client("logs"), inputs["name"]
        if days := inputs.get("retentionInDays"):
            logs.put_retention_policy(logGroupName=name, retentionInDays=days)

    def update(self, aws: Aws, inputs: Values, old: Values, facts: Values) -> None:
        logs, name = aws.client("logs"), inputs["name"]
        arn = self.outputs(inputs, facts, aws.identity)["arn"]
        if old.get("retentionInDays") and not inputs.get("retentionInDays"):
            logs.delete_retention_policy(logGroupName=name)
        self._set_key(logs, name, inputs.get("kmsKeyId"))
        if gone := gone_tags(inputs, old):
            logs.untag_resource(resourceArn=arn, tagKeys=gone)
        logs.tag_resource(resourceArn=arn, tags=dict(inputs["tagsAll"]))
        self.settle(aws, inputs, facts)

    def _set_key(self, logs: Any, name: str, key: str | None) -> None:
        found = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
        current = next((one.get("kmsKeyId") for one in found if one["logGroupName"] == name), None)
        if key and key != current:
            logs.associate_kms_key(logGroupName=name, kmsKeyId=key)
        elif current and not key:
            logs.disassociate_kms_key(logGroupName=name)

    def live(self, aws: Aws, inputs: Values, facts: Values) -> Facts | None:
        logs = aws.client("logs")
        found = logs.describe_log_groups(logGroupNamePrefix=inputs["name"])["logGroups"]
        for group in found:
            if group["logGroupName"] == inputs["name"]:
                return {
                    "retentionInDays": group.get("retentionInDays"),
                    "kmsKeyId": group.get("kmsKeyId"),
                    "logGroupClass": group.get("logGroupClass", "STANDARD"),
                }
        return None

    def find(self, aws: Aws, inputs: Values) -> tuple[Facts, dict[str, str]] | None:
        arn = self.outputs(inputs, {}, aws.identity)["arn"]
        return {}, dict(aws.client("logs").list_tags_for_resource(resourceArn=arn)["tags"])

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        if not inputs.get("skipDestroy"):
            aws.client("logs").delete_log_group(logGroupName=inputs["name"])


class LogResourcePolicy(PutHandler):
    """Which services may write to log groups."""

    token = "aws:cloudwatch/logResourcePolicy:LogResourcePolicy"
    known = names("policyName policyDocument")
    replaced_by = names("policyName")
    named_by = "policyName"

    def validate(self, inputs: Facts) -> None:
        inputs["policyDocument"] = documents.policy(inputs["policyDocument"], documents.LOGS)

    def settle(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("logs").put_resource_policy(
            policyName=inputs["policyName"], policyDocument=inputs["policyDocument"]
        )

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("logs").delete_resource_policy(policyName=inputs["policyName"])


class NamedAlarm(PutHandler):
    """What metric and composite alarms have in common."""

    tagged = True
    name_pattern = r".{1,255}"

    def outputs(self, inputs: Values, facts: Values, identity: Identity) -> Facts:
        return {
            "arn": identity.arn("cloudwatch", f"alarm:{self.identify(inputs, facts, identity)}"),
            "actionsEnabled": inputs.get("actionsEnabled", True),
        }

    def update(self, aws: Aws, inputs: Values, old: Values, facts: Values) -> None:
        self.settle(aws, inputs, facts)
        arn = self.outputs(inputs, facts, aws.identity)["arn"]
        cloudwatch = aws.client("cloudwatch")
        if gone := gone_tags(inputs, old):
            cloudwatch.untag_resource(ResourceARN=arn, TagKeys=gone)
        cloudwatch.tag_resource(ResourceARN=arn, Tags=tag_list(inputs))

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        name = self.identify(inputs, facts, aws.identity)
        aws.client("cloudwatch").delete_alarms(AlarmNames=[name])


class MetricAlarm(NamedAlarm):
    """An alarm on a metric or an expression over metrics."""

    token = "aws:cloudwatch/metricAlarm:MetricAlarm"
    known = frozenset(ALARM.values()) | names("dimensions metricQueries")
    replaced_by = names("name")
    named_by = "name"

    def outputs(self, inputs: Values, facts: Values, identity: Identity) -> Facts:
        treatment = {"treatMissingData": inputs.get("treatMissingData") or "missing"}
        return {**super().outputs(inputs, facts, identity), **treatment}

    def settle(self, aws: Aws, inputs: Values, facts: Values) -> None:
        request = given(inputs, **ALARM)
        if inputs.get("dimensions"):
            request["Dimensions"] = _dimensions(inputs["dimensions"])
        if inputs.get("metricQueries"):
            request["Metrics"] = [_metric_query(query) for query in inputs["metricQueries"]]
        aws.client("cloudwatch").put_metric_alarm(Tags=tag_list(inputs), **request)


def _dimensions(dimensions: Values) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in sorted(dimensions.items())]


def _metric_query(query: Values) -> dict[str, Any]:
    request: dict[str, Any] = capitalised({k: v for k, v in query.items() if k != "metric"})
    if metric := query.get("metric"):
        request["MetricStat"] = {
            "Metric": {
                **given(metric, MetricName="metricName", Namespace="namespace"),
                "Dimensions": _dimensions(metric.get("dimensions") or {}),
            },
            **given(metric, Period="period", Stat="stat", Unit="unit"),
        }
    return request


HANDLERS = (LogGroup(), LogResourcePolicy(), MetricAlarm())
