"""Models: what they refer to must exist, as AWS demands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from moto.sagemaker.models import sagemaker_backends

from sandbox.compute import images
from sandbox.compute.failures import CALL_ERRORS, RunError
from sandbox.compute.operations import Request, Scope, install_operations, invalid, unsupported
from sandbox.compute.transfer import split_uri

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox


def create_model(request: Request) -> dict[str, Any]:
    """CreateModel: role, image and model data are looked up at once."""
    scope, name = request.scope, request.get("ModelName")
    if name in scope.backend._models:
        raise invalid(f'Cannot create already existing model "{scope.arn("model", name)}".')
    role = request.get("ExecutionRoleArn")
    if not role:
        raise invalid("ExecutionRoleArn is required")
    scope.require_role(role)
    containers = request.get("Containers") or []
    primary = request.get("PrimaryContainer") or (containers[0] if containers else None)
    if primary is None:
        raise invalid("Model must define either PrimaryContainer or Containers")
    if len(containers) > 1:
        raise unsupported("A model of more than one container")
    _check_container(scope, role, resolve_container(scope, primary))
    model = scope.backend.create_model(
        model_name=name,
        execution_role_arn=role,
        primary_container=request.get("PrimaryContainer"),
        vpc_config=request.get("VpcConfig"),
        containers=containers,
        tags=request.get("Tags"),
    )
    model.vpc_config = request.get("VpcConfig")
    model.enable_network_isolation = request.get("EnableNetworkIsolation", False)
    return {"ModelArn": model.arn}


def resolve_container(scope: Scope, container: Mapping[str, Any]) -> dict[str, Any]:
    """Image, ModelDataUrl and Environment, taken from the model package where one is named."""
    arn = container.get("ModelPackageName")
    if not arn:
        return dict(container)
    package = _package(scope, arn)
    if package.model_approval_status not in (None, "Approved"):
        raise invalid(
            f"Model package {arn} is {package.model_approval_status}: "
            "only an approved model package can be deployed"
        )
    specified = package.inference_specification["Containers"][0]
    environment = (specified.get("Environment") or {}) | (container.get("Environment") or {})
    return {**specified, **container, "Environment": environment}


def _package(scope: Scope, arn: str) -> Any:
    parts = arn.split(":")
    account, region = (parts[4], parts[3]) if len(parts) > 5 else (scope.account, scope.region)
    backend = sagemaker_backends[account][region]
    found = backend.model_packages.get(backend.model_package_name_mapping.get(arn, arn))
    if found is None:
        raise invalid(f"Model package {arn} does not exist")
    return found


def _check_container(scope: Scope, role: str, container: Mapping[str, Any]) -> None:
    if not container.get("Image"):
        raise invalid("The container names no Image")
    try:
        images.resolve(scope, container["Image"], role)
        if container.get("ModelDataUrl"):
            bucket, key = split_uri(container["ModelDataUrl"])
            scope.client("s3", role).head_object(Bucket=bucket, Key=key)
    except RunError as failure:
        raise invalid(str(failure).removeprefix("ClientError: ")) from None
    except CALL_ERRORS as error:
        raise invalid(
            f"Could not find model data at {container['ModelDataUrl']} with role {role}: {error}"
        ) from None


def install(sandbox: Sandbox) -> None:
    """Replace moto's version, which takes any name on trust."""
    install_operations(sandbox, {"CreateModel": create_model})
