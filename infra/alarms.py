"""The alarms of a release: they exist before the endpoint, and any of them rolls a release back."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.base import Part, Scope

VARIANT = "main"
NAMESPACE = "Modelyard"
ABORT_METRIC = "ReleaseAborted"
# ModelLatency is in microseconds: what the container takes, without SageMaker's own overhead.
SLOW_MICROSECONDS = 1_000_000
_ABORT, _ERRORS, _LATENCY = "abort", "endpoint-errors", "endpoint-latency"


@dataclass(frozen=True)
class ReleaseAlarmsArgs:
    """Whose endpoint is watched, and who hears of it."""

    scope: Scope
    alert_topic: pulumi.Output[str]


class ReleaseAlarms(Part):
    """Server errors, slow answers, and `abort`, the one that is ours to pull.

    An endpoint that is absent or idle publishes nothing: that is no breach.
    """

    names: tuple[str, ...]

    def __init__(self, name: str, args: ReleaseAlarmsArgs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("modelyard:delivery:ReleaseAlarms", name, opts)
        self._args = args
        endpoint = {"EndpointName": args.scope.prefix, "VariantName": VARIANT}
        common = {"treat_missing_data": "notBreaching", "period": 60, "opts": self.inside}
        errors = aws.cloudwatch.MetricAlarm(
            self.child("errors"),
            name=args.scope.name(_ERRORS),
            alarm_description="The endpoint answers with server errors",
            namespace="AWS/SageMaker",
            metric_name="Invocation5XXErrors",
            dimensions=endpoint,
            statistic="Sum",
            comparison_operator="GreaterThanThreshold",
            threshold=0,
            # Two bad minutes of three: one failed request alone undoes no release.
            evaluation_periods=3,
            datapoints_to_alarm=2,
            alarm_actions=[args.alert_topic],
            ok_actions=[args.alert_topic],
            **common,
        )
        latency = aws.cloudwatch.MetricAlarm(
            self.child("latency"),
            name=args.scope.name(_LATENCY),
            alarm_description="One request of a hundred takes longer than a second",
            namespace="AWS/SageMaker",
            metric_name="ModelLatency",
            dimensions=endpoint,
            extended_statistic="p99",
            comparison_operator="GreaterThanThreshold",
            threshold=SLOW_MICROSECONDS,
            evaluation_periods=3,
            datapoints_to_alarm=3,
            alarm_actions=[args.alert_topic],
            ok_actions=[args.alert_topic],
            **common,
        )
        abort = aws.cloudwatch.MetricAlarm(
            self.child("abort"),
            name=args.scope.name(_ABORT),
            alarm_description="Somebody aborts the release: one data point of ReleaseAborted",
            namespace=NAMESPACE,
            metric_name=ABORT_METRIC,
            dimensions={"Project": args.scope.project, "Environment": args.scope.environment},
            statistic="Sum",
            comparison_operator="GreaterThanThreshold",
            threshold=0,
            evaluation_periods=1,
            alarm_actions=[args.alert_topic],
            **common,
        )
        self.names = tuple(args.scope.name(what) for what in (_ERRORS, _LATENCY, _ABORT))
        self.register_outputs({"arns": [errors.arn, latency.arn, abort.arn]})
