"""What monitoring measured last of each served model: three metrics, 500 of them in a call."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from modelyard.fleet.account import Account
from modelyard.fleet.facts import Measured
from modelyard.functions.findings import HEARTBEAT, NAMESPACE

Key = tuple[str, str]
Metric = Literal["drift", "quality", "heartbeat"]
# By which name and statistic of a day it is published.
METRICS: dict[Metric, tuple[str, str]] = {
    "drift": ("DriftScore", "Maximum"),
    "quality": ("Quality", "Minimum"),
    "heartbeat": (HEARTBEAT, "Minimum"),
}
# GetMetricData takes 500 queries and gives 100,800 data points a page.
MOST = 500
_DAY = 86_400


def batches(served: Sequence[Key]) -> Iterator[list[tuple[Key, Metric]]]:
    """The questions about these environments, as many as a call takes."""
    asked = [(key, metric) for key in served for metric in METRICS]
    for start in range(0, len(asked), MOST):
        yield asked[start : start + MOST]


def newest(
    account: Account, asked: Sequence[tuple[Key, Metric]], now: datetime, days: int
) -> dict[tuple[Key, Metric], Measured]:
    """The last day of each metric that has data in the days before now."""
    pages = (
        account.clients["cloudwatch"]
        .get_paginator("get_metric_data")
        .paginate(
            MetricDataQueries=[
                _query(f"m{place}", key, metric) for place, (key, metric) in enumerate(asked)
            ],
            StartTime=midnight(now) - timedelta(days=days),
            EndTime=now,
            ScanBy="TimestampDescending",
        )
    )
    found: dict[tuple[Key, Metric], Measured] = {}
    for page in pages:
        for one in page["MetricDataResults"]:
            if one["Timestamps"]:
                question = asked[int(one["Id"][1:])]
                found.setdefault(question, Measured(one["Values"][0], one["Timestamps"][0]))
    return found


def midnight(moment: datetime) -> datetime:
    """The beginning of a day: data points of a day begin there."""
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _query(name: str, key: Key, metric: Metric) -> dict[str, Any]:
    published, statistic = METRICS[metric]
    project, environment = key
    return {
        "Id": name,
        "MetricStat": {
            "Metric": {
                "Namespace": NAMESPACE,
                "MetricName": published,
                "Dimensions": [
                    {"Name": "Project", "Value": project},
                    {"Name": "Environment", "Value": environment},
                ],
            },
            "Period": _DAY,
            "Stat": statistic,
        },
    }
