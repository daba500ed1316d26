"""What SageMaker refuses in a pipeline definition: requests, references, order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any

from sandbox.compute import shapes
from sandbox.compute.definition_model import (
    JOB_OPERATIONS,
    VARIABLES,
    Definition,
    DefinitionError,
    Step,
)
from sandbox.compute.expressions import COMPARISONS, is_intrinsic, references


def property_files(
    steps: Mapping[str, Step],
) -> Iterator[tuple[tuple[str, str], tuple[str, str]]]:
    """(step, property file) -> (output, path inside it)."""
    for step in steps.values():
        config = step.arguments.get("ProcessingOutputConfig") or {}
        outputs = {output.get("OutputName") for output in config.get("Outputs") or ()}
        for item in step.body.get("PropertyFiles") or ():
            name, output = item.get("PropertyFileName"), item.get("OutputName")
            if output not in outputs:
                raise DefinitionError(
                    f"Step {step.name}: property file {name} names the output {output}, "
                    "which the step does not have"
                )
            yield (step.name, name), (output, item.get("FilePath", ""))


def check_references(step: Step, definition: Definition) -> None:
    own = {**step.body, "Arguments": _without_branches(step)}
    for reference in references(own):
        area, _, rest = reference.partition(".")
        first, _, below = rest.partition(".")
        if area == "Parameters" and first in definition.parameters:
            continue
        if area == "Execution" and first in VARIABLES:
            continue
        if area == "Steps" and first.split("[")[0] in definition.steps:
            _check_property_file(step, first, below, definition)
            continue
        raise DefinitionError(f"Step {step.name}: {reference} does not exist")
    for name in step.needs:
        if name not in definition.steps:
            raise DefinitionError(f"Step {step.name}: DependsOn names {name}, which does not exist")


def _check_property_file(step: Step, other: str, below: str, definition: Definition) -> None:
    kind, _, name = below.partition(".")
    if kind == "PropertyFiles" and (other, name) not in definition.property_files:
        raise DefinitionError(f"Step {step.name}: step {other} has no property file {name}")


def _without_branches(step: Step) -> Mapping[str, Any]:
    return {k: v for k, v in step.arguments.items() if k not in ("IfSteps", "ElseSteps")}


def check_arguments(step: Step) -> None:
    if step.kind in JOB_OPERATIONS:
        _check_job(step)
    elif step.kind == "Condition":
        for condition in step.arguments.get("Conditions") or (None,):
            _check_condition(step, condition)
    elif step.kind == "Fail" and "ErrorMessage" not in step.arguments:
        raise DefinitionError(f"Step {step.name}: a Fail step needs an ErrorMessage")
    elif step.kind == "Lambda" and not step.body.get("FunctionArn"):
        raise DefinitionError(f"Step {step.name}: a Lambda step needs a FunctionArn")


def _check_job(step: Step) -> None:
    """Arguments must make a request that the job's API accepts; the service adds the name."""
    named = {f"{step.kind}JobName": "name"} | dict(step.arguments)
    shape = shapes.input_shape(JOB_OPERATIONS[step.kind])
    for fault in shapes.faults(shape, named, opaque=is_intrinsic):
        raise DefinitionError(f"Step {step.name}: {fault}")
    if step.kind == "Training" and not step.arguments.get("StoppingCondition"):
        raise DefinitionError(f"Step {step.name}: a training job needs a StoppingCondition")


def _check_condition(step: Step, condition: Any) -> None:
    members: dict[str, tuple[str, ...]] = {
        "Not": ("Condition",),
        "Or": ("Conditions",),
        "And": ("Conditions",),
        "In": ("QueryValue", "Values"),
        **dict.fromkeys(COMPARISONS, ("LeftValue", "RightValue")),
    }
    if not isinstance(condition, dict) or condition.get("Type") not in members:
        kind = condition.get("Type") if isinstance(condition, dict) else condition
        raise DefinitionError(f"Step {step.name}: unknown condition {kind!r}")
    for member in members[condition["Type"]]:
        if member not in condition and not (member == "Condition" and "Expression" in condition):
            raise DefinitionError(f"Step {step.name}: {condition['Type']} needs {member}")
    nested = condition.get("Conditions") or condition.get("Condition") or ()
    for inner in [nested] if isinstance(nested, dict) else nested:
        _check_condition(step, inner)


def check_order(steps: Mapping[str, Step]) -> None:
    try:
        TopologicalSorter({name: step.needs for name, step in steps.items()}).prepare()
    except CycleError as error:
        circle = " -> ".join(reversed(error.args[1]))
        raise DefinitionError(f"Steps wait for each other: {circle}") from None
