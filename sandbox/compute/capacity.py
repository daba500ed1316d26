"""Weights and instance counts of a serving endpoint: changed in place, without a new fleet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.compute import endpoint_events as events
from sandbox.compute.endpoint import UPDATABLE, Endpoint
from sandbox.compute.endpoints import find
from sandbox.compute.failures import RunError, shorten
from sandbox.compute.fleet import Fleet
from sandbox.compute.operations import Request, install_operations, invalid
from sandbox.compute.variants import Variant

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox


@dataclass(frozen=True)
class Change:
    """What is wanted of one variant; what is None stays."""

    variant: Variant
    weight: float | None = None
    count: int | None = None
    serverless: Mapping[str, Any] | None = None


def update(request: Request) -> dict[str, Any]:
    """UpdateEndpointWeightsAndCapacities."""
    endpoint = find(request)
    endpoint.require(*UPDATABLE)
    fleet = endpoint.fleet
    if fleet is None:
        raise invalid(f'Cannot update endpoint "{endpoint.arn}": nothing of it serves.')
    change(endpoint, [_change(fleet, item) for item in request.get("DesiredWeightsAndCapacities")])
    return {"EndpointArn": endpoint.arn}


def change(endpoint: Endpoint, changes: Sequence[Change]) -> None:
    """Make the changes in the background; the endpoint is Updating meanwhile."""
    begin(endpoint, changes)
    endpoint.scope.sandbox.submit(perform, endpoint, changes)


def begin(endpoint: Endpoint, changes: Sequence[Change]) -> None:
    """Mark the endpoint as changing, if it may be changed now."""
    weights = {item.variant: item.variant.weight for item in changes}
    weights |= {item.variant: item.weight for item in changes if item.weight is not None}
    fleet = endpoint.fleet
    production = list(fleet.variants.values()) if fleet else []
    if not sum(weights.get(variant, variant.weight) for variant in production):
        raise invalid("At least one production variant must have a weight above 0")
    endpoint.begin("Updating", UPDATABLE)
    for item in changes:
        _announce(item)
    events.deployment_changed(endpoint)


def _change(fleet: Fleet, item: Mapping[str, Any]) -> Change:
    everything = fleet.variants | fleet.shadows
    name, count = item["VariantName"], item.get("DesiredInstanceCount")
    variant = everything.get(name)
    if variant is None:
        raise invalid(f'Variant "{name}" does not exist: {", ".join(everything)} do')
    if count is not None and variant.serverless:
        raise invalid(f'Variant "{name}" is serverless: it has no DesiredInstanceCount')
    # Scaling to zero is for asynchronous inference ("Autoscale an asynchronous endpoint").
    if count == 0 and not fleet.config.async_inference_config:
        raise invalid(f'DesiredInstanceCount of variant "{name}" must be at least 1')
    wanted = item.get("ServerlessUpdateConfig")
    if wanted and not variant.serverless:
        raise invalid(f'Variant "{name}" is not serverless: it has no ServerlessUpdateConfig')
    return Change(variant, item.get("DesiredWeight"), count, wanted)


def _announce(item: Change) -> None:
    variant, count = item.variant, item.count
    if item.weight is not None:
        variant.desired_weight = item.weight
    if count is not None:
        way = "out" if count > variant.count else "in"
        variant.desired_count = count
        variant.note("Updating", f"Scaling {way} desired instance count to {count}.")


def perform(endpoint: Endpoint, changes: Sequence[Change]) -> None:
    """Make the changes of a marked endpoint."""
    reason = None
    for item in changes:
        variant = item.variant
        variant.weight = variant.desired_weight
        if item.serverless and variant.serverless:
            variant.serverless = variant.serverless | dict(item.serverless)
        try:
            variant.scale(variant.desired_count)
        except RunError as failure:
            reason = shorten(str(failure))
            variant.desired_count = variant.count
    endpoint.finish(endpoint.fleet, "InService", reason)


def install(sandbox: Sandbox) -> None:
    """Replace moto's version, which changes numbers only."""
    install_operations(sandbox, {"UpdateEndpointWeightsAndCapacities": update})
