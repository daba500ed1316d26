"""Metric math: the part of CloudWatch's expressions that the sandbox computes.

Arithmetic, comparisons, AND and OR over time series and scalars, and the functions in FUNCTIONS;
everything else is refused when it is stated, never left unevaluated.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sandbox.cloudwatch.metric_functions import (
    FUNCTIONS,
    ExpressionError,
    Frame,
    Node,
    Points,
    combined,
    each,
    filled_by,
    repeated,
    series_of,
)

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
            left = combined(LEVELS[index][sign], left, self.level(index + 1))
        return left

    def end(self) -> None:
        if self._text[self._at :].strip():
            raise ExpressionError(f"'{self._text[self._at :].strip()}' is not understood")

    def _unary(self) -> Node:
        if self._peek() == "-":
            self._take()
            inner = self._unary()
            return lambda frame: each(operator.neg, inner(frame))
        base = self._primary()
        if self._peek() == "^":
            self._take()
            return combined(operator.pow, base, self._unary())
        return base

    def _primary(self) -> Node:
        token = self._take()
        if token == "(":
            inner = self.level(0)
            self._expect(")")
            return inner
        if token == "[":
            parts = self._list("]")
            return lambda frame: [series_of(part(frame), frame) for part in parts]
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
                return lambda frame: repeated(series_of(filled(frame), frame), frame)
            by = self.level(0)
            self._expect(")")
            return lambda frame: filled_by(filled(frame), by(frame), frame)
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
