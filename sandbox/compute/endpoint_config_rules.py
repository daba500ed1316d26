"""What CreateEndpointConfig refuses: unknown models, and features that exclude each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sandbox.compute.operations import Scope

MEMORY_SIZES = range(1024, 6145, 1024)
INSTANCE_MEMBERS = ("InitialInstanceCount", "InstanceType")


def faults(scope: Scope, parameters: Mapping[str, Any]) -> Iterator[str]:
    """Each reason to refuse a configuration."""
    production = parameters["ProductionVariants"]
    shadows = parameters.get("ShadowProductionVariants") or ()
    variants = (*production, *shadows)
    names = [variant["VariantName"] for variant in variants]
    if len(set(names)) != len(names):
        yield f"Variant names must be unique: {', '.join(names)}"
    for variant in variants:
        yield from _variant_faults(scope, variant)
    if not sum(variant.get("InitialVariantWeight", 1.0) for variant in production):
        yield "At least one production variant must have a weight above 0"
    if any("ServerlessConfig" in variant for variant in variants):
        yield from _serverless_faults(scope, parameters, production)
    if shadows:
        yield from _shadow_faults(scope, parameters, production, shadows)
    yield from _async_faults(parameters.get("AsyncInferenceConfig"), production)


def _variant_faults(scope: Scope, variant: Mapping[str, Any]) -> Iterator[str]:
    name, model = variant["VariantName"], variant.get("ModelName")
    if not model:
        yield f"Variant {name}: a variant without ModelName is not supported by this sandbox"
    elif model not in scope.backend._models:
        yield f'Could not find model "{scope.arn("model", model)}".'
    serverless = variant.get("ServerlessConfig")
    given = [member for member in INSTANCE_MEMBERS if member in variant]
    if serverless and given:
        # "Specifies a serverless endpoint configuration instead of an instance-based endpoint
        # configuration" ("ProductionVariant").
        yield f"Variant {name}: ServerlessConfig and {' and '.join(given)} exclude each other"
    if not serverless and len(given) < len(INSTANCE_MEMBERS):
        yield f"Variant {name}: give InstanceType and InitialInstanceCount, or ServerlessConfig"
    for member in ("InstancePools", "ManagedInstanceScaling"):
        if member in variant:
            yield f"Variant {name}: {member} is not supported by this sandbox"


def _serverless_faults(
    scope: Scope, parameters: Mapping[str, Any], production: Sequence[Mapping[str, Any]]
) -> Iterator[str]:
    """ "Feature exclusions" of "Deploy models with Amazon SageMaker Serverless Inference": VPC
    configuration, network isolation, data capture, multiple production variants."""
    for variant in production:
        config = variant.get("ServerlessConfig")
        if config and config["MemorySizeInMB"] not in MEMORY_SIZES:
            yield (
                f"MemorySizeInMB must be one of {list(MEMORY_SIZES)}: "
                f"{config['MemorySizeInMB']} is not"
            )
        # "Should be less than or equal to MaxConcurrency" ("ProductionVariantServerlessConfig").
        if config and config.get("ProvisionedConcurrency", 0) > config["MaxConcurrency"]:
            yield "ProvisionedConcurrency must not be larger than MaxConcurrency"
        model = scope.backend._models.get(variant.get("ModelName"))
        if getattr(model, "vpc_config", None) or parameters.get("VpcConfig"):
            yield "VpcConfig is not supported for serverless inference endpoints"
        isolated = getattr(model, "enable_network_isolation", False)
        if isolated or parameters.get("EnableNetworkIsolation"):
            yield "Network isolation is not supported for serverless inference endpoints"
    if len(production) > 1:
        yield "A serverless inference endpoint can only have one production variant"
    for member in ("DataCaptureConfig", "AsyncInferenceConfig"):
        if parameters.get(member):
            yield f"{member} is not supported for serverless inference endpoints"
    if parameters.get("ShadowProductionVariants"):
        yield "Shadow variants are not supported for serverless inference endpoints"


def _shadow_faults(
    scope: Scope,
    parameters: Mapping[str, Any],
    production: Sequence[Mapping[str, Any]],
    shadows: Sequence[Mapping[str, Any]],
) -> Iterator[str]:
    # "If you use this field, you can only specify one variant for ProductionVariants and one
    # variant for ShadowProductionVariants" ("CreateEndpointConfig").
    if len(production) > 1 or len(shadows) > 1:
        yield (
            "With ShadowProductionVariants, exactly one production variant and one shadow variant "
            "can be specified"
        )
    # "Exclusions" of shadow tests.
    if parameters.get("AsyncInferenceConfig"):
        yield "Shadow variants are not supported for asynchronous inference endpoints"
    kinds = [variant.get("InstanceType", "") for variant in (*production, *shadows)]
    if any(kind.startswith("ml.inf1.") for kind in kinds):
        yield "Shadow variants are not supported for Inf1 instances"
    # What a shadow weight above production's means is not documented.
    if shadows[0].get("InitialVariantWeight", 1.0) > production[0].get("InitialVariantWeight", 1.0):
        yield "A shadow variant's weight must not be larger than its production variant's"


def _async_faults(
    config: Mapping[str, Any] | None, production: Sequence[Mapping[str, Any]]
) -> Iterator[str]:
    if not config:
        return
    if len(production) > 1:
        # "Create an endpoint configuration" of asynchronous inference shows a single variant; more
        # are not documented.
        yield "An asynchronous inference endpoint can only have one production variant"
    if not config["OutputConfig"].get("S3OutputPath"):
        yield "AsyncInferenceConfig.OutputConfig.S3OutputPath is required"
