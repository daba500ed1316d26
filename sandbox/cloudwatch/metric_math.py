"""Metric math: the part of CloudWatch's expressions that the sandbox computes.

Arithmetic, comparisons, AND and OR over time series and scalars, and the functions in FUNCTIONS;
everything else is refused when it is stated, never left unevaluated.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

Points: TypeAlias = dict[float, float]
Value: TypeAlias = "float | Points | list[Points]"

TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+\.?\d*(?:[eE][+-]?\d+)?)|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<sign>&&|\|\||==|!=|<=|>=|[-+*/^<>()\[\],]))"
)
LEVELS: Sequence[Mapping[str, Callable[[float, float], float]]] = (
    {"OR": lambda a, b: float(bool(a or b)), "||": lambda a, b: float(bool(a or b))},
    {"AND": lambda a, b: float(bool(a and b)), "&&": lambda a, b: float(bool(a and b))},
    {
        "==": lambda a, b: float(a == b),
        "!=": lambda a, b: float(a != b),
        "<=": lambda a, b: float(a <= b),
        ">=": lambda a, b: float(a >= b),
        "<": lambda a, b: float(a < b),
        ">": lambda a, b: float(a > b),
    },
    {"+": operator.add, "-": operator.sub},
    {"*": operator.mul, "/": operator.truediv},
)


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


@dataclass(frozen=True)
class Expression:
    """A parsed expression."""

    uses: frozenset[str]
    compute: Node

    def over(self, frame: Frame) -> Points:
        """Its value at each moment that has one."""
        value = self.compute(frame)
        if isinstance(value, list):
            raise ExpressionError("an array of time series where one is needed")
        return value if isinstance(value, dict) else dict.fromkeys(frame.grid, value)


def parse(text: str) -> Expression:
    """The expression; ExpressionError says what is not understood."""
    parser = _Parser(text)
    node = parser.level(0)
    parser.end()
    return Expression(frozenset(parser.uses), node)


class _Parser:
    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0
        self.uses: set[str] = set()

    def level(self, index: int) -> Node:
        if index == len(LEVELS):
            return self._unary()
        left = self.level(index + 1)
        while (sign := self._peek()) in LEVELS[index]:
            self._take()
            left = _combined(LEVELS[index][sign], left, self.level(index + 1))
        return left

    def end(self) -> None:
        if self._text[self._at :].strip():
            raise ExpressionError(f"'{self._text[self._at :].strip()}' is not understood")

    def _unary(self) -> Node:
        if self._peek() == "-":
            self._take()
            inner = self._unary()
            return lambda frame: _each(operator.neg, inner(frame))
        base = self._primary()
        if self._peek() == "^":
            self._take()
            return _combined(operator.pow, base, self._unary())
        return base

    def _primary(self) -> Node:
        token = self._take()
        if token == "(":
            inner = self.level(0)
            self._expect(")")
            return inner
        if token == "[":
            parts = self._list("]")
            return lambda frame: [_series(part(frame), frame) for part in parts]
        if re.fullmatch(r"\d.*", token):
            number = float(token)
            return lambda frame: number
        if self._peek() == "(":
            return self._call(token)
        if not re.fullmatch(r"[a-z][A-Za-z0-9_]*", token):
            raise ExpressionError(f"'{token}' is not understood")
        self.uses.add(token)
        return lambda frame: frame.series[token]

    def _call(self, name: str) -> Node:
        self._take()
        if name == "FILL":
            filled = self.level(0)
            self._expect(",")
            if self._peek() == "REPEAT":
                self._take()
                self._expect(")")
                return lambda frame: _repeated(_series(filled(frame), frame), frame)
            by = self.level(0)
            self._expect(")")
            return lambda frame: _filled(filled(frame), by(frame), frame)
        parts = self._list(")")
        function = FUNCTIONS.get(name)
        if function is None:
            raise ExpressionError(f"the sandbox does not compute {name}")
        return lambda frame: function([part(frame) for part in parts], frame)

    def _list(self, closing: str) -> list[Node]:
        parts: list[Node] = []
        while self._peek() != closing:
            parts.append(self.level(0))
            if self._peek() == ",":
                self._take()
        self._take()
        return parts

    def _peek(self) -> str:
        found = TOKEN.match(self._text, self._at)
        return found[0].strip() if found else ""

    def _take(self) -> str:
        found = TOKEN.match(self._text, self._at)
        if not found:
            rest = self._text[self._at :].strip()
            raise ExpressionError(f"'{rest}' is not understood" if rest else "it ends too early")
        self._at = found.end()
        return found[0].strip()

    def _expect(self, sign: str) -> None:
        if self._take() != sign:
            raise ExpressionError(f"'{sign}' is missing")


def _combined(apply: Callable[[float, float], float], left: Node, right: Node) -> Node:
    def compute(frame: Frame) -> Value:
        a, b = left(frame), right(frame)
        if isinstance(a, float) and isinstance(b, float):
            return _quietly(apply, a, b) or 0.0
        first, second = _series(a, frame), _series(b, frame)
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


def _series(value: Value, frame: Frame) -> Points:
    if isinstance(value, list):
        raise ExpressionError("an array of time series where one is needed")
    return value if isinstance(value, dict) else dict.fromkeys(frame.grid, value)


def _each(apply: Callable[[float], float], value: Value) -> Value:
    if isinstance(value, list):
        return [{at: apply(v) for at, v in points.items()} for points in value]
    if isinstance(value, dict):
        return {at: apply(v) for at, v in value.items()}
    return float(apply(value))


def _filled(value: Value, by: Value, frame: Frame) -> Value:
    filler = _series(by, frame)
    if isinstance(value, list):
        return [{**filler, **points} for points in value]
    return {**filler, **_series(value, frame)}


def _repeated(points: Points, frame: Frame) -> Points:
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
        value = arguments[0] if len(arguments) == 1 else [_series(a, frame) for a in arguments]
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
    condition, *branches = (_series(argument, frame) for argument in arguments)
    chosen: Points = {}
    for at, holds in condition.items():
        branch = branches[0] if holds else (branches[1] if len(branches) == 2 else {})
        if at in branch:
            chosen[at] = branch[at]
    return chosen


def _elementwise(apply: Callable[[float], float]) -> Callable[[list[Value], Frame], Value]:
    return lambda arguments, frame: _each(apply, arguments[0])


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
    "TIME_SERIES": lambda arguments, frame: _series(arguments[0], frame),
    "METRICS": lambda arguments, frame: list(frame.metrics),
}
