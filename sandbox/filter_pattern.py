"""CloudWatch Logs filter patterns over single log messages: terms and JSON selectors.

After "Filter pattern syntax" (CloudWatch Logs User Guide). Space-delimited patterns in brackets
are refused.
"""

from __future__ import annotations

import fnmatch
import json
import re
from collections.abc import Callable
from typing import Any, TypeAlias

TERM = re.compile(r'\s*([?-]?)(?:"((?:[^"\\]|\\.)*)"|%((?:[^%\\]|\\.)*)%|([^\s"%]+))')
TOKEN = re.compile(
    r"\s*(?:(?P<sign>&&|\|\||[()]|!=|<=|>=|=|<|>)"
    r'|(?P<quoted>"(?:[^"\\]|\\.)*")|%(?P<regex>(?:[^%\\]|\\.)*)%'
    r"|(?P<selector>\$[.\[][^\s=!<>()&|]*)|(?P<word>[^\s=!<>()&|]+))"
)
STEP = re.compile(r"\.([^.\[\]]+)|\[\"([^\"]+)\"\]|\[(\d+)\]")

Matcher: TypeAlias = Callable[[str], bool]
Node: TypeAlias = Callable[[Any], bool]


class PatternError(Exception):
    """A pattern that is none, or that the sandbox does not carry out."""


def read_pattern(text: str) -> Matcher:
    """What decides whether a message matches."""
    stripped = (text or "").strip()
    if stripped.startswith("["):
        raise PatternError("space-delimited filter patterns are not carried out")
    if stripped.startswith("{"):
        if not stripped.endswith("}"):
            raise PatternError(f"Invalid filter pattern: {text}")
        node = _Selectors(stripped[1:-1]).whole()
        return lambda message: _of_json(node, message)
    return _terms(stripped)


def selected(message: str, selector: str) -> Any:
    """The value at a selector such as `$.latency`; None where the message has none."""
    try:
        return _at(json.loads(message), selector)
    except ValueError:
        return None


def _terms(text: str) -> Matcher:
    required: list[Matcher] = []
    either: list[Matcher] = []
    at = 0
    while at < len(text):
        found = TERM.match(text, at)
        if not found:
            raise PatternError(f"Invalid filter pattern: {text}")
        at = found.end()
        matcher = _term(found)
        if found[1] == "?":
            either.append(matcher)
        elif found[1] == "-":
            required.append(lambda message, inner=matcher: not inner(message))  # type: ignore[misc]
        else:
            required.append(matcher)
    # Beside required terms the optional ones say nothing.
    if either and not required:
        return lambda message: any(matcher(message) for matcher in either)
    return lambda message: all(matcher(message) for matcher in required)


def _term(found: re.Match[str]) -> Matcher:
    if found[3] is not None:
        expression = re.compile(found[3])
        return lambda message: bool(expression.search(message))
    term = re.sub(r"\\(.)", r"\1", found[2]) if found[2] is not None else found[4]
    return lambda message: term in message


def _of_json(node: Node, message: str) -> bool:
    try:
        document = json.loads(message)
    except ValueError:
        return False
    return isinstance(document, dict | list) and node(document)


class _Selectors:
    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0

    def whole(self) -> Node:
        node = self._either()
        if self._text[self._at :].strip():
            raise PatternError(f"Invalid filter pattern: '{self._text}'")
        return node

    def _either(self) -> Node:
        parts = [self._all()]
        while self._accept("||"):
            parts.append(self._all())
        return lambda document: any(part(document) for part in parts)

    def _all(self) -> Node:
        parts = [self._one()]
        while self._accept("&&"):
            parts.append(self._one())
        return lambda document: all(part(document) for part in parts)

    def _one(self) -> Node:
        if self._accept("("):
            inner = self._either()
            if not self._accept(")"):
                raise PatternError("Invalid filter pattern: ')' is missing")
            return inner
        selector = self._take()
        if selector["selector"] is None:
            raise PatternError(f"Invalid filter pattern: '{self._text}'")
        name, sign = selector["selector"], self._take()
        match (sign["word"] or "").upper():
            case "EXISTS":
                return lambda document: _at(document, name, _ABSENT) is not _ABSENT
            case "NOT":
                self._take()
                return lambda document: _at(document, name, _ABSENT) is _ABSENT
            case "IS":
                wanted = json.loads((self._take()["word"] or "").lower())
                return lambda document: _at(document, name, _ABSENT) is wanted
        return _comparison(name, str(sign["sign"]), self._take())

    def _take(self) -> re.Match[str]:
        found = TOKEN.match(self._text, self._at)
        if not found:
            raise PatternError(f"Invalid filter pattern: '{self._text}'")
        self._at = found.end()
        return found

    def _accept(self, sign: str) -> bool:
        found = TOKEN.match(self._text, self._at)
        if found and found["sign"] == sign:
            self._at = found.end()
            return True
        return False


_ABSENT = object()


def _at(document: Any, selector: str, absent: Any = None) -> Any:
    for name, quoted, index in STEP.findall(selector.removeprefix("$")):
        if index and isinstance(document, list) and int(index) < len(document):
            document = document[int(index)]
        elif not index and isinstance(document, dict) and (name or quoted) in document:
            document = document[name or quoted]
        else:
            return absent
    return document


def _comparison(selector: str, sign: str, against: re.Match[str]) -> Node:
    if against["regex"] is not None:
        expression = re.compile(against["regex"])
        found: Node = lambda v: isinstance(v, str) and bool(expression.search(v))  # noqa: E731
    elif against["quoted"] is None and _number(against["word"]) is not None:
        number = _number(against["word"]) or 0.0
        return lambda document: _compared(_at(document, selector), sign, number)
    else:
        text = against["word"] or json.loads(against["quoted"] or '""')
        found = lambda v: _is_text(v, text)  # noqa: E731
    if sign not in ("=", "!="):
        raise PatternError(f"Invalid filter pattern: {sign} compares numbers")
    wanted = sign == "="

    def holds(document: Any) -> bool:
        value = _at(document, selector, _ABSENT)
        return value is not _ABSENT and found(value) == wanted

    return holds


def _is_text(value: Any, text: str) -> bool:
    return isinstance(value, str) and fnmatch.fnmatchcase(value, text.replace("[", "[[]"))


def _number(text: str | None) -> float | None:
    try:
        return float(text or "")
    except ValueError:
        return None


def _compared(value: Any, sign: str, number: float) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return {
        "=": value == number,
        "!=": value != number,
        "<": value < number,
        "<=": value <= number,
        ">": value > number,
        ">=": value >= number,
    }[sign]
