"""What each kind of pipeline step does, with the rights of the pipeline's role."""

from __future__ import annotations

import json
import secrets
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore import xform_name

from sandbox.compute.definition_model import JOB_OPERATIONS, Step
from sandbox.compute.expressions import as_text, holds
from sandbox.compute.failures import CALL_ERRORS, RunError, client_failure
from sandbox.compute.jobs import Job
from sandbox.compute.operations import Scope

LONGEST_NAME = 63
RANDOM = string.ascii_letters + string.digits
OUTPUT_TYPES: dict[str, tuple[type, ...]] = {
    "String": (str,),
    "Integer": (int,),
    "Boolean": (bool,),
    "Float": (float, int),
}


@dataclass(frozen=True)
class Result:
    """What a finished step gave: properties for later steps, metadata for whoever looks."""

    status: str = "Succeeded"
    properties: Mapping[str, Any] = field(default_factory=dict)
    failure: str | None = None


@dataclass(frozen=True)
class Surroundings:
    """What a step may use: where it runs, as whom, what it can resolve and report."""

    scope: Scope
    role_arn: str
    execution_id: str
    resolve: Callable[[Any, Mapping[str, str]], Any]
    report: Callable[[Mapping[str, Any]], None]  # metadata, as soon as it is known
    started: Callable[[Job], None]


def run_step(step: Step, around: Surroundings) -> Result:
    """Do what the step says; a RunError is its failure."""
    return RUNNERS[step.kind](step, around)


def _job(step: Step, around: Surroundings) -> Result:
    name = job_name(step, around.execution_id)
    variables = {f"Execution.{step.kind}JobName": name}
    request = around.resolve(step.arguments, variables) | {f"{step.kind}JobName": name}
    client = around.scope.client("sagemaker", around.role_arn)
    operation = JOB_OPERATIONS[step.kind]
    try:
        answer = getattr(client, xform_name(operation))(**request)
    except CALL_ERRORS as error:
        raise client_failure(f"Failed to invoke sagemaker:{operation}", error) from error
    around.report({f"{step.kind}Job": {"Arn": answer[f"{step.kind}JobArn"]}})
    job: Job = getattr(around.scope.backend, f"{step.kind.lower()}_jobs")[name]
    around.started(job)
    job.done.wait()
    return _job_result(job)


def _job_result(job: Job) -> Result:
    if job.status == "Completed":
        return Result(properties=job.describe())
    if job.status == "Stopped" and not job.failure_reason:
        return Result("Stopped", job.describe())
    return Result("Failed", job.describe(), job.failure_reason)


def job_name(step: Step, execution_id: str) -> str:
    """The name SageMaker gives the step's job; a name in the arguments is a custom prefix."""
    suffix = "".join(secrets.choice(RANDOM) for _ in range(10))
    prefix = step.arguments.get(f"{step.kind}JobName")
    if prefix:
        room = LONGEST_NAME - len(execution_id) - len(suffix) - 2
        return f"{prefix[:room]}-{execution_id}-{suffix}"
    room = LONGEST_NAME - len(f"pipelines-{execution_id}--{suffix}")
    return f"pipelines-{execution_id}-{step.name.replace('_', '-')[:room]}-{suffix}"


def _condition(step: Step, around: Surroundings) -> Result:
    conditions = step.arguments["Conditions"]
    outcome = all(holds(each, lambda value: around.resolve(value, {})) for each in conditions)
    shown = "True" if outcome else "False"
    around.report({"Condition": {"Outcome": shown}})
    return Result(properties={"Outcome": shown})


def _fail(step: Step, around: Surroundings) -> Result:
    message = str(around.resolve(step.arguments["ErrorMessage"], {}))
    around.report({"Fail": {"ErrorMessage": message}})
    return Result("Failed", failure=message)


def _lambda(step: Step, around: Surroundings) -> Result:
    arn = str(around.resolve(step.body["FunctionArn"], {}))
    payload = json.dumps(around.resolve(step.arguments, {})).encode()
    around.report({"Lambda": {"Arn": arn}})
    client = around.scope.client("lambda", around.role_arn)
    try:
        answer = client.invoke(FunctionName=arn, Payload=payload)
        text = answer["Payload"].read().decode("utf-8", "replace")
    except CALL_ERRORS as error:
        raise client_failure(f"Failed to invoke lambda:InvokeFunction on {arn}", error) from error
    if answer.get("FunctionError"):
        raise RunError(f"ClientError: The function {arn} failed: {text[:800]}")
    outputs = _outputs(step, text)
    around.report(
        {
            "Lambda": {
                "Arn": arn,
                "OutputParameters": [
                    {"Name": name, "Value": as_text(value)} for name, value in outputs.items()
                ],
            }
        }
    )
    return Result(properties={"OutputParameters": outputs})


def _outputs(step: Step, text: str) -> dict[str, Any]:
    """The declared outputs from the function's answer, each of its declared type."""
    declared = step.body.get("OutputParameters") or ()
    try:
        answer = json.loads(text) if text else None
    except ValueError:
        answer = None
    if declared and not isinstance(answer, dict):
        raise RunError(f"ClientError: the function answered {text[:200]!r}, not a JSON object")
    outputs: dict[str, Any] = {}
    for output in declared:
        name, kind = output["OutputName"], output.get("OutputType", "String")
        value = answer.get(name) if isinstance(answer, dict) else None
        wanted = OUTPUT_TYPES[kind]
        if not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted):
            raise RunError(f"ClientError: output {name} of the function is not a {kind}: {value!r}")
        outputs[name] = value
    return outputs


RUNNERS: Mapping[str, Callable[[Step, Surroundings], Result]] = {
    "Processing": _job,
    "Training": _job,
    "Transform": _job,
    "Condition": _condition,
    "Fail": _fail,
    "Lambda": _lambda,
}
