"""The intrinsic values of a pipeline definition: Get, Std:Join, Std:JsonGet and conditions."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sandbox.compute.failures import RunError

INTRINSICS = ("Get", "Std:Join", "Std:JsonGet")
PATH = re.compile(r"\.?([A-Za-z0-9_\-]+)|\[(\d+)\]|\[['\"]([^'\"]+)['\"]\]")
COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "Equals": lambda left, right: bool(left == right),
    "GreaterThan": lambda left, right: bool(left > right),
    "GreaterThanOrEqualTo": lambda left, right: bool(left >= right),
    "LessThan": lambda left, right: bool(left < right),
    "LessThanOrEqualTo": lambda left, right: bool(left <= right),
}
Lookup = Callable[[str], Any]  # gives what a Get names
ReadFile = Callable[[Mapping[str, Any]], Any]  # gives the JSON that a Std:JsonGet names


def is_intrinsic(value: Any) -> bool:
    """Whether a value of a definition stands for one known only at run time."""
    return isinstance(value, dict) and len(value) == 1 and next(iter(value)) in INTRINSICS


def references(value: Any) -> Iterator[str]:
    """Every name that a Get anywhere inside a value refers to."""
    if isinstance(value, dict):
        if set(value) == {"Get"} and isinstance(value["Get"], str):
            yield value["Get"]
        for item in value.values():
            yield from references(item)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


def steps_named_in(value: Any) -> set[str]:
    """The steps that must be done before a value is known."""
    found = (reference.split(".") for reference in references(value))
    return {parts[1] for parts in found if parts[0] == "Steps" and len(parts) > 1}


def resolve(value: Any, lookup: Lookup, read_file: ReadFile) -> Any:
    """The value with every intrinsic replaced by what it stands for."""
    if isinstance(value, list):
        return [resolve(item, lookup, read_file) for item in value]
    if not isinstance(value, dict):
        return value
    if not is_intrinsic(value):
        return {name: resolve(item, lookup, read_file) for name, item in value.items()}
    ((kind, argument),) = value.items()
    if kind == "Get":
        return lookup(argument)
    if kind == "Std:Join":
        parts = resolve(argument["Values"], lookup, read_file)
        return str(resolve(argument["On"], lookup, read_file)).join(as_text(part) for part in parts)
    return walk(read_file(argument), argument["Path"], json.dumps(argument["Path"]))


def as_text(value: Any) -> str:
    """A scalar as it reads inside a joined string."""
    return json.dumps(value) if isinstance(value, bool) else str(value)


def walk(value: Any, path: str, where: str) -> Any:
    """Follow `a.b[0]['c']`; a list is also indexed by the name of one of its entries."""
    position = 0
    while position < len(path):
        match = PATH.match(path, position)
        if match is None:
            raise RunError(f"ClientError: {where} is not a path")
        member, index, quoted = match.groups()
        try:
            value = value[int(index)] if index else _member(value, member or quoted)
        except (KeyError, IndexError, TypeError):
            raise RunError(f"ClientError: {where} has no value at {path[: match.end()]}") from None
        position = match.end()
    return value


def holds(condition: Mapping[str, Any], resolved: Callable[[Any], Any]) -> bool:
    """Whether a condition of a Condition step is true."""
    kind = condition["Type"]
    if kind == "Not":
        return not holds(condition.get("Condition") or condition["Expression"], resolved)
    if kind == "Or":
        return any(holds(item, resolved) for item in condition["Conditions"])
    if kind == "And":
        return all(holds(item, resolved) for item in condition["Conditions"])
    if kind == "In":
        return resolved(condition["QueryValue"]) in resolved(condition["Values"])
    left, right = resolved(condition["LeftValue"]), resolved(condition["RightValue"])
    try:
        return COMPARISONS[kind](left, right)
    except TypeError:
        raise RunError(f"ClientError: {left!r} and {right!r} cannot be compared") from None


def _member(value: Any, name: str) -> Any:
    if isinstance(value, list):
        return next(item for item in _named(value, name))
    return value[name]


def _named(items: list[Any], name: str) -> Iterator[Any]:
    """The entry whose own name this is, as in Outputs['train']."""
    for item in items:
        if isinstance(item, dict) and any(
            key.endswith("Name") and member == name for key, member in item.items()
        ):
            yield item
            return
    raise KeyError(name)
