"""What the service itself refuses in a request: botocore's model checked as AWS checks it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape
from moto.core.utils import get_service_model

Opaque = Callable[[Any], bool]

PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "character": (str,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "boolean": (bool,),
}


def input_shape(operation: str, service: str = "sagemaker") -> StructureShape:
    """The shape of an operation's request."""
    return get_service_model(service).operation_model(operation).input_shape


def faults(
    shape: Shape, value: Any, path: str = "", opaque: Opaque = lambda value: False
) -> Iterator[str]:
    """Each reason why `value` is not of `shape`; what is `opaque` is not looked into."""
    if opaque(value):
        return
    if isinstance(shape, StructureShape):
        yield from _structure(shape, value, path, opaque)
    elif isinstance(shape, ListShape):
        yield from _list(shape, value, path, opaque)
    elif isinstance(shape, MapShape):
        yield from _map(shape, value, path, opaque)
    elif shape.type_name in PYTHON_TYPES:
        yield from _scalar(shape, value, path)


def _structure(shape: StructureShape, value: Any, path: str, opaque: Opaque) -> Iterator[str]:
    if not isinstance(value, dict):
        yield _wrong_type(value, path, "structure")
        return
    for name in shape.required_members:
        if value.get(name) is None:
            yield (
                f"Value null at '{_join(path, name)}' failed to satisfy constraint: "
                "Member must not be null"
            )
    for name, member in value.items():
        if name not in shape.members:
            yield f"Unknown member '{_join(path, name)}' of {shape.name}"
        elif member is not None:
            yield from faults(shape.members[name], member, _join(path, name), opaque)


def _list(shape: ListShape, value: Any, path: str, opaque: Opaque) -> Iterator[str]:
    if not isinstance(value, list):
        yield _wrong_type(value, path, "list")
        return
    yield from _size(shape, len(value), value, path)
    for index, item in enumerate(value):
        yield from faults(shape.member, item, f"{path}.{index + 1}.member", opaque)


def _map(shape: MapShape, value: Any, path: str, opaque: Opaque) -> Iterator[str]:
    if not isinstance(value, dict):
        yield _wrong_type(value, path, "map")
        return
    yield from _size(shape, len(value), value, path)
    for key, item in value.items():
        yield from faults(shape.key, key, f"{path}.key")
        yield from faults(shape.value, item, f"{path}.{key}", opaque)


def _scalar(shape: Shape, value: Any, path: str) -> Iterator[str]:
    wanted = PYTHON_TYPES[shape.type_name]
    if not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted):
        yield _wrong_type(value, path, shape.type_name)
        return
    if isinstance(value, str):
        yield from _size(shape, len(value), value, path)
        yield from _text(shape, value, path)
    elif not isinstance(value, bool):
        yield from _range(shape, value, path)


def _text(shape: Shape, value: str, path: str) -> Iterator[str]:
    allowed = shape.metadata.get("enum")
    if allowed and value not in allowed:
        rule = f"Member must satisfy enum value set: [{', '.join(allowed)}]"
        yield _violation(value, path, rule)
    pattern = _pattern(shape.metadata.get("pattern"))
    if pattern and not pattern.fullmatch(value):
        rule = f"Member must satisfy regular expression pattern: {pattern.pattern}"
        yield _violation(value, path, rule)


def _size(shape: Shape, size: int, value: Any, path: str) -> Iterator[str]:
    if size > shape.metadata.get("max", size):
        rule = f"Member must have length less than or equal to {shape.metadata['max']}"
        yield _violation(value, path, rule)
    if size < shape.metadata.get("min", size):
        rule = f"Member must have length greater than or equal to {shape.metadata['min']}"
        yield _violation(value, path, rule)


def _range(shape: Shape, value: Any, path: str) -> Iterator[str]:
    if value > shape.metadata.get("max", value):
        rule = f"Member must have value less than or equal to {shape.metadata['max']}"
        yield _violation(value, path, rule)
    if value < shape.metadata.get("min", value):
        rule = f"Member must have value greater than or equal to {shape.metadata['min']}"
        yield _violation(value, path, rule)


def _violation(value: Any, path: str, rule: str) -> str:
    shown = str(value)
    shown = shown if len(shown) <= 200 else f"{shown[:200]}..."
    return f"Value '{shown}' at '{path}' failed to satisfy constraint: {rule}"


def _wrong_type(value: Any, path: str, wanted: str) -> str:
    return f"Value '{value}' at '{path}' is a {type(value).__name__}, not a {wanted}"


def _join(path: str, name: str) -> str:
    name = name[:1].lower() + name[1:]
    return f"{path}.{name}" if path else name


@cache
def _pattern(text: str | None) -> re.Pattern[str] | None:
    """The pattern, or None where it is written in Java's dialect and Python cannot read it."""
    try:
        return re.compile(text, re.DOTALL) if text else None
    except re.error:
        return None
