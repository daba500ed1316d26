"""Text patterns of IAM policies: wildcards, policy variables and the forms they expand to."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

Context = Mapping[str, tuple[str, ...]]
"""A request's context: lower-case key to values."""

Style = Literal["exact", "glob", "arn"]
"""How `*` and `?` read: as themselves, as wildcards, or as wildcards within one part of an ARN."""

_VARIABLE: Final = re.compile(r"\$\{\s*([^},]+?)\s*(?:,\s*'([^']*)'\s*)?\}")
_ESCAPED: Final = frozenset("*?$")
_ARN_COLONS: Final = 5


@dataclass(frozen=True, slots=True)
class Variable:
    """A reference to a context key inside a policy's text."""

    key: str
    default: str | None

    def value(self, context: Context) -> str | None:
        """The key's single value; None when it is absent or has several."""
        values = context.get(self.key)
        return values[0] if values and len(values) == 1 else self.default


@dataclass(frozen=True, slots=True)
class Wildcard:
    """`*` or `?` written as a wildcard (one that comes from a variable's value is literal)."""

    sign: str


Part = str | Wildcard | Variable
Matcher = Callable[[str, Context], bool]


def matcher(text: str, style: Style, variables: bool) -> Matcher:
    """A predicate for one policy value; an unresolved variable matches nothing."""
    parts = _parse(text, style, variables)
    if any(isinstance(part, Variable) for part in parts):
        return _late(parts, style)
    matches = _compile(parts, style)
    return lambda value, context: matches(value)


def _late(parts: tuple[Part, ...], style: Style) -> Matcher:
    def matches(value: str, context: Context) -> bool:
        resolved: list[str | Wildcard] = []
        for part in parts:
            known = part.value(context) if isinstance(part, Variable) else part
            if known is None:
                return False
            resolved.append(known)
        return _cached(tuple(resolved), style)(value)

    return matches


def _parse(text: str, style: Style, variables: bool) -> tuple[Part, ...]:
    parts: list[Part] = []
    position = 0
    for found in _VARIABLE.finditer(text) if variables else ():
        parts.extend(_wildcards(text[position : found.start()], style))
        key = found[1]
        parts.append(key if key in _ESCAPED else Variable(key.lower(), found[2]))
        position = found.end()
    parts.extend(_wildcards(text[position:], style))
    return tuple(parts)


def _wildcards(text: str, style: Style) -> list[Part]:
    if style == "exact":
        return [text] if text else []
    return [Wildcard(t) if t in "*?" else t for t in re.split(r"([*?])", text) if t]


@lru_cache(maxsize=16384)
def _cached(parts: tuple[str | Wildcard, ...], style: Style) -> Callable[[str], bool]:
    return _compile(parts, style)


def _compile(parts: tuple[Part, ...], style: Style) -> Callable[[str], bool]:
    if not any(isinstance(part, Wildcard) for part in parts):
        text = "".join(part for part in parts if isinstance(part, str))
        return text.__eq__
    if style == "glob" and parts == (Wildcard("*"),):
        return lambda value: True
    fullmatch = re.compile(_expression(parts, style), re.DOTALL).fullmatch
    return lambda value: fullmatch(value) is not None


def _expression(parts: tuple[Part, ...], style: Style) -> str:
    """A regular expression that cannot backtrack: after a `*` the leftmost fit is always right."""
    fixed: list[str] = [""]
    stars: list[str] = []
    colons = 0
    for part in parts:
        anything = "[^:]" if style == "arn" and colons < _ARN_COLONS else "."
        if isinstance(part, str):
            fixed[-1] += re.escape(part)
            colons += part.count(":")
        elif isinstance(part, Wildcard) and part.sign == "?":
            fixed[-1] += anything
        elif stars and not fixed[-1]:
            continue
        else:
            stars.append(anything)
            fixed.append("")
    middle = "".join(
        f"(?>{star}*?{text})" for star, text in zip(stars[:-1], fixed[1:-1], strict=True)
    )
    last = f"{stars[-1]}*{fixed[-1]}" if stars else ""
    return fixed[0] + middle + last
