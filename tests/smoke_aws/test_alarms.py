"""How soon an alarm on one datum is raised, and whether it comes back by itself: the `abort` alarm
of releases stands on both; the alarm and its metric cost less than a cent."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.smoke_aws.road import eventually

if TYPE_CHECKING:
    from tests.smoke_aws.road import Road

NAMESPACE, METRIC = "Modelyard/Smoke", "Aborted"


@pytest.fixture
def alarm(road: Road) -> Iterator[str]:
    """An alarm with the settings of `abort`."""
    name = f"{road.project.name}-dev-smoke-abort"
    cloudwatch = road.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        Namespace=NAMESPACE,
        MetricName=METRIC,
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="notBreaching",
    )
    yield name
    cloudwatch.delete_alarms(AlarmNames=[name])


def test_one_datum_raises_the_alarm_for_some_minutes(road: Road, alarm: str) -> None:
    cloudwatch = road.client("cloudwatch")

    def state() -> str:
        found = cloudwatch.describe_alarms(AlarmNames=[alarm])["MetricAlarms"]
        return str(found[0]["StateValue"])

    pause = 5 if road.on_aws else 0.1
    assert eventually(lambda: state() == "OK", 300 if road.on_aws else 10, pause)
    cloudwatch.put_metric_data(
        Namespace=NAMESPACE, MetricData=[{"MetricName": METRIC, "Value": 1, "Unit": "Count"}]
    )
    assert eventually(lambda: state() == "ALARM", 180 if road.on_aws else 10, pause)
    if not road.on_aws:
        later = json.dumps({"advance": 600}).encode()
        urllib.request.urlopen(f"{road.endpoint_url}/_modelyard/clock", later).close()
    assert eventually(lambda: state() == "OK", 600 if road.on_aws else 10, pause)
