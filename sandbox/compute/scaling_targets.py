"""Scalable targets and policies of endpoint variants, as Application Auto Scaling keeps them."""

from __future__ import annotations

import re
from typing import Any

from moto.applicationautoscaling.models import applicationautoscaling_backends
from moto.sagemaker.models import sagemaker_backends

from sandbox.compute.endpoint import Endpoint
from sandbox.compute.operations import Scope
from sandbox.compute.variants import Variant

NAMESPACE = "sagemaker"
DIMENSION = "sagemaker:variant:DesiredInstanceCount"
RESOURCE = re.compile(r"endpoint/([^/]+)/variant/([^/]+)")


def targets(scope: Scope) -> dict[str, Any]:
    """The registered variants of an account and region, by resource id."""
    backend = applicationautoscaling_backends[scope.account][scope.region]
    return dict(backend.targets.get(DIMENSION, {}))


def policies(scope: Scope, resource_id: str) -> list[Any]:
    """The policies of one target."""
    backend = applicationautoscaling_backends[scope.account][scope.region]
    found = backend.policies.values()
    return [
        item
        for item in found
        if (item.resource_id, item.scalable_dimension) == (resource_id, DIMENSION)
    ]


def variant_of(scope: Scope, resource_id: str) -> tuple[Endpoint, Variant] | None:
    """The endpoint and variant that a resource id names, if they serve."""
    match = RESOURCE.fullmatch(resource_id)
    if match is None:
        return None
    endpoint: Endpoint | None = sagemaker_backends[scope.account][scope.region].endpoints.get(
        match[1]
    )
    fleet = endpoint.fleet if endpoint else None
    variant = fleet.variants.get(match[2]) if fleet else None
    return (endpoint, variant) if endpoint and variant else None


def registered(endpoint: Endpoint) -> dict[str, Any]:
    """The registered targets of one endpoint, by variant."""
    return {
        match[2]: target
        for resource_id, target in targets(endpoint.scope).items()
        if (match := RESOURCE.fullmatch(resource_id)) and match[1] == endpoint.endpoint_name
    }


def forget(endpoint: Endpoint) -> None:
    """ "Application Auto Scaling deregisters those models as scalable targets"
    ("Delete endpoints configured for auto scaling")."""
    scope = endpoint.scope
    backend = applicationautoscaling_backends[scope.account][scope.region]
    for target in registered(endpoint).values():
        for key, policy in list(backend.policies.items()):
            if policy.resource_id == target.resource_id:
                del backend.policies[key]
        backend.deregister_scalable_target(NAMESPACE, target.resource_id, DIMENSION)
