"""A pipeline definition, parsed and refused where SageMaker would refuse it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from sandbox.compute.definition_check import (
    check_arguments,
    check_order,
    check_references,
    property_files,
)
from sandbox.compute.definition_model import (
    KNOWN,
    PARAMETER_TYPES,
    RUNNABLE,
    VERSION,
    Definition,
    DefinitionError,
    Parameter,
    Step,
)
from sandbox.compute.expressions import steps_named_in


def parse(document: str) -> Definition:
    """The definition, or a DefinitionError."""
    try:
        content = json.loads(document)
    except ValueError as error:
        raise DefinitionError(f"The definition is not JSON: {error}") from None
    if not isinstance(content, dict):
        raise DefinitionError("The definition is not a JSON object")
    if content.get("Version") != VERSION:
        raise DefinitionError(f"Version must be {VERSION}, not {content.get('Version')!r}")
    parameters = {item.name: item for item in map(_parameter, content.get("Parameters") or ())}
    bodies = content.get("Steps")
    if not isinstance(bodies, list) or not bodies:
        raise DefinitionError("Steps must be a list with at least one step")
    steps: dict[str, Step] = {}
    for step in _steps(bodies, None, None, frozenset()):
        if step.name in steps:
            raise DefinitionError(f"Step names must be unique: {step.name} is used twice")
        steps[step.name] = step
    for step in steps.values():
        check_arguments(step)
    definition = Definition(parameters, steps, dict(property_files(steps)))
    for step in steps.values():
        check_references(step, definition)
    check_order(steps)
    return definition


def _parameter(body: Any) -> Parameter:
    if not isinstance(body, dict) or not isinstance(body.get("Name"), str):
        raise DefinitionError(f"A parameter has no Name: {body!r}")
    name, kind = body["Name"], body.get("Type")
    if kind not in PARAMETER_TYPES:
        raise DefinitionError(f"Parameter {name}: Type must be one of {list(PARAMETER_TYPES)}")
    parameter = Parameter(name, kind, body.get("DefaultValue"), tuple(body.get("EnumValues") or ()))
    fault = parameter.default is not None and parameter.fault(parameter.default)
    if fault:
        raise DefinitionError(f"DefaultValue: {fault}")
    return parameter


def _steps(
    bodies: Any, condition: str | None, branch: str | None, before: frozenset[str]
) -> Iterator[Step]:
    """Every step, those in the branches of conditions included."""
    for body in bodies:
        if not isinstance(body, dict) or not isinstance(body.get("Name"), str):
            raise DefinitionError(f"A step has no Name: {str(body)[:80]}")
        name, kind = body["Name"], body.get("Type")
        if kind not in KNOWN:
            raise DefinitionError(f"Step {name}: unknown Type {kind!r}")
        if kind not in RUNNABLE:
            raise DefinitionError(f"Step {name}: {kind} steps are not supported by this sandbox")
        own = {key: value for key, value in body.items() if key != "Arguments"}
        arguments = body.get("Arguments") or {}
        if not isinstance(arguments, dict):
            raise DefinitionError(f"Step {name}: Arguments must be an object")
        if kind == "Condition":
            own["Conditions"] = arguments.get("Conditions")
        else:
            own["Arguments"] = arguments
        needs = frozenset(body.get("DependsOn") or ()) | steps_named_in(own) | before
        yield Step(name, kind, body, needs, condition, branch)
        for side in ("IfSteps", "ElseSteps") if kind == "Condition" else ():
            yield from _steps(arguments.get(side) or (), name, side, frozenset((name,)))
