"""Metric data queries, as alarms and GetMetricData state them, and what they come to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.cloudwatch.metric_functions import ExpressionError, Frame, Points
from sandbox.cloudwatch.metric_math import Expression, parse
from sandbox.cloudwatch.samples import is_statistic
from sandbox.metrics import Metric

IDENTIFIER = re.compile(r"[a-z][a-zA-Z0-9_]{0,254}")
SHORT_PERIODS = (1, 5, 10, 20, 30)


class QueryError(Exception):
    """A query that AWS refuses or the sandbox does not carry out."""


@dataclass(frozen=True)
class Stat:
    """One statistic of one metric by period."""

    metric: Metric
    period: int
    statistic: str
    unit: str | None = None


@dataclass(frozen=True)
class Query:
    """A statistic or an expression over other queries."""

    id: str
    label: str
    returned: bool
    stat: Stat | None = None
    expression: Expression | None = None
    period: int | None = None


Fetch = Callable[[Stat], Points]


def metric_of(parameters: Mapping[str, Any]) -> Metric:
    """The metric that Namespace, MetricName and Dimensions name."""
    dimensions = {d["Name"]: d["Value"] for d in parameters.get("Dimensions") or ()}
    return Metric.of(str(parameters["Namespace"]), str(parameters["MetricName"]), dimensions)


def checked_period(period: Any) -> int:
    """A period AWS offers."""
    seconds = int(period or 0)
    if seconds in SHORT_PERIODS or (seconds > 0 and seconds % 60 == 0):
        return seconds
    raise QueryError(f"Period {period} must be 1, 5, 10, 20, 30 or a multiple of 60")


def read_queries(stated: Iterable[Mapping[str, Any]]) -> tuple[Query, ...]:
    """MetricDataQueries as typed values, checked as a whole."""
    queries = tuple(_query(item) for item in stated)
    ids = [query.id for query in queries]
    if doubled := {name for name in ids if ids.count(name) > 1}:
        raise QueryError(f"The id {sorted(doubled)[0]} is used more than once")
    for query in queries:
        for name in sorted(query.expression.uses if query.expression else ()):
            if name not in ids:
                raise QueryError(
                    f"Error in expression '{query.id}': no metric or expression has the id {name}"
                )
    _refuse_cycles(queries)
    return queries


def _query(stated: Mapping[str, Any]) -> Query:
    name = str(stated.get("Id") or "")
    if not IDENTIFIER.fullmatch(name):
        raise QueryError(
            f"The id '{name}' must start with a lower-case letter: {IDENTIFIER.pattern}"
        )
    returned = stated.get("ReturnData", True) is not False
    text = stated.get("Expression")
    inner: Mapping[str, Any] = stated.get("MetricStat") or {}
    if bool(text) == bool(inner):
        raise QueryError(f"The query {name} needs either a MetricStat or an Expression")
    if text:
        period = checked_period(stated["Period"]) if stated.get("Period") else None
        try:
            expression = parse(str(text))
        except ExpressionError as error:
            raise QueryError(f"Error in expression '{name}': {error}") from None
        return Query(name, stated.get("Label") or name, returned, None, expression, period)
    statistic = str(inner["Stat"])
    if not is_statistic(statistic):
        raise QueryError(f"The sandbox does not compute the statistic {statistic}")
    period = checked_period(inner["Period"])
    stat = Stat(metric_of(inner["Metric"]), period, statistic, inner.get("Unit"))
    return Query(name, stated.get("Label") or f"{stat.metric.name} {statistic}", returned, stat)


def _refuse_cycles(queries: Sequence[Query]) -> None:
    known = {query.id: query for query in queries}

    def visit(query: Query, above: tuple[str, ...]) -> None:
        if query.id in above:
            raise QueryError(f"Error in expression '{query.id}': it refers to itself")
        for name in query.expression.uses if query.expression else ():
            visit(known[name], (*above, query.id))

    for query in queries:
        visit(query, ())


def compute(
    queries: Sequence[Query], fetch: Fetch, grid: Sequence[float], period: int
) -> dict[str, Points]:
    """The datapoints of every query."""
    known = {query.id: query for query in queries}
    found: dict[str, Points] = {q.id: fetch(q.stat) for q in queries if q.stat is not None}
    metrics = tuple(found.values())

    def value(name: str) -> Points:
        if name not in found:
            expression = known[name].expression
            assert expression is not None
            uses = {used: value(used) for used in expression.uses}
            found[name] = expression.over(Frame(uses, grid, period, metrics))
        return found[name]

    return {query.id: value(query.id) for query in queries}
