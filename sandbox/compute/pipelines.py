"""SageMaker pipelines: a definition is checked when it is stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from moto.core.utils import utcnow
from moto.sagemaker.exceptions import ResourceNotFound
from moto.sagemaker.models import FakePipeline

from sandbox.compute.definition import parse
from sandbox.compute.definition_model import Definition, DefinitionError
from sandbox.compute.listing import Entry, page
from sandbox.compute.operations import (
    Request,
    Scope,
    install_operations,
    invalid,
)

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox

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
    pipeline.created_by = pipeline.last_modified_by = identity(request.caller)
    pipelines[name] = pipeline
    request.scope.sandbox.submit(_make_clients, request.scope, pipeline.role_arn)
    return {"PipelineArn": pipeline.arn}


def update(request: Request) -> dict[str, Any]:
    """UpdatePipeline: what is given changes; running executions keep what they started with."""
    pipeline = find(request, request.get("PipelineName"))
    if request.get("RoleArn"):
        request.scope.require_role(request.get("RoleArn"))
    if request.get("PipelineDefinition") or request.get("PipelineDefinitionS3Location"):
        pipeline.pipeline_definition = _checked_document(request)
    for member, attribute in CHANGES.items():
        if member in request.parameters:
            setattr(pipeline, attribute, request.get(member))
    pipeline.last_modified_time = utcnow()
    pipeline.last_modified_by = identity(request.caller)
    return {"PipelineArn": pipeline.arn}


def delete(request: Request) -> dict[str, Any]:
    """DeletePipeline."""
    pipeline = find(request, request.get("PipelineName"))
    if any(not execution.done.is_set() for execution in pipeline.pipeline_executions.values()):
        raise invalid(f"Pipeline {pipeline.pipeline_name} has an execution that is in progress")
    del request.scope.backend.pipelines[pipeline.pipeline_name]
    return {"PipelineArn": pipeline.arn}


def describe(request: Request) -> dict[str, Any]:
    """DescribePipeline."""
    pipeline = find(request, request.get("PipelineName"))
    return known(
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


def list_pipelines(request: Request) -> dict[str, Any]:
    """ListPipelines: newest first, ten a page unless asked for more."""
    prefix = request.get("PipelineNamePrefix") or ""
    entries = [
        Entry(
            item.pipeline_name,
            item.pipeline_status,
            item.creation_time,
            item.last_modified_time,
            known(
                {
                    "PipelineArn": item.arn,
                    "PipelineName": item.pipeline_name,
                    "PipelineDisplayName": item.pipeline_display_name,
                    "PipelineDescription": item.pipeline_description,
                    "RoleArn": item.role_arn,
                    "CreationTime": item.creation_time,
                    "LastModifiedTime": item.last_modified_time,
                    "LastExecutionTime": item.last_execution_time,
                }
            ),
        )
        for item in list(request.scope.backend.pipelines.values())
        if item.pipeline_name.startswith(prefix)
    ]
    return page(entries, request.parameters, "PipelineSummaries", "Descending", limit=10)


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
    parsed(document)
    return str(document)


def parsed(document: str) -> Definition:
    try:
        return parse(document)
    except DefinitionError as error:
        raise invalid(f"Unable to parse pipeline definition: {error}") from None


def identity(caller: str) -> dict[str, Any]:
    return {"IamIdentity": {"Arn": caller}}


def find(request: Request, name: str) -> Any:
    pipeline = request.scope.backend.pipelines.get(name.rsplit("/", 1)[-1])
    if pipeline is None:
        arn = request.scope.arn("pipeline", name)
        raise ResourceNotFound(f"Pipeline '{arn}' does not exist.")
    return pipeline


def known(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def install(sandbox: Sandbox) -> None:
    """Replace moto's pipelines, which accept any definition."""
    install_operations(
        sandbox,
        {
            "CreatePipeline": create,
            "UpdatePipeline": update,
            "DeletePipeline": delete,
            "DescribePipeline": describe,
            "ListPipelines": list_pipelines,
        },
    )
