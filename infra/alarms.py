"""The alarms of a release: they exist before the endpoint, and any of them rolls a release back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from infra.base import Part, Scope
from modelyard.functions.live import CHALLENGER, MAIN
from modelyard.functions.withdrawal import METRIC, NAMESPACE


@dataclass(frozen=True)
class ReleaseAlarmsArgs:
    """Whose endpoint is watched, who hears of it, and from where on a release is bad."""

    scope: Scope
    alert_topic: pulumi.Output[str]
    serving: Mapping[str, Any]


@dataclass(frozen=True)
class Watch:
    """One alarm: more than `threshold`, in so many of so many minutes."""

    what: str
    description: str
    namespace: str
    metric: str
    dimensions: Mapping[str, str]
    threshold: float
    statistic: str
    datapoints: int = 1
    periods: int = 1


class ReleaseAlarms(Part):
    """Server errors, slow answers, worse quality, drift, and `abort`, the one that is ours to pull.

    An endpoint that is absent or idle publishes nothing: that is no breach.
    """

    names: tuple[str, ...]

    def __init__(self, name: str, args: ReleaseAlarmsArgs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("modelyard:delivery:ReleaseAlarms", name, opts)
        self._args = args
        watches = tuple(release_watches(args.scope, args.serving))
        made = [self._alarm(watch) for watch in watches]
        self.names = tuple(args.scope.name(watch.what) for watch in watches)
        self.register_outputs({"arns": [alarm.arn for alarm in made]})

    def _alarm(self, watch: Watch) -> aws.cloudwatch.MetricAlarm:
        percentile = watch.statistic.startswith("p")
        return aws.cloudwatch.MetricAlarm(
            self.child(watch.what.removeprefix("endpoint-")),
            name=self._args.scope.name(watch.what),
            alarm_description=watch.description,
            namespace=watch.namespace,
            metric_name=watch.metric,
            dimensions=watch.dimensions,
            statistic=None if percentile else watch.statistic,
            extended_statistic=watch.statistic if percentile else None,
            comparison_operator="GreaterThanThreshold",
            threshold=watch.threshold,
            period=60,
            evaluation_periods=watch.periods,
            datapoints_to_alarm=watch.datapoints,
            treat_missing_data="notBreaching",
            alarm_actions=[self._args.alert_topic],
            ok_actions=None if watch.what == "abort" else [self._args.alert_topic],
            opts=self.inside,
        )


def release_watches(scope: Scope, serving: Mapping[str, Any]) -> Iterator[Watch]:
    """What a release is judged by; ten at most, AWS takes no more.

    AWS adds up what the old and the new fleet answer, under one variant's name. Hence errors are
    counted, not averaged (a canary's are not thinned by the others' good answers), and latency is
    the 99th percentile, which moves as soon as more than one request of a hundred is slow.
    """
    if serving["mode"] == "batch":
        return
    rollout = serving["rollout"]
    yield from _variant_watches(scope, rollout, MAIN, "endpoint")
    if rollout["strategy"] == "ab":
        yield from _variant_watches(scope, rollout, CHALLENGER, CHALLENGER)
    ours = {"Project": scope.project, "Environment": scope.environment}
    if scope.environment == "prod" and "quality_drop" in rollout:
        yield Watch(
            "release-quality",
            "The model's measured quality has dropped too far below its evaluation",
            NAMESPACE,
            "QualityDrop",
            ours,
            rollout["quality_drop"],
            "Maximum",
        )
    if scope.environment == "prod":
        yield Watch(
            "release-drift",
            "What is asked differs too much from what the model was trained on",
            NAMESPACE,
            "DriftScore",
            ours,
            rollout["drift"],
            "Maximum",
        )
    description = f"Somebody aborts the release: one data point of {METRIC}"
    yield Watch("abort", description, NAMESPACE, METRIC, ours, 0, "Sum")


def _variant_watches(
    scope: Scope, rollout: Mapping[str, Any], variant: str, what: str
) -> Iterator[Watch]:
    endpoint = {"EndpointName": scope.prefix, "VariantName": variant}
    yield Watch(
        f"{what}-errors",
        f"The {what} answers with server errors",
        "AWS/SageMaker",
        "Invocation5XXErrors",
        endpoint,
        rollout["errors_per_minute"],
        "Sum",
        # Two bad minutes of three: one failed request alone undoes no release.
        datapoints=2,
        periods=3,
    )
    yield Watch(
        f"{what}-latency",
        f"One request of a hundred to the {what} takes longer than {rollout['latency_ms']} ms",
        "AWS/SageMaker",
        "ModelLatency",
        endpoint,
        # In microseconds: what the container takes, without SageMaker's own overhead.
        rollout["latency_ms"] * 1000,
        "p99",
        datapoints=3,
        periods=3,
    )
