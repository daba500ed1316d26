"""Whether SageMaker would accept a pipeline definition, as far as can be known without asking it.

Three looks, because none sees everything: the DSL's own structure, every reference, and each job's
arguments against the shape of the API call the service will make of them.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from modelyard.job_shapes import argument_problems

_PARAMETER_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "String": str,
    "Integer": int,
    "Float": (int, float),
    "Boolean": bool,
}
_CALLS = {
    "Processing": "CreateProcessingJob",
    "Training": "CreateTrainingJob",
    "Transform": "CreateTransformJob",
    "Model": "CreateModel",
    "RegisterModel": "CreateModelPackage",
}
_TYPES = {*_CALLS, "Condition", "Fail", "Lambda"}
_CONDITIONS = {
    "Equals",
    "GreaterThan",
    "GreaterThanOrEqualTo",
    "LessThan",
    "LessThanOrEqualTo",
    "In",
    "Not",
    "Or",
}
_EXECUTION = {
    "StartDateTime",
    "CurrentDateTime",
    "PipelineName",
    "PipelineArn",
    "PipelineExecutionId",
    "PipelineExecutionArn",
    "TrainingJobName",
    "ProcessingJobName",
}

Step = Mapping[str, Any]


def validate(definition: Mapping[str, Any]) -> list[str]:
    """Sentences about what is wrong; none when the definition is sound."""
    steps = list(_steps(definition.get("Steps", [])))
    problems = list(_structure(definition, steps))
    # What follows presumes names and types.
    return problems or [
        *_references(definition, steps),
        *(problem for step in steps for problem in _arguments(step)),
        *_cycles(steps),
    ]


def _steps(steps: list[Step]) -> Iterator[Step]:
    for step in steps:
        yield step
        if step.get("Type") == "Condition":
            arguments = step.get("Arguments", {})
            yield from _steps(arguments.get("IfSteps", []))
            yield from _steps(arguments.get("ElseSteps", []))


def _structure(definition: Mapping[str, Any], steps: list[Step]) -> Iterator[str]:
    if definition.get("Version") != "2020-12-01":
        yield f"Version is {definition.get('Version')!r}; SageMaker knows '2020-12-01'"
    if not steps:
        yield "the pipeline has no steps"
    yield from _duplicates("parameter", [item["Name"] for item in definition.get("Parameters", [])])
    yield from _duplicates("step", [str(step.get("Name")) for step in steps])
    for parameter in definition.get("Parameters", []):
        kind, default = parameter.get("Type"), parameter.get("DefaultValue")
        if kind not in _PARAMETER_TYPES:
            yield f"parameter {parameter['Name']}: unknown type {kind!r}"
        elif default is not None and not isinstance(default, _PARAMETER_TYPES[kind]):
            yield f"parameter {parameter['Name']}: the default {default!r} is no {kind}"
    for step in steps:
        if not re.fullmatch(r"[A-Za-z0-9-_]{1,64}", str(step.get("Name", ""))):
            yield f"step name {step.get('Name')!r}: use up to 64 letters, digits, - and _"
        if step.get("Type") not in _TYPES:
            yield f"step {step.get('Name')}: unknown type {step.get('Type')!r}"


def _duplicates(what: str, names: list[str]) -> Iterator[str]:
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"{what} {name} appears twice"


def _references(definition: Mapping[str, Any], steps: list[Step]) -> Iterator[str]:
    parameters = {item["Name"] for item in definition.get("Parameters", [])}
    files = {
        step["Name"]: {item["PropertyFileName"] for item in step.get("PropertyFiles", [])}
        for step in steps
    }
    for step in steps:
        for dependency in step.get("DependsOn", []):
            if dependency not in files:
                yield f"step {step['Name']}: depends on {dependency}, which does not exist"
        for reference in _gets(_own(step)):
            problem = _dangling(reference, parameters, files)
            if problem:
                yield f"step {step['Name']}: {reference} {problem}"


def _own(step: Step) -> Any:
    """A step without the steps nested in it."""
    if step.get("Type") != "Condition":
        return step
    return {**step, "Arguments": step["Arguments"].get("Conditions", [])}


def _gets(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        if set(value) == {"Get"}:
            yield str(value["Get"])
        for item in value.values():
            yield from _gets(item)
    elif isinstance(value, list):
        for item in value:
            yield from _gets(item)


def _dangling(reference: str, parameters: set[str], files: Mapping[str, set[str]]) -> str | None:
    root, _, rest = reference.partition(".")
    name, _, path = rest.partition(".")
    if root == "Parameters":
        return None if rest in parameters else "names no parameter"
    if root == "Execution":
        return None if rest in _EXECUTION else "is no execution variable"
    if root != "Steps":
        return "begins with none of Parameters, Execution, Steps"
    if name not in files:
        return "names no step"
    if path.startswith("PropertyFiles."):
        file = path.removeprefix("PropertyFiles.")
        return None if file in files[name] else "names no property file"
    return None if path else "names no property"


def _arguments(step: Step) -> Iterator[str]:
    name, kind, arguments = step["Name"], step["Type"], step.get("Arguments", {})
    if kind in _CALLS:
        for problem in argument_problems(_CALLS[kind], arguments):
            yield f"step {name}: {problem}"
    if kind in ("Processing", "Training") and "StoppingCondition" not in arguments:
        yield f"step {name}: no StoppingCondition, so a stuck job would run for a day"
    if kind == "Lambda" and not step.get("FunctionArn"):
        yield f"step {name}: no FunctionArn"
    if kind == "Fail" and "ErrorMessage" not in arguments:
        yield f"step {name}: no ErrorMessage"
    if kind == "Condition":
        conditions = arguments.get("Conditions", [])
        if not conditions:
            yield f"step {name}: no Conditions"
        for condition in conditions:
            if condition.get("Type") not in _CONDITIONS:
                yield f"step {name}: unknown condition {condition.get('Type')!r}"


def _cycles(steps: list[Step]) -> Iterator[str]:
    waits = {step["Name"]: set(step.get("DependsOn", [])) for step in steps}
    for step in steps:
        for reference in _gets(_own(step)):
            if reference.startswith("Steps."):
                waits[step["Name"]].add(reference.split(".")[1])
    done: set[str] = set()
    while ready := {name for name in waits.keys() - done if waits[name] & waits.keys() <= done}:
        done |= ready
    if stuck := sorted(waits.keys() - done):
        yield f"steps wait for each other: {', '.join(stuck)}"
