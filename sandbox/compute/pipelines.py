"""SageMaker pipelines: definitions are checked, executions run."""

from __future__ import annotations

import secrets
import string
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from moto.core.utils import utcnow
from moto.sagemaker.exceptions import ResourceNotFound
from moto.sagemaker.models import FakePipeline

from sandbox.compute.definition import Definition, DefinitionError, parse
from sandbox.compute.execution import Execution, Plan, StepRun
from sandbox.compute.listing import Entry, page
from sandbox.compute.operations import (
    Request,
    Scope,
    install_operations,
    invalid,
    unsupported,
)

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox

WIDTH = 50  # steps in parallel when the pipeline does not say
CHANGES = {
    "PipelineDisplayName": "pipeline_display_name",
    "PipelineDescription": "pipeline_description",
    "RoleArn": "role_arn",
    "ParallelismConfiguration": "parallelism_configuration",
}


def create(request: Request) -> dict[str, Any]:
    """CreatePipeline."""
    pipelines, name = request.scope.backend.pipelines, request.get("PipelineName")
    kept = pipelines.get(name)
    if kept is not None:
        if getattr(kept, "token", None) == request.get("ClientRequestToken"):
            return {"PipelineArn": kept.arn}
        raise invalid(
            "Pipeline names must be unique within an AWS account and region. "
            f"Pipeline with name ({name}) already exists."
        )
    document = _checked_document(request)
    request.scope.require_role(request.get("RoleArn"))
    pipeline = FakePipeline(
        pipeline_name=name,
        pipeline_display_name=request.get("PipelineDisplayName"),
        pipeline_definition=document,
        pipeline_description=request.get("PipelineDescription"),
        role_arn=request.get("RoleArn"),
        tags=request.get("Tags"),
        account_id=request.scope.account,
        region_name=request.scope.region,
        parallelism_configuration=request.get("ParallelismConfiguration"),
    )
    pipeline.token = request.get("ClientRequestToken")
    pipeline.created_by = pipeline.last_modified_by = _identity(request.caller)
    pipelines[name] = pipeline
    request.scope.sandbox.submit(_make_clients, request.scope, pipeline.role_arn)
    return {"PipelineArn": pipeline.arn}


def update(request: Request) -> dict[str, Any]:
    """UpdatePipeline: what is given changes; running executions keep what they started with."""
    pipeline = _find(request, request.get("PipelineName"))
    if request.get("RoleArn"):
        request.scope.require_role(request.get("RoleArn"))
    if request.get("PipelineDefinition") or request.get("PipelineDefinitionS3Location"):
        pipeline.pipeline_definition = _checked_document(request)
    for member, attribute in CHANGES.items():
        if member in request.parameters:
            setattr(pipeline, attribute, request.get(member))
    pipeline.last_modified_time = utcnow()
    pipeline.last_modified_by = _identity(request.caller)
    return {"PipelineArn": pipeline.arn}


def delete(request: Request) -> dict[str, Any]:
    """DeletePipeline."""
    pipeline = _find(request, request.get("PipelineName"))
    if any(not execution.done.is_set() for execution in pipeline.pipeline_executions.values()):
        raise invalid(f"Pipeline {pipeline.pipeline_name} has an execution that is in progress")
    del request.scope.backend.pipelines[pipeline.pipeline_name]
    return {"PipelineArn": pipeline.arn}


def describe(request: Request) -> dict[str, Any]:
    """DescribePipeline."""
    pipeline = _find(request, request.get("PipelineName"))
    return _known(
        {
            "PipelineArn": pipeline.arn,
            "PipelineName": pipeline.pipeline_name,
            "PipelineDisplayName": pipeline.pipeline_display_name,
            "PipelineDescription": pipeline.pipeline_description,
            "PipelineDefinition": pipeline.pipeline_definition,
            "RoleArn": pipeline.role_arn,
            "PipelineStatus": pipeline.pipeline_status,
            "CreationTime": pipeline.creation_time,
            "LastModifiedTime": pipeline.last_modified_time,
            "LastRunTime": pipeline.last_execution_time,
            "CreatedBy": pipeline.created_by,
            "LastModifiedBy": pipeline.last_modified_by,
            "ParallelismConfiguration": pipeline.parallelism_configuration,
        }
    )


def start_execution(request: Request) -> dict[str, Any]:
    """StartPipelineExecution: the same token starts nothing twice."""
    pipeline = _find(request, request.get("PipelineName"))
    if request.get("SelectiveExecutionConfig"):
        raise unsupported("SelectiveExecutionConfig")
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
    return _known(
        {
            "PipelineArn": plan.pipeline_arn,
            "PipelineExecutionArn": execution.arn,
            "PipelineExecutionDisplayName": plan.display_name,
            "PipelineExecutionStatus": execution.status,
            "PipelineExecutionDescription": plan.description,
            "FailureReason": execution.failure_reason,
            "CreationTime": execution.creation_time,
            "LastModifiedTime": execution.last_modified_time,
            "CreatedBy": _identity(plan.caller),
            "LastModifiedBy": _identity(plan.caller),
        }
    )


def list_executions(request: Request) -> dict[str, Any]:
    """ListPipelineExecutions."""
    pipeline = _find(request, request.get("PipelineName"))
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


def _make_clients(scope: Scope, role_arn: str) -> None:
    """Make what the first run needs while its caller still prepares: it takes half a second."""
    for service in ("sagemaker", "ecr", "s3", "lambda"):
        scope.client(service, role_arn)


def _checked_document(request: Request) -> str:
    document, place = request.get("PipelineDefinition"), request.get("PipelineDefinitionS3Location")
    if bool(document) == bool(place):
        raise invalid("Give either PipelineDefinition or PipelineDefinitionS3Location")
    if place:
        scope = request.scope
        s3 = scope.sandbox.root_client(scope.account, scope.region, "s3")
        found = s3.get_object(Bucket=place["Bucket"], Key=place["ObjectKey"])
        document = found["Body"].read().decode()
    _parse(document)
    return str(document)


def _parse(document: str) -> Definition:
    try:
        return parse(document)
    except DefinitionError as error:
        raise invalid(f"Unable to parse pipeline definition: {error}") from None


def _plan(request: Request, pipeline: Any) -> Plan:
    definition = _parse(pipeline.pipeline_definition)
    given = request.get("PipelineParameters") or []
    parallelism = request.get("ParallelismConfiguration") or pipeline.parallelism_configuration
    return Plan(
        pipeline_name=pipeline.pipeline_name,
        pipeline_arn=pipeline.arn,
        role_arn=request.get("RoleArn") or pipeline.role_arn,
        document=pipeline.pipeline_definition,
        definition=definition,
        parameters=_values(definition, {item["Name"]: item["Value"] for item in given}),
        given=tuple(given),
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


def _identity(caller: str) -> dict[str, Any]:
    return {"IamIdentity": {"Arn": caller}}


def _find(request: Request, name: str) -> Any:
    pipeline = request.scope.backend.pipelines.get(name.rsplit("/", 1)[-1])
    if pipeline is None:
        arn = request.scope.arn("pipeline", name)
        raise ResourceNotFound(f"Pipeline '{arn}' does not exist.")
    return pipeline


def _find_execution(request: Request) -> Execution:
    arn = request.get("PipelineExecutionArn")
    for pipeline in list(request.scope.backend.pipelines.values()):
        if arn in pipeline.pipeline_executions:
            return pipeline.pipeline_executions[arn]
    raise ResourceNotFound(f"Pipeline execution '{arn}' does not exist.")


def _summary(execution: Execution) -> dict[str, Any]:
    return _known(
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
    return _known(
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


def _known(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def install(sandbox: Sandbox) -> None:
    """Replace moto's pipelines, which accept any definition and succeed at once."""
    install_operations(
        sandbox,
        {
            "CreatePipeline": create,
            "UpdatePipeline": update,
            "DeletePipeline": delete,
            "DescribePipeline": describe,
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
