"""What UpdateEndpoint refuses about a deployment configuration, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.compute.deployment_plan import Plan, instances, plan
from sandbox.compute.fleet import Fleet
from sandbox.compute.operations import Scope, invalid
from sandbox.compute.rollback_alarms import missing

# Smallest and largest share of the fleet ("CapacitySize" of each policy, API reference).
LIMITS = {
    "CanarySize": (0, 50),
    "LinearStepSize": (10, 50),
    "MaximumBatchSize": (5, 50),
    "RollbackMaximumBatchSize": (5, 100),
}


def checked_plan(scope: Scope, config: Mapping[str, Any], old: Fleet, new: Fleet) -> Plan:
    """The plan of an allowed configuration; refuses every other."""
    if _serverless(new) and not _serverless(old):
        # "Feature exclusions" of "Deploy models with Amazon SageMaker Serverless Inference".
        raise invalid(
            "You cannot convert an instance-based, real-time endpoint to a serverless endpoint"
        )
    for fault in faults(config, old, new):
        raise invalid(f"Invalid DeploymentConfig: {fault}")
    made = plan(config, new.count)
    # AWS's answer to an alarm that does not exist is not documented; here it is a refusal.
    unknown = missing(scope, made.alarms)
    if unknown:
        raise invalid(
            f"Invalid DeploymentConfig: alarm(s) {', '.join(unknown)} of AutoRollbackConfiguration "
            f"do not exist in account {scope.account}, region {scope.region}"
        )
    # "the timeout value should be larger than the total waiting time" ("BlueGreenUpdatePolicy").
    if made.limit is not None and made.limit <= made.waits:
        raise invalid(
            f"Invalid DeploymentConfig: MaximumExecutionTimeoutInSeconds ({made.limit}) must be "
            f"larger than the total waiting time of the deployment ({made.waits} seconds)"
        )
    return made


def faults(config: Mapping[str, Any], old: Fleet, new: Fleet) -> Iterator[str]:
    """Each reason to refuse an update from one fleet to the other."""
    policy = config.get("BlueGreenUpdatePolicy") or {}
    rolling = config.get("RollingUpdatePolicy") or {}
    routing = policy.get("TrafficRoutingConfiguration") or {}
    if policy and rolling:
        # "Only one update policy should be used" ("DeploymentConfig").
        yield "BlueGreenUpdatePolicy and RollingUpdatePolicy exclude each other"
    guarded = bool(config.get("AutoRollbackConfiguration"))
    gradual = routing.get("Type") in ("CANARY", "LINEAR") or bool(rolling)
    yield from _exclusions(gradual, guarded, old, new)
    if config and set(old.variants) != set(new.variants):
        # "your new endpoint configuration must have the same variant name" ("Exclusions").
        yield (
            "the new endpoint configuration must have the same variant name as the old one: "
            f"{_names(old)} is not {_names(new)}"
        )
    yield from _routing_faults(routing, new.count)
    for member in ("MaximumBatchSize", "RollbackMaximumBatchSize"):
        if member in rolling:
            yield from _size_faults(member, rolling[member], new.count)


def _exclusions(gradual: bool, guarded: bool, old: Fleet, new: Fleet) -> Iterator[str]:
    """ "Deployment guardrails only apply to Asynchronous inference and Real-time inference endpoint
    types" ("Deployment guardrails for updating models in production"), and "Exclusions" names
    multi-variant endpoints for rolling deployments; what AWS does with shadow variants is not
    documented. Here all are refused, so that nobody relies on a rollback that may not happen."""
    fleets = (old, new)
    if (gradual or guarded) and any(_serverless(fleet) for fleet in fleets):
        yield "deployment guardrails are not supported for serverless inference endpoints"
    if (gradual or guarded) and any(fleet.shadows for fleet in fleets):
        yield "deployment guardrails are not supported for endpoints with shadow variants"
    if gradual and any(len(fleet.variants) > 1 for fleet in fleets):
        yield (
            "canary, linear and rolling deployments are not supported for multi-variant "
            "inference endpoints"
        )
    # "Exclusions": AWS falls back to all at once without a baking period; that is no guard.
    if (gradual or guarded) and any(_inferentia(fleet) for fleet in fleets):
        yield "deployment guardrails are not supported for Inf1 instances"


def _serverless(fleet: Fleet) -> bool:
    return any(item.serverless for item in fleet.everything)


def _inferentia(fleet: Fleet) -> bool:
    kinds = (item.specification.get("InstanceType", "") for item in fleet.everything)
    return any(kind.startswith("ml.inf1.") for kind in kinds)


def _routing_faults(routing: Mapping[str, Any], total: int) -> Iterator[str]:
    wanted = {"CANARY": "CanarySize", "LINEAR": "LinearStepSize"}
    for kind, member in wanted.items():
        if routing.get("Type") == kind and member not in routing:
            yield f"{member} is required for traffic routing of type {kind}"
        if routing.get("Type") != kind and member in routing:
            yield f"{member} is only allowed for traffic routing of type {kind}"
        if routing.get("Type") == kind and member in routing:
            yield from _size_faults(member, routing[member], total)


def _size_faults(member: str, size: Mapping[str, Any], total: int) -> Iterator[str]:
    smallest, largest = LIMITS[member]
    share = 100 * instances(size, total) / total
    given = size["Value"] if size["Type"] == "CAPACITY_PERCENT" else share
    if not smallest <= given <= largest:
        yield (
            f"{member} must be between {max(1, smallest)}% and {largest}% of the variant's total "
            f"instance count ({total}): {size['Value']} as {size['Type']} is not"
        )
    elif share > largest:
        # Traffic is turned on by whole instances.
        yield (
            f"{member} of {size['Value']} percent is {instances(size, total)} of {total} "
            f"instance(s), more than {largest}%: give the variant more instances"
        )


def _names(fleet: Fleet) -> str:
    return ", ".join(sorted(fleet.variants))
