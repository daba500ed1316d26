"""Metric math's functions over time series, arrays of them and scalars."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

Points: TypeAlias = dict[float, float]
Value: TypeAlias = "float | Points | list[Points]"


class ExpressionError(Exception):
    """An expression that CloudWatch, or the sandbox, does not compute."""


@dataclass(frozen=True)
class Frame:
    """What an expression is computed over."""

    series: Mapping[str, Points]
    grid: Sequence[float]
    period: int
    metrics: Sequence[Points] = ()


Node: TypeAlias = Callable[[Frame], Value]


def combined(apply: Callable[[float, float], float], left: Node, right: Node) -> Node:
    """An operator between two expressions, moment by moment."""

    def compute(frame: Frame) -> Value:
        a, b = left(frame), right(frame)
        if isinstance(a, float) and isinstance(b, float):
            return _quietly(apply, a, b) or 0.0
        first, second = series_of(a, frame), series_of(b, frame)
        both = ((at, _quietly(apply, v, second[at])) for at, v in first.items() if at in second)
        return {at: value for at, value in both if value is not None}

    return compute


def _quietly(apply: Callable[[float, float], float], a: float, b: float) -> float | None:
    """A division by zero leaves no datapoint."""
    try:
        value = apply(a, b)
    except (ArithmeticError, ValueError):
        return None
    return float(value) if isinstance(value, float | int) and math.isfinite(value) else None


def series_of(value: Value, frame: Frame) -> Points:
    """A scalar is the same at every moment."""
    if isinstance(value, list):
        raise ExpressionError("an array of time series where one is needed")
    return value if isinstance(value, dict) else dict.fromkeys(frame.grid, value)


def each(apply: Callable[[float], float], value: Value) -> Value:
    """A function of one number over whatever it is given."""
    if isinstance(value, list):
        return [{at: apply(v) for at, v in points.items()} for points in value]
    if isinstance(value, dict):
        return {at: apply(v) for at, v in value.items()}
    return float(apply(value))


def filled_by(value: Value, by: Value, frame: Frame) -> Value:
    """FILL with a number or another time series."""
    filler = series_of(by, frame)
    if isinstance(value, list):
        return [{**filler, **points} for points in value]
    return {**filler, **series_of(value, frame)}


def repeated(points: Points, frame: Frame) -> Points:
    """FILL with the last value before."""
    filled: Points = {}
    last: float | None = None
    for at in sorted(frame.grid):
        last = points.get(at, last)
        if last is not None:
            filled[at] = last
    return filled


def _aggregate(apply: Callable[[list[float]], float]) -> Callable[[list[Value], Frame], Value]:
    """Over one time series a scalar; over an array a time series."""

    def compute(arguments: list[Value], frame: Frame) -> Value:
        value = arguments[0] if len(arguments) == 1 else [series_of(a, frame) for a in arguments]
        if isinstance(value, list):
            moments = sorted({at for points in value for at in points})
            return {at: apply([p[at] for p in value if at in p]) for at in moments}
        if isinstance(value, dict):
            return apply(list(value.values())) if value else {}
        return value

    return compute


def _if(arguments: list[Value], frame: Frame) -> Value:
    if not 2 <= len(arguments) <= 3:
        raise ExpressionError("IF needs a condition and one or two values")
    if isinstance(arguments[0], float) and len(arguments) == 3:
        return arguments[1] if arguments[0] else arguments[2]
    condition, *branches = (series_of(argument, frame) for argument in arguments)
    chosen: Points = {}
    for at, holds in condition.items():
        branch = branches[0] if holds else (branches[1] if len(branches) == 2 else {})
        if at in branch:
            chosen[at] = branch[at]
    return chosen


def _elementwise(apply: Callable[[float], float]) -> Callable[[list[Value], Frame], Value]:
    return lambda arguments, frame: each(apply, arguments[0])


FUNCTIONS: Mapping[str, Callable[[list[Value], Frame], Value]] = {
    "ABS": _elementwise(abs),
    "CEIL": _elementwise(math.ceil),
    "FLOOR": _elementwise(math.floor),
    "AVG": _aggregate(lambda values: sum(values) / len(values)),
    "MAX": _aggregate(max),
    "MIN": _aggregate(min),
    "SUM": _aggregate(math.fsum),
    "IF": _if,
    "PERIOD": lambda arguments, frame: float(frame.period),
    "TIME_SERIES": lambda arguments, frame: series_of(arguments[0], frame),
    "METRICS": lambda arguments, frame: list(frame.metrics),
}
