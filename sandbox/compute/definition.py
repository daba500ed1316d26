"""A pipeline definition, parsed and refused where SageMaker would refuse it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import Any

from sandbox.compute import shapes
from sandbox.compute.expressions import COMPARISONS, is_intrinsic, references, steps_named_in

VERSION = "2020-12-01"
PARAMETER_TYPES: dict[str, tuple[type, ...]] = {
    "String": (str,),
    "Integer": (int,),
    "Float": (float, int),
    "Boolean": (bool,),
}
JOB_OPERATIONS = {"Processing": "CreateProcessingJob", "Training": "CreateTrainingJob"}
RUNNABLE = (*JOB_OPERATIONS, "Condition", "Fail", "Lambda")
KNOWN = (
    *RUNNABLE,
    *("Transform", "Tuning", "Model", "RegisterModel", "EMR", "EMRServerless", "Callback"),
    *("QualityCheck", "ClarifyCheck", "AutoML", "NotebookJob", "Endpoint", "EndpointConfig"),
)
VARIABLES = (
    *("StartDateTime", "CurrentDateTime", "PipelineName", "PipelineArn", "PipelineExecutionId"),
    *("PipelineExecutionArn", "TrainingJobName", "ProcessingJobName"),
)


class DefinitionError(ValueError):
    """A definition that SageMaker would refuse; one sentence naming step and fault."""


@dataclass(frozen=True)
class Parameter:
    """A pipeline parameter and what it accepts."""

    name: str
    kind: str
    default: Any = None
    choices: tuple[Any, ...] = ()

    def fault(self, value: Any) -> str | None:
        """Why a value is not acceptable, if it is not."""
        wanted = PARAMETER_TYPES[self.kind]
        if not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted):
            return f"Parameter {self.name} is of type {self.kind}; {value!r} is not"
        if self.choices and value not in self.choices:
            return f"Parameter {self.name} must be one of {list(self.choices)}; {value!r} is not"
        return None


@dataclass(frozen=True)
class Step:
    """One step with the steps it waits for; branch steps also wait for their condition."""

    name: str
    kind: str
    body: Mapping[str, Any]
    needs: frozenset[str]
    condition: str | None = None
    branch: str | None = None  # IfSteps or ElseSteps of the condition

    @property
    def arguments(self) -> Mapping[str, Any]:
        return self.body.get("Arguments") or {}


@dataclass(frozen=True)
class Definition:
    """Everything an execution needs to know."""

    parameters: Mapping[str, Parameter]
    steps: Mapping[str, Step]
    property_files: Mapping[tuple[str, str], tuple[str, str]] = field(default_factory=dict)


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
    definition = Definition(parameters, steps, dict(_property_files(steps)))
    for step in steps.values():
        _check_references(step, definition)
        _check_arguments(step)
    _check_order(steps)
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
        if kind == "Condition":
            own["Conditions"] = arguments.get("Conditions")
        else:
            own["Arguments"] = arguments
        needs = frozenset(body.get("DependsOn") or ()) | steps_named_in(own) | before
        yield Step(name, kind, body, needs, condition, branch)
        for side in ("IfSteps", "ElseSteps") if kind == "Condition" else ():
            yield from _steps(arguments.get(side) or (), name, side, frozenset((name,)))


def _property_files(
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


def _check_references(step: Step, definition: Definition) -> None:
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


def _check_arguments(step: Step) -> None:
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


def _check_order(steps: Mapping[str, Step]) -> None:
    try:
        TopologicalSorter({name: step.needs for name, step in steps.items()}).prepare()
    except CycleError as error:
        circle = " -> ".join(reversed(error.args[1]))
        raise DefinitionError(f"Steps wait for each other: {circle}") from None
