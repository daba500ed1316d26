"""What Application Auto Scaling refuses about endpoint variants."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.compute.operations import Scope
from sandbox.compute.scaling_targets import DIMENSION, variant_of

NEEDED = ("MetricName", "Namespace", "Statistic")
INVOCATIONS = "SageMakerVariantInvocationsPerInstance"


def target_faults(scope: Scope, given: Mapping[str, Any], known: Any) -> Iterator[str]:
    found = variant_of(scope, given["ResourceId"])
    if found is None:
        yield f"No variant found for resource ID: {given['ResourceId']}"
        return
    endpoint, variant = found
    low = given.get("MinCapacity", getattr(known, "min_capacity", None))
    high = given.get("MaxCapacity", getattr(known, "max_capacity", None))
    if low is None or high is None:
        yield "MinCapacity and MaxCapacity are required when registering a new scalable target"
    elif not 0 <= low <= high:
        yield f"Maximum capacity ({high}) must not be less than minimum capacity ({low})"
    config = endpoint.fleet.config if endpoint.fleet else None
    if low == 0 and not (config and config.async_inference_config):
        # Only asynchronous endpoints scale in to zero ("Autoscale an asynchronous endpoint").
        yield "Minimum capacity of a SageMaker variant must be at least 1"
    if variant.serverless:
        yield f"{DIMENSION} is not supported for serverless variants"


def policy_faults(given: Mapping[str, Any]) -> Iterator[str]:
    kind = given.get("PolicyType")
    wanted = {
        "TargetTrackingScaling": "TargetTrackingScalingPolicyConfiguration",
        "StepScaling": "StepScalingPolicyConfiguration",
    }
    if kind not in wanted:
        yield f"PolicyType {kind} is not supported by this sandbox: use one of {list(wanted)}"
        return
    config = given.get(wanted[kind])
    if not config:
        yield f"{wanted[kind]} is required for policy type {kind}"
    elif kind == "StepScaling":
        if not config.get("AdjustmentType") or not config.get("StepAdjustments"):
            yield "A step scaling policy needs AdjustmentType and StepAdjustments"
    else:
        yield from _tracking_faults(config)


def _tracking_faults(config: Mapping[str, Any]) -> Iterator[str]:
    predefined = config.get("PredefinedMetricSpecification")
    customized = config.get("CustomizedMetricSpecification")
    if bool(predefined) == bool(customized):
        yield "Give either PredefinedMetricSpecification or CustomizedMetricSpecification"
    if predefined and predefined["PredefinedMetricType"] != INVOCATIONS:
        yield f"{predefined['PredefinedMetricType']} is not supported by this sandbox"
    if customized and customized.get("Metrics"):
        yield "CustomizedMetricSpecification.Metrics is not supported by this sandbox"
    elif customized and not all(
        customized.get(m) for m in ("MetricName", "Namespace", "Statistic")
    ):
        yield "CustomizedMetricSpecification needs MetricName, Namespace and Statistic"
    if config["TargetValue"] <= 0:
        yield "TargetValue must be larger than 0"
