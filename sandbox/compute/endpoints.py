"""Endpoints: CreateEndpoint and what else the API offers for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sandbox.compute.deployment_rules import checked_plan
from sandbox.compute.endpoint import UPDATABLE, Endpoint
from sandbox.compute.fleet import Fleet
from sandbox.compute.listing import Entry, page
from sandbox.compute.operations import Request, install_operations, invalid
from sandbox.compute.scaling_targets import forget, registered

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox


def find(request: Request) -> Endpoint:
    """The endpoint the request names."""
    name = request.get("EndpointName")
    endpoint = request.scope.backend.endpoints.get(name)
    if endpoint is None:
        raise invalid(f'Could not find endpoint "{request.scope.arn("endpoint", name)}".')
    return endpoint


def create(request: Request) -> dict[str, Any]:
    """CreateEndpoint: its DeploymentConfig is kept for updates."""
    endpoints, name = request.scope.backend.endpoints, request.get("EndpointName")
    if name in endpoints:
        arn = request.scope.arn("endpoint", name)
        raise invalid(f'Cannot create already existing endpoint "{arn}".')
    _require_config(request)
    endpoint = Endpoint(request.scope, request.parameters)
    fleet = endpoint.new_fleet(request.get("EndpointConfigName"))
    endpoints[name] = endpoint
    endpoint.create(fleet)
    return {"EndpointArn": endpoint.arn}


def update(request: Request) -> dict[str, Any]:
    """UpdateEndpoint."""
    endpoint = find(request)
    _require_config(request)
    endpoint.require(*UPDATABLE)
    old, config = endpoint.fleet, _deployment_config(request, endpoint)
    if old is None:
        raise invalid(f'Cannot update endpoint "{endpoint.arn}": nothing of it serves.')
    new = endpoint.new_fleet(request.get("EndpointConfigName"))
    _check_scaled(endpoint, old, new)
    _retain(request, old, new)
    endpoint.update(new, checked_plan(request.scope, config or {}, old, new), config)
    return {"EndpointArn": endpoint.arn}


def delete(request: Request) -> None:
    """DeleteEndpoint."""
    endpoint = find(request)
    endpoint.delete()
    forget(endpoint)


def list_endpoints(request: Request) -> dict[str, Any]:
    """ListEndpoints."""
    shown = ("EndpointName", "EndpointArn", "CreationTime", "LastModifiedTime", "EndpointStatus")
    entries = [
        Entry(
            item.endpoint_name,
            item.endpoint_status,
            item.creation_time,
            item.last_modified_time,
            {name: item.describe()[name] for name in shown},
        )
        for item in list(request.scope.backend.endpoints.values())
    ]
    return page(entries, request.parameters, "Endpoints", "Descending")


def _require_config(request: Request) -> None:
    name = request.get("EndpointConfigName")
    if name not in request.scope.backend.endpoint_configs:
        arn = request.scope.arn("endpoint-config", name)
        raise invalid(f'Could not find endpoint configuration "{arn}".')


def _deployment_config(request: Request, endpoint: Endpoint) -> Mapping[str, Any] | None:
    """The one given, or the last one where the request says to reuse it."""
    given: Mapping[str, Any] | None = request.get("DeploymentConfig")
    if request.get("RetainDeploymentConfig"):
        if given:
            raise invalid("DeploymentConfig and RetainDeploymentConfig exclude each other")
        return endpoint.deployment_config
    return given


def _check_scaled(endpoint: Endpoint, old: Fleet, new: Fleet) -> None:
    """ "If the update would change the instance type for any model that is a target for auto
    scaling, the update fails" ("Update endpoints that use auto scaling")."""
    for name in registered(endpoint):
        kinds = [
            fleet.variants[name].specification.get("InstanceType") if name in fleet.variants else ""
            for fleet in (old, new)
        ]
        if kinds[0] != kinds[1]:
            raise invalid(
                f'The variant(s) "[{name}]" must be deregistered as scalable targets with AWS Auto '
                "Scaling before they can be removed or have their instance type updated."
            )


def _retain(request: Request, old: Fleet, new: Fleet) -> None:
    excluded = request.get("ExcludeRetainedVariantProperties") or ()
    if request.get("RetainAllVariantProperties"):
        new.retain(old, frozenset(item["VariantPropertyType"] for item in excluded))


def install(sandbox: Sandbox) -> None:
    """Replace moto's endpoints, which are in service without a server."""
    install_operations(
        sandbox,
        {
            "CreateEndpoint": create,
            "UpdateEndpoint": update,
            "DeleteEndpoint": delete,
            "DescribeEndpoint": lambda request: find(request).describe(),
            "ListEndpoints": list_endpoints,
        },
    )
