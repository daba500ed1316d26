"""What a metric alarm watches: its queries, and their datapoints at a moment of evaluation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.cloudwatch.judgement import Criterion
from sandbox.cloudwatch.metric_functions import Points
from sandbox.metric_queries import Query, QueryError, Stat, compute, read_queries
from sandbox.metrics import Metric, Metrics, Place

MINUTE = 60
# "If you set a period of less than 60 seconds, the alarm is evaluated every ten seconds."
HIGH_RESOLUTION = 10


@dataclass(frozen=True)
class Window:
    """The datapoints an alarm is judged by, newest first, and where each begins."""

    starts: tuple[float, ...]
    values: tuple[float | None, ...]


@dataclass(frozen=True)
class Watch:
    """A metric alarm's definition, ready to be evaluated."""

    criterion: Criterion
    queries: tuple[Query, ...]
    result: str
    period: int
    few_samples_are_ignored: bool = False

    @property
    def step(self) -> int:
        """How often windows slide."""
        return MINUTE if self.period >= MINUTE else HIGH_RESOLUTION

    @property
    def metrics(self) -> frozenset[Metric]:
        """Whose data the alarm must hear of."""
        return frozenset(query.stat.metric for query in self.queries if query.stat)

    @property
    def single(self) -> Stat | None:
        """The statistic of an alarm on one metric."""
        return self.queries[0].stat if len(self.queries) == 1 else None

    def boundary(self, now: float) -> float:
        """The end of the newest complete period."""
        return now // self.step * self.step

    def window(self, metrics: Metrics, place: Place, end: float) -> Window:
        """The datapoints of the periods before `end`."""
        count = self.criterion.range
        starts = tuple(end - (index + 1) * self.period for index in range(count))

        def fetch(stat: Stat) -> Points:
            series = metrics.series(place, stat.metric)
            first = starts[-1]
            return dict(series.datapoints(first, end, self.period, stat.statistic, stat.unit))

        points = compute(self.queries, fetch, starts, self.period)[self.result]
        return Window(starts, tuple(points.get(start) for start in starts))

    def data_since(self, metrics: Metrics, place: Place, end: float) -> list[int]:
        """The moments of data that count, or will count, in an evaluation from now on."""
        first = end - self.criterion.range * self.period
        found: set[int] = set()
        for metric in self.metrics:
            found.update(metrics.series(place, metric).moments(first, float("inf")))
        return sorted(found)

    @property
    def eager(self) -> bool:
        """Whether a period under way can tell already that it breaches."""
        stat = self.single
        return stat is not None and self.criterion.only_grows_worse(stat.statistic)

    def is_certain(self, metrics: Metrics, place: Place, start: float, end: float) -> bool:
        """Whether the period under way breaches already, whatever else arrives in it."""
        stat = self.single
        if stat is None or not self.eager:
            return False
        samples = metrics.series(place, stat.metric).collect(start, end, stat.unit)
        value = samples.statistic(stat.statistic)
        if value is None or (stat.statistic == "Sum" and samples.minimum < 0):
            return False
        return self.criterion.breaching(value)


def read_watch(parameters: Mapping[str, Any]) -> Watch:
    """PutMetricAlarm's parameters as a watch; QueryError says what is wrong with them."""
    evaluated = int(parameters["EvaluationPeriods"])
    criterion = Criterion(
        comparison=str(parameters["ComparisonOperator"]),
        threshold=float(parameters["Threshold"]),
        evaluation_periods=evaluated,
        datapoints_to_alarm=int(parameters.get("DatapointsToAlarm") or evaluated),
        missing=str(parameters.get("TreatMissingData") or "missing"),
    )
    few = parameters.get("EvaluateLowSampleCountPercentile") == "ignore"
    if parameters.get("Metrics"):
        queries = read_queries(parameters["Metrics"])
        returned = [query.id for query in queries if query.returned]
        if len(returned) != 1:
            raise QueryError("exactly one element of Metrics must have ReturnData true")
        periods = {query.stat.period for query in queries if query.stat}
        if len(periods) != 1:
            raise QueryError("Metrics must hold at least one metric, and all with the same period")
        return Watch(criterion, queries, returned[0], periods.pop(), few)
    statistic = parameters.get("Statistic") or parameters.get("ExtendedStatistic")
    names = ("Namespace", "MetricName", "Dimensions")
    stat = {
        "Metric": {name: parameters.get(name) for name in names},
        "Period": parameters["Period"],
        "Stat": statistic,
        "Unit": parameters.get("Unit"),
    }
    queries = read_queries([{"Id": "m1", "MetricStat": stat}])
    return Watch(criterion, queries, "m1", int(parameters["Period"]), few)
