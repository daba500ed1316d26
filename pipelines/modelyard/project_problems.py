"""Pydantic's findings about project.yaml as (key, sentence with the fix) for its author."""

import difflib
from collections.abc import Iterable, Mapping
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

_HINTS = {
    r"^[a-z][a-z0-9-]{1,22}[a-z0-9]$": "use 3 to 24 lower-case letters, digits and single "
    "hyphens, beginning with a letter",
    r"^[a-z0-9][a-z0-9._@-]{1,62}$": "a person's key has 2 to 63 lower-case letters, digits "
    "and . _ @ -",
    r"^[0-9]{12}$": "an AWS account has exactly 12 digits",
    r"^[a-z]{2}(-[a-z]+)+-[0-9]$": "write an AWS region such as us-east-1",
    r"^ml\.[a-z0-9-]+\.[a-z0-9]+$": "write an instance type such as ml.m5.large",
    r"^[\w .:/=+@-]{1,128}$": "becomes a tag: use letters, digits, spaces and . : / = + @ - _",
    r"^(cron|rate)\(.+\)$": "write an expression such as cron(0 6 * * ? *) or rate(1 day)",
    r"^[a-z0-9][a-z0-9_-]{0,62}$": "use lower-case letters, digits, _ and -",
    r"^([^@\s:]+@[^@\s:]+\.[^@\s:]+|slack:[CG][0-9A-Z]{6,20}|pagerduty:[a-z][a-z0-9-]{0,30})$": (
        "write oncall@example.com, slack:C0123ABCD or pagerduty:NAME"
    ),
    r"^[0-9a-f]{16}$": "write the key's id, which `modelyard data key` prints",
    r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*$": "write module:function, such as "
    "modelyard_adapter:build_model",
    r"\S": "is blank; write something",
}
_TYPES = {
    "string_type": "text",
    "int_type": "a whole number",
    "float_type": "a number",
    "dict_type": "a mapping of keys to values",
    "model_type": "a mapping of keys to values",
    "tuple_type": "a list",
}


def describe(
    problems: Iterable[Mapping[str, Any]], model: type[BaseModel]
) -> list[tuple[str, str]]:
    """For each finding where in the file it is and what the author can do about it."""
    described = []
    for problem in problems:
        # An invalid item also counts as absent; only a list that was written empty is too short.
        if problem["type"] == "too_short" and problem["input"]:
            continue
        location = [part for part in problem["loc"] if part != "[key]"]
        described.append((_dotted(location) or "the file", _sentence(problem, location, model)))
    return described


def _dotted(location: list[Any]) -> str:
    dotted = ""
    for part in location:
        dotted += f"[{part}]" if isinstance(part, int) else f".{part}" if dotted else str(part)
    return dotted


def _sentence(problem: Mapping[str, Any], location: list[Any], model: type[BaseModel]) -> str:
    kind, value, context = problem["type"], problem.get("input"), problem.get("ctx", {})
    if kind == "extra_forbidden":
        return "unknown key; " + _suggestion(location[-1], _keys_at(model, location[:-1]))
    if kind == "missing":
        return "is missing; add it"
    if kind == "literal_error":
        choices = _choices(context)
        if len(choices) == 1:
            return f"{value!r} is not supported; write '{choices[0]}'"
        return f"{value!r} is not one of {', '.join(choices)}" + _close(value, choices)
    if kind == "string_pattern_mismatch":
        pattern = context["pattern"]
        return f"{value!r}: {_HINTS.get(pattern, 'does not match ' + pattern)}"
    if kind == "too_short":
        return "is empty; add at least one entry"
    if kind == "string_too_long":
        return f"{len(str(value))} characters, and at most {context['max_length']} fit; shorten it"
    if kind.startswith("date"):
        return f"{value!r} is no date; write one such as 2027-05-01"
    if kind == "string_type" and isinstance(value, int | float) and not isinstance(value, bool):
        return f'expected text, found the number {value}; put it in quotes: "{value}"'
    if kind in _TYPES:
        return f"expected {_TYPES[kind]}, found {_found(value)}"
    if kind == "value_error":
        return str(context["error"])
    return f"{problem['msg']}, found {_found(value)}"


def _choices(context: Mapping[str, Any]) -> list[str]:
    expected = str(context["expected"]).replace(" or ", ", ")
    return [choice.strip(" '") for choice in expected.split(",")]


def _close(value: Any, choices: list[str]) -> str:
    near = difflib.get_close_matches(str(value), choices, n=1)
    return f"; did you mean '{near[0]}'?" if near else ""


def _suggestion(key: Any, known: list[str]) -> str:
    near = difflib.get_close_matches(str(key), known, n=1)
    if near:
        return f"did you mean '{near[0]}'?"
    return f"known keys here: {', '.join(known)}" if known else "remove it"


def _found(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    return repr(value)


def _required(annotation: Any) -> Any:
    """What an optional field holds where it holds something."""
    if get_origin(annotation) not in (Union, UnionType):
        return annotation
    (kind, *others) = [one for one in get_args(annotation) if one is not type(None)]
    return annotation if others else (get_args(kind)[0] if get_origin(kind) is Annotated else kind)


def _keys_at(model: type[BaseModel], location: list[Any]) -> list[str]:
    """The keys that the model at a location knows; none where it is no model."""
    annotation: Any = model
    for part in location:
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            field = annotation.model_fields.get(str(part))
            annotation = _required(field.annotation) if field else None
        elif get_origin(annotation) in (dict, tuple):
            arguments = get_args(annotation)
            annotation = arguments[1] if get_origin(annotation) is dict else arguments[0]
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return list(annotation.model_fields)
    return []
