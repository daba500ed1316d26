"""The JSONPath expressions of batch transform: a part of one record.

The operators are those of "Supported JSONPath Operators". Of slices with an end the page says both
that they include it and that they are JSONPath's, which exclude it: such slices are refused.
"""

from __future__ import annotations

import re
from typing import Any

NAME = re.compile(r"\.([A-Za-z_]\w*)")
NAMES = re.compile(r"\.?\[('[^']*'(?:\s*,\s*'[^']*')*)\]")
INDEXES = re.compile(r"\[(-?\d+(?:\s*,\s*-?\d+)*(?:\s*,\s*\d+:)?)\]")
SLICE = re.compile(r"\[(\d*):(-?\d*)\]")


class PathError(ValueError):
    """An expression that selects nothing, or that is not supported."""


def check(path: str) -> None:
    """Refuse an expression with an operator that is not supported."""
    rest = path.removeprefix("$")
    if not path.startswith("$"):
        raise PathError(f"{path} must begin with $")
    while rest:
        _, rest = _operator(path, rest)


def select(path: str, record: Any) -> Any:
    """The part of a record that a path names."""
    rest = path.removeprefix("$")
    while rest:
        found, rest = _operator(path, rest)
        try:
            record = _apply(found, record)
        except (KeyError, IndexError, TypeError):
            raise PathError(f"{path} is not in the record {str(record)[:80]}") from None
    return record


def _operator(path: str, rest: str) -> tuple[re.Match[str], str]:
    for pattern in (NAME, NAMES, INDEXES, SLICE):
        found = pattern.match(rest)
        if found and not (pattern is SLICE and found[2]):
            return found, rest[found.end() :]
    raise PathError(f"{path}: {rest} is not supported by this sandbox")


def _apply(found: re.Match[str], record: Any) -> Any:
    if found.re is NAME:
        return record[found[1]]
    if found.re is NAMES:
        names = re.findall(r"'([^']*)'", found[1])
        return record[names[0]] if len(names) == 1 else {name: record[name] for name in names}
    if found.re is SLICE:
        return record[int(found[1] or 0) :]
    indexes = [part.strip() for part in found[1].split(",")]
    if len(indexes) == 1 and not indexes[0].endswith(":"):
        return record[int(indexes[0])]
    chosen: list[Any] = []
    for index in indexes:
        rest = index.endswith(":")
        chosen += record[int(index[:-1]) :] if rest else [record[int(index)]]
    return chosen
