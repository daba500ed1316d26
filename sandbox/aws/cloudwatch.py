"""CloudWatch metrics: put and told as AWS does, on the sandbox's clock."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from moto.cloudwatch.exceptions import (
    InvalidParameterCombination,
    InvalidParameterValue,
    ValidationError,
)
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult, EmptyResult

from sandbox.cloudwatch.metric_math import ExpressionError, Points
from sandbox.cloudwatch.samples import SIMPLE, Samples, is_extended
from sandbox.metric_queries import (
    QueryError,
    Stat,
    checked_period,
    compute,
    metric_of,
    read_queries,
)
from sandbox.metrics import Metric, Place

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox

# Limits of PutMetricData and GetMetricStatistics (CloudWatch API Reference).
MOST_METRICS, MOST_VALUES, MOST_DIMENSIONS = 1000, 150, 30
LARGEST = 2.0**360
OLDEST, NEWEST = timedelta(days=14), timedelta(hours=2)
MOST_DATAPOINTS = 1440
PAGE = 500


def install(sandbox: Sandbox) -> None:
    """Keep metrics in the sandbox's own store, and answer from it."""

    def put_metric_data(self: CloudWatchResponse) -> ActionResult:
        _put(sandbox, _place(self), self._get_params())
        return EmptyResult()

    def get_metric_data(self: CloudWatchResponse) -> ActionResult:
        return ActionResult({"MetricDataResults": _data(sandbox, _place(self), self._get_params())})

    def get_metric_statistics(self: CloudWatchResponse) -> ActionResult:
        parameters = self._get_params()
        points = _statistics(sandbox, _place(self), parameters)
        return ActionResult({"Label": parameters["MetricName"], "Datapoints": points})

    def list_metrics(self: CloudWatchResponse) -> ActionResult:
        return ActionResult(_listed(sandbox, _place(self), self._get_params()))

    for operation in (put_metric_data, get_metric_data, get_metric_statistics, list_metrics):
        setattr(CloudWatchResponse, operation.__name__, operation)


def _place(response: CloudWatchResponse) -> Place:
    return Place(response.current_account, response.region)


def _put(sandbox: Sandbox, place: Place, parameters: Mapping[str, Any]) -> None:
    namespace = str(parameters.get("Namespace") or "")
    data = list(parameters.get("MetricData") or ())
    if namespace.startswith("AWS/"):
        raise InvalidParameterValue(
            "The value AWS/ for parameter Namespace is invalid: it is reserved for AWS's own."
        )
    if len(data) > MOST_METRICS:
        raise InvalidParameterValue(
            f"The collection MetricData must not have a size greater than {MOST_METRICS}."
        )
    now = sandbox.clock.now()
    for index, datum in enumerate(data, start=1):
        _refuse(datum, f"MetricData.member.{index}", now)
    for datum in data:
        metric = metric_of({"Namespace": namespace, **datum})
        when = _aware(datum["Timestamp"]) if datum.get("Timestamp") else None
        resolution = 1 if datum.get("StorageResolution") == 1 else 60
        unit = str(datum.get("Unit") or "None")

        def add(samples: Samples, datum: Mapping[str, Any] = datum) -> None:
            _add(samples, datum)

        sandbox.metrics.change(place, metric, unit, when, resolution, add)


def _add(samples: Samples, datum: Mapping[str, Any]) -> None:
    if values := datum.get("Values"):
        for value, count in zip(values, datum.get("Counts") or [1.0] * len(values), strict=True):
            samples.add(float(value), float(count))
    elif stated := datum.get("StatisticValues"):
        numbers = (stated[name] for name in ("SampleCount", "Sum", "Minimum", "Maximum"))
        samples.add_set(*(float(number) for number in numbers))
    else:
        samples.add(float(datum["Value"]))


def _refuse(datum: Mapping[str, Any], where: str, now: datetime) -> None:
    given = [name for name in ("Value", "Values", "StatisticValues") if datum.get(name) is not None]
    if len(given) > 1:
        raise InvalidParameterCombination(
            f"The parameters {where}.{given[0]} and {where}.{given[1]} are mutually exclusive and "
            "you have specified both."
        )
    if not given:
        raise InvalidParameterValue(
            f"The parameter {where}.Value is required: state Value, Values or StatisticValues."
        )
    values, counts = datum.get("Values") or [], datum.get("Counts")
    if counts and len(counts) != len(values):
        raise InvalidParameterValue(
            f"The parameters {where}.Values and {where}.Counts must be of the same size."
        )
    if len(values) > MOST_VALUES:
        raise InvalidParameterValue(
            f"The collection {where}.Values must not have a size greater than {MOST_VALUES}."
        )
    numbers = [datum.get("Value"), *values, *(datum.get("StatisticValues") or {}).values()]
    for number in numbers:
        if number is not None and not (math.isfinite(number) and abs(number) <= LARGEST):
            raise InvalidParameterValue(
                f"The value {number} for parameter {where}.{given[0]} is invalid."
            )
    if stated := datum.get("StatisticValues"):
        if missing := {"SampleCount", "Sum", "Minimum", "Maximum"} - set(stated):
            raise InvalidParameterValue(
                f"The parameter {where}.StatisticValues.{sorted(missing)[0]} is required."
            )
        if stated["Minimum"] > stated["Maximum"]:
            raise InvalidParameterValue(f"{where}: Minimum is greater than Maximum.")
    dimensions = datum.get("Dimensions") or ()
    if len(dimensions) > MOST_DIMENSIONS:
        raise InvalidParameterValue(
            f"The collection {where}.Dimensions must not have a size greater than "
            f"{MOST_DIMENSIONS}."
        )
    for dimension in dimensions:
        if not str(dimension.get("Value") or "").strip():
            raise InvalidParameterValue(f"A dimension of {where} has no value.")
    if datum.get("Timestamp"):
        when = _aware(datum["Timestamp"])
        if not now - OLDEST <= when <= now + NEWEST:
            raise InvalidParameterValue(
                f"The parameter {where}.Timestamp must specify a time within the past two weeks "
                "and no more than two hours in the future."
            )


def _data(sandbox: Sandbox, place: Place, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
    try:
        queries = read_queries(parameters.get("MetricDataQueries") or ())
    except QueryError as error:
        raise ValidationError(str(error)) from None
    periods = [query.stat.period for query in queries if query.stat]
    periods += [query.period for query in queries if query.period]
    period = max(periods, default=60)
    start, end = _span(parameters, period, ValidationError)

    def fetch(stat: Stat) -> Points:
        series = sandbox.metrics.series(place, stat.metric)
        return dict(series.datapoints(start, end, stat.period, stat.statistic, stat.unit))

    grid = [start + index * period for index in range(math.ceil((end - start) / period))]
    try:
        found = compute(queries, fetch, grid, period)
    except ExpressionError as error:
        raise ValidationError(str(error)) from None
    newest_first = parameters.get("ScanBy", "TimestampDescending") == "TimestampDescending"
    results = []
    for query in queries:
        if query.returned:
            points = sorted(found[query.id].items(), reverse=newest_first)
            results.append(
                {
                    "Id": query.id,
                    "Label": query.label,
                    "Timestamps": [_moment(at) for at, _ in points],
                    "Values": [value for _, value in points],
                    "StatusCode": "Complete",
                }
            )
    return results


def _statistics(
    sandbox: Sandbox, place: Place, parameters: Mapping[str, Any]
) -> list[dict[str, Any]]:
    wanted = [*(parameters.get("Statistics") or ())]
    extended = [*(parameters.get("ExtendedStatistics") or ())]
    if bool(wanted) == bool(extended):
        raise InvalidParameterCombination(
            "Must specify either Statistics or ExtendedStatistics, and not both"
        )
    for name in (*wanted, *extended):
        if name not in SIMPLE and not is_extended(name):
            raise InvalidParameterValue(f"The sandbox does not compute the statistic {name}.")
    try:
        period = checked_period(parameters.get("Period"))
    except QueryError as error:
        raise InvalidParameterValue(str(error)) from None
    start, end = _span(parameters, period, InvalidParameterValue)
    if (end - start) / period > MOST_DATAPOINTS:
        raise InvalidParameterCombination(
            f"You have requested up to {math.ceil((end - start) / period)} datapoints, which "
            f"exceeds the limit of {MOST_DATAPOINTS}. You may reduce the datapoints requested by "
            "increasing Period, or decreasing the time range."
        )
    series = sandbox.metrics.series(place, metric_of(parameters))
    units = [parameters["Unit"]] if parameters.get("Unit") else series.units(start, end)
    points = []
    for unit in units:
        moments = dict(series.datapoints(start, end, period, "SampleCount", unit))
        for at in moments:
            samples = series.collect(at, min(at + period, end), unit)
            point: dict[str, Any] = {"Timestamp": _moment(at), "Unit": unit}
            point |= {name: samples.statistic(name) for name in wanted}
            told = {name: samples.statistic(name) for name in extended}
            if extended:
                point["ExtendedStatistics"] = {k: v for k, v in told.items() if v is not None}
            points.append(point)
    return points


def _span(
    parameters: Mapping[str, Any], period: int, refusal: type[Exception]
) -> tuple[float, float]:
    """The asked time; its start is rounded down to the minute, or to the period below one."""
    start = _aware(parameters["StartTime"]).timestamp()
    end = _aware(parameters["EndTime"]).timestamp()
    if start >= end:
        raise refusal("The parameter StartTime must be less than the parameter EndTime.")
    grain = min(period, 60)
    return start // grain * grain, end


def _listed(sandbox: Sandbox, place: Place, parameters: Mapping[str, Any]) -> dict[str, Any]:
    now = sandbox.clock.time()
    recent = 3 * 3600 if parameters.get("RecentlyActive") else OLDEST.total_seconds()
    found = [
        metric
        for metric, series in sandbox.metrics.list(place)
        if _asked(metric, parameters) and series.moments(now - recent, math.inf)
    ]
    found.sort(key=lambda m: (m.namespace, m.name, sorted(m.dimensions)))
    begin = int(parameters.get("NextToken") or 0)
    answer: dict[str, Any] = {
        "Metrics": [
            {
                "Namespace": metric.namespace,
                "MetricName": metric.name,
                "Dimensions": [{"Name": n, "Value": v} for n, v in sorted(metric.dimensions)],
            }
            for metric in found[begin : begin + PAGE]
        ]
    }
    if len(found) > begin + PAGE:
        answer["NextToken"] = str(begin + PAGE)
    return answer


def _asked(metric: Metric, parameters: Mapping[str, Any]) -> bool:
    if parameters.get("Namespace") not in (None, metric.namespace):
        return False
    if parameters.get("MetricName") not in (None, metric.name):
        return False
    held = dict(metric.dimensions)
    return all(
        d["Name"] in held and d.get("Value") in (None, held[d["Name"]])
        for d in parameters.get("Dimensions") or ()
    )


def _aware(when: datetime) -> datetime:
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
