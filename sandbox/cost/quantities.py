"""How many billed units one resource of the graph is."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

Resource = Mapping[str, Any]
FAST_SECONDS: Final = 60
HOURS_PER_MONTH: Final = 730


@dataclass(frozen=True)
class Setting:
    """What a quantity may depend on besides its resource.

    Attributes:
        assumptions: prices.yaml's, by name.
        metric_owners: the resource that pays for each custom metric, by the metric's identity; a
            metric that three alarms watch is billed once.
    """

    assumptions: Mapping[str, float]
    metric_owners: Mapping[str, str]


Quantity = Callable[[Resource, Setting], float]


def metric_owners(resources: Iterable[Resource]) -> dict[str, str]:
    """The first resource that names each custom metric."""
    owners: dict[str, str] = {}
    for resource in resources:
        for metric in _custom_metrics(resource):
            owners.setdefault(metric, resource["urn"])
    return owners


def _assumed(name: str) -> Quantity:
    return lambda resource, setting: setting.assumptions[name]


def _one(resource: Resource, setting: Setting) -> float:
    return 1


def _rotations(resource: Resource, setting: Setting) -> float:
    return 2 if resource["inputs"].get("enableKeyRotation") else 0


def _interface_zones(resource: Resource, setting: Setting) -> float:
    """An interface endpoint is billed per zone; a gateway endpoint is not."""
    inputs = resource["inputs"]
    if inputs.get("vpcEndpointType", "Gateway") != "Interface":
        return 0
    return len(inputs.get("subnetIds") or inputs.get("subnetConfigurations") or ())


def _metrics(resource: Resource) -> list[Mapping[str, Any]]:
    """The metrics an alarm evaluates: its own, or those of its metric math."""
    inputs = resource["inputs"]
    queries = [query["metric"] for query in inputs.get("metricQueries", ()) if query.get("metric")]
    return queries or [inputs]


def _is_fast(metric: Mapping[str, Any]) -> bool:
    return int(metric.get("period") or FAST_SECONDS) < FAST_SECONDS


def _standard_alarm_metrics(resource: Resource, setting: Setting) -> float:
    return sum(not _is_fast(metric) for metric in _metrics(resource))


def _fast_alarm_metrics(resource: Resource, setting: Setting) -> float:
    return sum(_is_fast(metric) for metric in _metrics(resource))


def _custom_metrics(resource: Resource) -> list[str]:
    """Identities of the metrics that we publish, not AWS, as far as this resource names them."""
    if resource["type"].endswith(":LogMetricFilter"):
        made = resource["inputs"]["metricTransformation"]
        return [json.dumps([made["namespace"], made["name"], {}])]
    if not resource["type"].endswith(":MetricAlarm"):
        return []
    return [
        json.dumps(
            [metric["namespace"], metric["metricName"], metric.get("dimensions") or {}],
            sort_keys=True,
        )
        for metric in _metrics(resource)
        if metric.get("namespace") and not str(metric["namespace"]).startswith("AWS/")
    ]


def _paid_custom_metrics(resource: Resource, setting: Setting) -> float:
    """Custom metrics are prorated by the hours in which they receive data."""
    own = sum(
        setting.metric_owners[metric] == resource["urn"]
        for metric in set(_custom_metrics(resource))
    )
    return own * setting.assumptions["custom_metric_hours"] / HOURS_PER_MONTH


def _flow_log_gb(destination: str) -> Quantity:
    def quantity(resource: Resource, setting: Setting) -> float:
        goes = resource["inputs"].get("logDestinationType") or "cloud-watch-logs"
        return setting.assumptions["flow_log_gb"] if goes == destination else 0

    return quantity


QUANTITIES: Final[Mapping[str, Quantity]] = {
    "one": _one,
    "rotations": _rotations,
    "interface_zones": _interface_zones,
    "standard_alarm_metrics": _standard_alarm_metrics,
    "fast_alarm_metrics": _fast_alarm_metrics,
    "custom_metrics": _paid_custom_metrics,
    "log_gb": _assumed("log_gb"),
    "log_stored_gb": _assumed("log_stored_gb"),
    "image_gb": _assumed("image_gb"),
    "space_gb": _assumed("space_gb"),
    "home_gb": _assumed("home_gb"),
    "data_events": lambda resource, setting: setting.assumptions["data_events"] / 100_000,
    "flow_log_gb_to_logs": _flow_log_gb("cloud-watch-logs"),
    "flow_log_gb_to_s3": _flow_log_gb("s3"),
}
