"""The operations of Application Auto Scaling that say something about endpoint variants."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from moto.applicationautoscaling.exceptions import AWSValidationException
from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse
from moto.core.exceptions import JsonRESTError

from sandbox.compute import shapes
from sandbox.compute.operations import Scope
from sandbox.compute.scaling import Scaling
from sandbox.compute.scaling_rules import policy_faults, target_faults
from sandbox.compute.scaling_targets import DIMENSION, NAMESPACE, targets

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox

Respond = Callable[[ApplicationAutoScalingResponse], str]
Check = Callable[[Scope, Mapping[str, Any], Any], None]


def _register(scope: Scope, given: Mapping[str, Any], known: Any) -> None:
    for fault in target_faults(scope, given, known):
        raise AWSValidationException(fault)


def _put_policy(scope: Scope, given: Mapping[str, Any], known: Any) -> None:
    if known is None:
        raise JsonRESTError(
            "ObjectNotFoundException",
            f"No scalable target registered for service namespace: {NAMESPACE}, resource ID: "
            f"{given['ResourceId']}, scalable dimension: {DIMENSION}",
        )
    for fault in policy_faults(given):
        raise AWSValidationException(fault)


def _put_action(scope: Scope, given: Mapping[str, Any], known: Any) -> None:
    raise AWSValidationException("Scheduled actions are not supported by this sandbox")


CHECKED: Mapping[str, tuple[str, Check]] = {
    "RegisterScalableTarget": ("register_scalable_target", _register),
    "PutScalingPolicy": ("put_scaling_policy", _put_policy),
    "PutScheduledAction": ("put_scheduled_action", _put_action),
}
# As moto made them: a process may hold more than one sandbox.
ORIGINAL: Mapping[str, Respond] = {
    name: getattr(ApplicationAutoScalingResponse, name) for name, _ in CHECKED.values()
}


def _checked(engine: Scaling, operation: str, name: str, check: Check) -> Respond:
    """moto's operation, after what AWS checks of SageMaker's variants."""

    def respond(self: ApplicationAutoScalingResponse) -> str:
        given = json.loads(self.body)
        shape = shapes.input_shape(operation, "application-autoscaling")
        for fault in shapes.faults(shape, given):
            raise AWSValidationException(f"1 validation error detected: {fault}")
        if given["ServiceNamespace"] != NAMESPACE:
            return ORIGINAL[name](self)
        if given["ScalableDimension"] != DIMENSION:
            dimension = given["ScalableDimension"]
            raise AWSValidationException(f"{dimension} is not supported by this sandbox")
        scope = Scope(engine.sandbox, self.current_account, self.region)
        check(scope, given, targets(scope).get(given["ResourceId"]))
        answer = ORIGINAL[name](self)
        engine.begin(scope)
        return answer

    return respond


def _activities(engine: Scaling) -> Respond:
    def respond(self: ApplicationAutoScalingResponse) -> str:
        given = json.loads(self.body)
        scope = Scope(engine.sandbox, self.current_account, self.region)
        wanted = given.get("ResourceId")
        found = [item for item in engine.activities(scope) if wanted in (None, item["ResourceId"])]
        return json.dumps({"ScalingActivities": found[: given.get("MaxResults", 50)]})

    return respond


def install(sandbox: Sandbox) -> None:
    """Check what moto keeps on trust, and have policies scale."""
    engine = Scaling(sandbox)
    for operation, (name, check) in CHECKED.items():
        respond = _checked(engine, operation, name, check)
        setattr(ApplicationAutoScalingResponse, name, respond)
    ApplicationAutoScalingResponse.describe_scaling_activities = _activities(engine)
