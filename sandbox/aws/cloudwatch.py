"""CloudWatch metrics: put and told as AWS does, on the sandbox's clock."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from moto.cloudwatch.exceptions import (
    InvalidParameterCombination,
    InvalidParameterValue,
    ValidationError,
)
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult, EmptyResult

from sandbox.cloudwatch.metric_functions import ExpressionError, Points
from sandbox.cloudwatch.samples import SIMPLE, Samples, is_extended
from sandbox.metric_data import MOST_METRICS, aware, refuse_datum
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

# The limit of GetMetricStatistics.
MOST_DATAPOINTS = 1440
PAGE = 500
MOST_QUERIES = 500
LISTED_FOR = 14 * 86_400


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
        refuse_datum(datum, f"MetricData.member.{index}", now)
    for datum in data:
        metric = metric_of({"Namespace": namespace, **datum})
        when = aware(datum["Timestamp"]) if datum.get("Timestamp") else None
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


def _data(sandbox: Sandbox, place: Place, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
    stated = list(parameters.get("MetricDataQueries") or ())
    if len(stated) > MOST_QUERIES:
        raise ValidationError(
            f"The collection MetricDataQueries must not have a size greater than {MOST_QUERIES}."
        )
    try:
        queries = read_queries(stated)
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
    start = aware(parameters["StartTime"]).timestamp()
    end = aware(parameters["EndTime"]).timestamp()
    if start >= end:
        raise refusal("The parameter StartTime must be less than the parameter EndTime.")
    grain = min(period, 60)
    return start // grain * grain, end


def _listed(sandbox: Sandbox, place: Place, parameters: Mapping[str, Any]) -> dict[str, Any]:
    now = sandbox.clock.time()
    recent = 3 * 3600 if parameters.get("RecentlyActive") else LISTED_FOR
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


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
