"""Metrics are put and told as CloudWatch does it."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError


def put(account: Any, *data: dict[str, Any], namespace: str = "Shop") -> None:
    account.client("cloudwatch").put_metric_data(
        Namespace=namespace, MetricData=[{"MetricName": "Latency", **datum} for datum in data]
    )


def told(account: Any, stat: str, period: int = 60, **more: Any) -> list[tuple[datetime, float]]:
    query = {
        "Id": "q",
        "MetricStat": {
            "Metric": {"Namespace": "Shop", "MetricName": "Latency", **more},
            "Period": period,
            "Stat": stat,
        },
    }
    return asked(account, [query])


def asked(account: Any, queries: list[dict[str, Any]]) -> list[tuple[datetime, float]]:
    minute = account.now().replace(second=0, microsecond=0)
    [result] = account.client("cloudwatch").get_metric_data(
        MetricDataQueries=queries,
        StartTime=minute - timedelta(minutes=10),
        EndTime=minute + timedelta(minutes=10),
        ScanBy="TimestampAscending",
    )["MetricDataResults"]
    return list(zip(result["Timestamps"], result["Values"], strict=True))


@pytest.mark.parametrize(
    ("statistic", "expected"),
    [
        ("SampleCount", 100),
        ("Sum", 1090),
        ("Average", 10.9),
        ("Minimum", 10),
        ("Maximum", 100),
        ("p50", 10),
        ("p99", 10),
        ("p99.5", 100),
        ("p100", 100),
        ("tm99", 10),
        ("IQM", 10),
    ],
)
def test_a_statistic_is_what_it_says(still: Any, statistic: str, expected: float) -> None:
    put(still, {"Values": [10, 100], "Counts": [99, 1]})
    [(_, value)] = told(still, statistic)
    assert value == pytest.approx(expected)


def test_a_statistic_set_tells_all_but_percentiles(still: Any) -> None:
    put(
        still,
        {"StatisticValues": {"SampleCount": 4, "Sum": 20, "Minimum": 2, "Maximum": 8}},
        {"Value": 30},
    )
    assert [value for _, value in told(still, "Average")] == [10]
    assert [value for _, value in told(still, "Maximum")] == [30]
    assert told(still, "p90") == []


def test_negative_values_have_no_percentiles(still: Any) -> None:
    put(still, {"Value": -1}, {"Value": 1})
    assert told(still, "p50") == []


def test_data_without_a_time_belong_to_now_on_the_clock(still: Any) -> None:
    still.advance(3 * 24 * 3600)
    minute = still.now().replace(second=0, microsecond=0)
    put(still, {"Value": 1})
    assert told(still, "Sum") == [(minute, 1)]


def test_periods_count_from_the_start_and_empty_ones_are_left_out(still: Any) -> None:
    still.to_the_minute()
    now = still.now()
    minute = now.replace(second=0, microsecond=0)
    put(still, *({"Value": n, "Timestamp": now - timedelta(minutes=n)} for n in (1, 2, 6)))
    start = minute - timedelta(minutes=10)
    assert told(still, "Sum", 300) == [(start, 6), (start + timedelta(minutes=5), 3)]


def test_dimensions_match_exactly_or_not_at_all(still: Any) -> None:
    variant = {"Name": "Variant", "Value": "main"}
    put(still, {"Value": 1, "Dimensions": [variant]})
    assert told(still, "Sum") == []
    assert told(still, "Sum", Dimensions=[{**variant, "Value": "other"}]) == []
    assert [value for _, value in told(still, "Sum", Dimensions=[variant])] == [1]


def test_high_resolution_is_kept_only_when_asked_for(still: Any) -> None:
    still.to_the_minute()
    now = still.now() + timedelta(seconds=15)
    put(
        still,
        {"Value": 1, "Timestamp": now},
        {"Value": 2, "Timestamp": now, "StorageResolution": 1},
    )
    assert [value for _, value in told(still, "Sum", 10)] == [1, 2]


def test_expressions_are_computed_over_metrics(still: Any) -> None:
    put(still, {"Value": 1, "MetricName": "Errors"}, {"Value": 8, "MetricName": "Requests"})
    queries: list[dict[str, Any]] = [
        {
            "Id": name,
            "MetricStat": {
                "Metric": {"Namespace": "Shop", "MetricName": metric},
                "Period": 60,
                "Stat": "Sum",
            },
            "ReturnData": False,
        }
        for name, metric in (("bad", "Errors"), ("all", "Requests"), ("none", "Absent"))
    ]
    share = {"Id": "share", "Expression": "100 * (bad + FILL(none, 1)) / MAX([all, bad])"}
    assert [value for _, value in asked(still, [*queries, share])] == [25]


def test_metrics_are_listed(still: Any) -> None:
    put(still, {"Value": 1, "Dimensions": [{"Name": "Variant", "Value": "main"}]}, {"Value": 2})
    cloudwatch = still.client("cloudwatch")
    assert len(cloudwatch.list_metrics(Namespace="Shop")["Metrics"]) == 2
    [one] = cloudwatch.list_metrics(Dimensions=[{"Name": "Variant"}])["Metrics"]
    assert one["Dimensions"] == [{"Name": "Variant", "Value": "main"}]


def test_units_are_told_apart(still: Any) -> None:
    put(still, {"Value": 1, "Unit": "Seconds"}, {"Value": 2, "Unit": "Milliseconds"})
    now = still.now()
    points = still.client("cloudwatch").get_metric_statistics(
        Namespace="Shop",
        MetricName="Latency",
        StartTime=now - timedelta(minutes=5),
        EndTime=now + timedelta(minutes=5),
        Period=600,
        ExtendedStatistics=["p50"],
    )
    found = {point["Unit"]: point["ExtendedStatistics"] for point in points["Datapoints"]}
    assert found == {"Seconds": {"p50": 1}, "Milliseconds": {"p50": 2}}


@pytest.mark.parametrize(
    ("datum", "message"),
    [
        ({"Value": 1, "Values": [1]}, "mutually exclusive"),
        ({}, "state Value, Values or StatisticValues"),
        ({"Values": [1, 2], "Counts": [1]}, "must be of the same size"),
        ({"Values": [1.0] * 151}, "greater than 150"),
        ({"Value": 2.0**361}, "is invalid"),
        ({"StatisticValues": {"SampleCount": 1, "Sum": 1, "Minimum": 2, "Maximum": 1}}, "greater"),
        ({"Value": 1, "Dimensions": [{"Name": "a", "Value": " "}]}, "has no value"),
        ({"Value": 1, "Timestamp": datetime(2020, 1, 1)}, "past two weeks"),
    ],
)
def test_bad_data_are_refused(still: Any, datum: dict[str, Any], message: str) -> None:
    with pytest.raises(ClientError, match=message):
        put(still, datum)


def test_nobody_puts_into_awss_namespaces(still: Any) -> None:
    with pytest.raises(ClientError, match="reserved"):
        put(still, {"Value": 1}, namespace="AWS/SageMaker")


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"Id": "Q", "Expression": "1"}, "lower-case"),
        ({"Id": "q", "Expression": "m1 + 1"}, "no metric or expression has the id m1"),
        ({"Id": "q", "Expression": "ANOMALY_DETECTION_BAND(q)"}, "does not compute ANOMALY"),
        ({"Id": "q", "Expression": "1 +"}, "ends too early"),
        ({"Id": "q", "Expression": "q + 1"}, "refers to itself"),
    ],
)
def test_bad_queries_are_refused(still: Any, query: dict[str, Any], message: str) -> None:
    with pytest.raises(ClientError, match=message):
        asked(still, [query])


def test_a_function_counts_its_invocations(still: Any) -> None:
    still.function("f", "def handle(event, context): raise ValueError('no')", Timeout=20)
    still.client("lambda").invoke(FunctionName="f", Payload=json.dumps({}))
    [point] = still.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/Lambda",
        MetricName="Errors",
        Dimensions=[{"Name": "FunctionName", "Value": "f"}],
        StartTime=still.now() - timedelta(minutes=5),
        EndTime=still.now() + timedelta(minutes=5),
        Period=600,
        Statistics=["Sum"],
    )["Datapoints"]
    assert point["Sum"] == 1
