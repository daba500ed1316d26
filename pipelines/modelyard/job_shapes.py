"""A step's arguments against the botocore shape of the API call that SageMaker makes of them."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import botocore.session
from botocore.validate import ParamValidator

_INTRINSICS = ({"Get"}, {"Std:Join"}, {"Std:JsonGet"})


def argument_problems(call: str, arguments: Mapping[str, Any]) -> Iterator[str]:
    """What the API would refuse; values known only at run time count as right."""
    shape = _model().operation_model(call).input_shape
    report = ParamValidator().validate(_filled(arguments, shape), shape)
    if report.has_errors():
        yield from report.generate_report().splitlines()
    yield from _literals(arguments, shape, "")


@lru_cache
def _model() -> Any:
    return botocore.session.get_session().get_service_model("sagemaker")


def _is_intrinsic(value: Any) -> bool:
    return isinstance(value, Mapping) and set(value) in _INTRINSICS


def _members(value: Any, shape: Any) -> Iterator[tuple[Any, Any, Any]]:
    """(key, item, shape of the item) for what a structure, map or list contains."""
    if shape.type_name == "structure" and isinstance(value, Mapping):
        for key, item in value.items():
            if key in shape.members:
                yield key, item, shape.members[key]
    elif shape.type_name == "map" and isinstance(value, Mapping):
        for key, item in value.items():
            yield key, item, shape.value
    elif shape.type_name == "list" and isinstance(value, list):
        for index, item in enumerate(value):
            yield index, item, shape.member


def _filled(value: Any, shape: Any) -> Any:
    """The value with every intrinsic replaced by something its shape accepts."""
    if _is_intrinsic(value):
        return _sample(shape)
    filled = {key: _filled(item, member) for key, item, member in _members(value, shape)}
    if isinstance(value, Mapping):
        return {**value, **filled}
    if isinstance(value, list):
        return [filled.get(index, item) for index, item in enumerate(value)]
    return value


def _sample(shape: Any) -> Any:
    kind = shape.type_name
    if kind in ("integer", "long", "float", "double"):
        return shape.metadata.get("min", 1)
    return {"boolean": True, "list": [], "structure": {}, "map": {}}.get(kind, "x" * 20)


def _literals(value: Any, shape: Any, path: str) -> Iterator[str]:
    """Enumerations, maxima and patterns, which ParamValidator leaves to the service."""
    if _is_intrinsic(value):
        return
    limits = shape.metadata
    if isinstance(value, str):
        if limits.get("enum") and value not in limits["enum"]:
            yield f"{path}: {value!r} is not one that this version of the API knows"
        if len(value) > limits.get("max", len(value)):
            yield f"{path}: {len(value)} characters, at most {limits['max']} are allowed"
        if limits.get("pattern") and not _matches(limits["pattern"], value):
            yield f"{path}: {json.dumps(value)} does not match {limits['pattern']}"
    elif isinstance(value, int | float) and value > limits.get("max", value):
        yield f"{path}: {value} is above the maximum {limits['max']}"
    for key, item, member in _members(value, shape):
        yield from _literals(item, member, f"{path}.{key}" if path else str(key))


def _matches(pattern: str, value: str) -> bool:
    try:
        # AWS writes Java's patterns; those Python cannot read are left to the service.
        return re.fullmatch(pattern, value, re.DOTALL) is not None
    except re.error:
        return True
