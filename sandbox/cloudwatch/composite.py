"""The rule of a composite alarm: a boolean expression over the states of other alarms."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

TOKEN = re.compile(
    r"\s*(?:(?P<state>ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?P<alarm>\"(?:[^\"\\]|\\.)*\"|[^)\s]+)\s*\)"
    r"|(?P<word>TRUE|FALSE|AND|OR|NOT|[()]))"
)

StateOf: TypeAlias = Callable[[str], str]
Node: TypeAlias = Callable[[StateOf], bool]


class RuleError(Exception):
    """A rule that is no rule."""


@dataclass(frozen=True)
class Rule:
    """A parsed rule: the alarms it names and whether it holds given their states."""

    alarms: tuple[str, ...]
    holds: Node


def parse(text: str) -> Rule:
    """The rule; RuleError says what is not understood."""
    parser = _Parser(text)
    node = parser.either()
    parser.end()
    return Rule(tuple(dict.fromkeys(parser.alarms)), node)


class _Parser:
    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0
        self.alarms: list[str] = []

    def either(self) -> Node:
        parts = [self._all()]
        while self._accept("OR"):
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else lambda of: any(part(of) for part in parts)

    def end(self) -> None:
        if rest := self._text[self._at :].strip():
            raise RuleError(f"'{rest}' is not understood")

    def _all(self) -> Node:
        parts = [self._one()]
        while self._accept("AND"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else lambda of: all(part(of) for part in parts)

    def _one(self) -> Node:
        if self._accept("NOT"):
            inner = self._one()
            return lambda of: not inner(of)
        if self._accept("("):
            inner = self.either()
            if not self._accept(")"):
                raise RuleError("')' is missing")
            return inner
        for word in ("TRUE", "FALSE"):
            if self._accept(word):
                return lambda of, word=word: word == "TRUE"  # type: ignore[misc]
        found = TOKEN.match(self._text, self._at)
        if not found or not found["state"]:
            rest = self._text[self._at :].strip()
            raise RuleError(f"'{rest}' is not understood" if rest else "it ends too early")
        self._at = found.end()
        state, name = found["state"], _name(found["alarm"])
        self.alarms.append(name)
        return lambda of: of(name) == state

    def _accept(self, word: str) -> bool:
        found = TOKEN.match(self._text, self._at)
        if found and found["word"] == word:
            self._at = found.end()
            return True
        return False


def _name(written: str) -> str:
    """An alarm is named by its name or its ARN."""
    name = re.sub(r"\\(.)", r"\1", written[1:-1]) if written.startswith('"') else written
    return name.split(":alarm:", 1)[1] if name.startswith("arn:") else name
