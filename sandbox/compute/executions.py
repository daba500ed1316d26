"""Executions of pipelines as the API shows and steers them."""

from __future__ import annotations

import secrets
import string
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from moto.sagemaker.exceptions import ResourceNotFound

from sandbox.compute.definition_model import Definition
from sandbox.compute.execution import Execution, Plan, StepRun
from sandbox.compute.listing import Entry, page
from sandbox.compute.operations import Request, install_operations, invalid, unsupported
from sandbox.compute.pipelines import find, identity, known, parsed

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox

WIDTH = 50  # steps in parallel when the pipeline does not say


def start_execution(request: Request) -> dict[str, Any]:
    """StartPipelineExecution: the same token starts nothing twice."""
    pipeline = find(request, request.get("PipelineName"))
    if request.get("SelectiveExecutionConfig"):
        raise unsupported("SelectiveExecutionConfig")
    # The run's jobs carry the name of who starts it, so that its role has to take one.
    request.scope.require_role(request.get("RoleArn") or pipeline.role_arn)
    tokens = pipeline.__dict__.setdefault("execution_tokens", {})
    token = request.get("ClientRequestToken")
    if token in tokens:
        return {"PipelineExecutionArn": tokens[token]}
    execution = Execution(request.scope, _plan(request, pipeline), _identifier())
    pipeline.pipeline_executions[execution.arn] = execution
    pipeline.last_execution_time = execution.creation_time
    tokens[token] = execution.arn
    execution.start()
    return {"PipelineExecutionArn": execution.arn}


def stop_execution(request: Request) -> dict[str, Any]:
    """StopPipelineExecution."""
    execution = _find_execution(request)
    if execution.done.is_set():
        raise invalid(f"Only an execution in progress can be stopped: it is {execution.status}")
    execution.stop()
    return {"PipelineExecutionArn": execution.arn}


def retry_execution(request: Request) -> dict[str, Any]:
    """RetryPipelineExecution."""
    execution = _find_execution(request)
    if execution.status not in ("Failed", "Stopped"):
        raise invalid(
            f"Only a failed or stopped execution can be retried: it is {execution.status}"
        )
    execution.retry()
    return {"PipelineExecutionArn": execution.arn}


def describe_execution(request: Request) -> dict[str, Any]:
    """DescribePipelineExecution."""
    execution = _find_execution(request)
    plan = execution.plan
    return known(
        {
            "PipelineArn": plan.pipeline_arn,
            "PipelineExecutionArn": execution.arn,
            "PipelineExecutionDisplayName": plan.display_name,
            "PipelineExecutionStatus": execution.status,
            "PipelineExecutionDescription": plan.description,
            "FailureReason": execution.failure_reason,
            "CreationTime": execution.creation_time,
            "LastModifiedTime": execution.last_modified_time,
            "CreatedBy": identity(plan.caller),
            "LastModifiedBy": identity(plan.caller),
        }
    )


def list_executions(request: Request) -> dict[str, Any]:
    """ListPipelineExecutions."""
    pipeline = find(request, request.get("PipelineName"))
    entries = [
        Entry(item.arn, item.status, item.creation_time, item.last_modified_time, _summary(item))
        for item in list(pipeline.pipeline_executions.values())
    ]
    return page(entries, request.parameters, "PipelineExecutionSummaries", "Descending")


def list_steps(request: Request) -> dict[str, Any]:
    """ListPipelineExecutionSteps: the steps that started, the latest first unless asked."""
    execution = _find_execution(request)
    entries = [
        Entry(run.step.name, run.status, run.started, run.ended or run.started, _step(run))
        for run in list(execution.runs.values())
    ]
    return page(entries, request.parameters, "PipelineExecutionSteps", "Descending")


def list_parameters(request: Request) -> dict[str, Any]:
    """ListPipelineParametersForExecution: given values and defaults."""
    values = _find_execution(request).plan.parameters
    items = [{"Name": name, "Value": _text(value)} for name, value in values.items()]
    return {"PipelineParameters": items}


def describe_definition(request: Request) -> dict[str, Any]:
    """DescribePipelineDefinitionForExecution."""
    execution = _find_execution(request)
    return {
        "PipelineDefinition": execution.plan.document,
        "CreationTime": execution.creation_time,
    }


def _plan(request: Request, pipeline: Any) -> Plan:
    definition = parsed(pipeline.pipeline_definition)
    given = request.get("PipelineParameters") or []
    parallelism = request.get("ParallelismConfiguration") or pipeline.parallelism_configuration
    return Plan(
        pipeline_name=pipeline.pipeline_name,
        pipeline_arn=pipeline.arn,
        role_arn=request.get("RoleArn") or pipeline.role_arn,
        document=pipeline.pipeline_definition,
        definition=definition,
        parameters=_values(definition, {item["Name"]: item["Value"] for item in given}),
        width=(parallelism or {}).get("MaxParallelExecutionSteps", WIDTH),
        caller=request.caller,
        display_name=request.get("PipelineExecutionDisplayName"),
        description=request.get("PipelineExecutionDescription"),
    )


def _values(definition: Definition, given: Mapping[str, str]) -> dict[str, Any]:
    """Each parameter's value, of its type."""
    unknown = sorted(set(given) - set(definition.parameters))
    if unknown:
        raise invalid(f"Unknown parameters [{', '.join(unknown)}] in the request")
    values: dict[str, Any] = {}
    for name, parameter in definition.parameters.items():
        if name not in given and parameter.default is None:
            raise invalid(f"Parameter {name} has no default and must be given a value")
        value = _typed(parameter.kind, given[name]) if name in given else parameter.default
        fault = parameter.fault(value)
        if fault:
            raise invalid(fault)
        values[name] = value
    return values


def _typed(kind: str, text: str) -> Any:
    """The text as the parameter's type, or unchanged where it is none."""
    try:
        if kind == "Integer":
            return int(text)
        if kind == "Float":
            return float(text)
    except ValueError:
        return text
    if kind == "Boolean":
        return {"true": True, "false": False}.get(text.lower(), text)
    return text


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _identifier() -> str:
    return "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(12))


def _find_execution(request: Request) -> Execution:
    arn = request.get("PipelineExecutionArn")
    for pipeline in list(request.scope.backend.pipelines.values()):
        if arn in pipeline.pipeline_executions:
            return pipeline.pipeline_executions[arn]
    raise ResourceNotFound(f"Pipeline execution '{arn}' does not exist.")


def _summary(execution: Execution) -> dict[str, Any]:
    return known(
        {
            "PipelineExecutionArn": execution.arn,
            "StartTime": execution.creation_time,
            "PipelineExecutionStatus": execution.status,
            "PipelineExecutionDescription": execution.plan.description,
            "PipelineExecutionDisplayName": execution.plan.display_name,
            "PipelineExecutionFailureReason": execution.failure_reason,
        }
    )


def _step(run: StepRun) -> dict[str, Any]:
    return known(
        {
            "StepName": run.step.name,
            "StepType": run.step.kind,
            "StepDisplayName": run.step.body.get("DisplayName"),
            "StepDescription": run.step.body.get("Description"),
            "StartTime": run.started,
            "EndTime": run.ended,
            "StepStatus": run.status,
            "AttemptCount": 1,
            "FailureReason": run.failure,
            "Metadata": dict(run.metadata),
        }
    )


def install(sandbox: Sandbox) -> None:
    """Replace moto's executions, which succeed at once without running anything."""
    install_operations(
        sandbox,
        {
            "StartPipelineExecution": start_execution,
            "StopPipelineExecution": stop_execution,
            "RetryPipelineExecution": retry_execution,
            "DescribePipelineExecution": describe_execution,
            "ListPipelineExecutions": list_executions,
            "ListPipelineExecutionSteps": list_steps,
            "ListPipelineParametersForExecution": list_parameters,
            "DescribePipelineDefinitionForExecution": describe_definition,
        },
    )
