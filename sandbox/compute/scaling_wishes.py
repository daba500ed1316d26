"""What policies want of an endpoint variant, from its metrics and alarms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandbox.compute.operations import Scope
from sandbox.compute.scaling_decision import COOLDOWN, LOW_MINUTES, stepped, tracked
from sandbox.compute.scaling_rules import INVOCATIONS
from sandbox.compute.scaling_targets import policies, variant_of
from sandbox.metrics import MINUTE, Metric, Place


@dataclass(frozen=True)
class Wish:
    """A policy wants a target to have another number of instances."""

    scope: Scope
    target: Any
    count: int
    policy: str
    cause: str
    cooldown_out: float
    cooldown_in: float


def tracking_wish(scope: Scope, target: Any, now: float) -> Wish | None:
    """The largest number of instances that a tracking policy wants."""
    found = variant_of(scope, target.resource_id)
    if found is None:
        return None
    current, wishes = found[1].desired_count, []
    for policy in policies(scope, target.resource_id):
        config = policy.target_tracking_scaling_policy_configuration
        if config is None:
            continue
        values = _values(scope, target.resource_id, config, now)
        count = tracked(values, config["TargetValue"], current)
        if count is None or (count < current and config.get("DisableScaleIn")):
            continue
        cause = f"{_name(config)} was {values[-1]:g}, target {config['TargetValue']:g},"
        out = config.get("ScaleOutCooldown", COOLDOWN)
        back = config.get("ScaleInCooldown", COOLDOWN)
        wishes.append(Wish(scope, target, count, policy.policy_name, cause, out, back))
    return max(wishes, key=lambda wish: wish.count) if wishes else None


def step_wish(scope: Scope, target: Any, policy: Any, alarm: Any, now: float) -> Wish | None:
    """What a step scaling policy wants that an alarm calls."""
    found = variant_of(scope, target.resource_id)
    config = policy.step_scaling_policy_configuration
    if found is None or config is None:
        return None
    count = stepped(config, _breach(scope, alarm, now), found[1].desired_count)
    if count is None:
        return None
    cause = f"monitor alarm {alarm.name} in state ALARM"
    wait = config.get("Cooldown", COOLDOWN)
    return Wish(scope, target, count, policy.policy_name, cause, wait, wait)


def _values(scope: Scope, resource_id: str, config: Any, now: float) -> list[float | None]:
    """The metric's statistic in each of the last minutes."""
    metric, statistic, unit = _metric(resource_id, config)
    series = scope.sandbox.metrics.series(Place(scope.account, scope.region), metric)
    end = now - now % MINUTE
    starts = [end - MINUTE * back for back in range(LOW_MINUTES, 0, -1)]
    return [series.collect(start, start + MINUTE, unit).statistic(statistic) for start in starts]


def _breach(scope: Scope, alarm: Any, now: float) -> float:
    """How far the alarm's metric was beyond its threshold last."""
    dimensions = {item.name: item.value for item in alarm.dimensions}
    metric = Metric.of(alarm.namespace, alarm.metric_name, dimensions)
    series = scope.sandbox.metrics.series(Place(scope.account, scope.region), metric)
    span = float(alarm.period) * int(alarm.evaluation_periods)
    moments = series.moments(now - span - MINUTE, now + 1)
    statistic = alarm.statistic or alarm.extended_statistic
    value = series.collect(moments[-1], now + 1).statistic(statistic) if moments else None
    threshold = float(alarm.threshold)
    return (threshold if value is None else value) - threshold


def _name(config: Any) -> str:
    customized = config.get("CustomizedMetricSpecification")
    return str(customized["MetricName"]) if customized else INVOCATIONS


def _metric(resource_id: str, config: Any) -> tuple[Metric, str, str | None]:
    """What a tracking policy tracks: metric, statistic, unit."""
    customized = config.get("CustomizedMetricSpecification")
    if customized:
        dimensions = {item["Name"]: item["Value"] for item in customized.get("Dimensions") or ()}
        metric = Metric.of(customized["Namespace"], customized["MetricName"], dimensions)
        return metric, customized["Statistic"], customized.get("Unit")
    _, endpoint, _, variant = resource_id.split("/")
    dimensions = {"EndpointName": endpoint, "VariantName": variant}
    return Metric.of("AWS/SageMaker", "InvocationsPerInstance", dimensions), "Sum", None
