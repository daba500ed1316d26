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


def _require(scope: Scope, given: Mapping[str, Any], known: Any) -> None:
    if known is None:
        raise JsonRESTError(
            "ObjectNotFoundException",
            f"No scalable target registered for service namespace: {NAMESPACE}, resource ID: "
            f"{given['ResourceId']}, scalable dimension: {DIMENSION}",
        )


def _put_policy(scope: Scope, given: Mapping[str, Any], known: Any) -> None:
    _require(scope, given, known)
    for fault in policy_faults(given):
        raise AWSValidationException(fault)


def _put_action(scope: Scope, given: Mapping[str, Any], known: Any) -> None:
    raise AWSValidationException("Scheduled actions are not supported by this sandbox")


# As moto made them: a process may hold more than one sandbox.
MOTO: Mapping[str, Respond] = {
    name: getattr(ApplicationAutoScalingResponse, name)
    for name in (
        *("register_scalable_target", "deregister_scalable_target"),
        *("put_scaling_policy", "put_scheduled_action"),
    )
}


def _put(self: ApplicationAutoScalingResponse) -> str:
    """moto's PutScalingPolicy, but a policy that is changed keeps its ARN: alarms name it."""
    given = json.loads(self.body)
    backend = self.applicationautoscaling_backend
    key = (given["ResourceId"], given["PolicyName"])
    before = {(p.resource_id, p.policy_name): p.policy_arn for p in backend.policies.values()}
    answer = json.loads(MOTO["put_scaling_policy"](self))
    if key in before:
        answer["PolicyARN"] = before[key]
        for policy in backend.policies.values():
            if (policy.resource_id, policy.policy_name) == key:
                policy.policy_arn = before[key]
    return json.dumps(answer)


def _deregister(self: ApplicationAutoScalingResponse) -> str:
    """moto's DeregisterScalableTarget, but the target's policies go with it."""
    given, backend = json.loads(self.body), self.applicationautoscaling_backend
    for key, policy in list(backend.policies.items()):
        if policy.resource_id == given["ResourceId"]:
            del backend.policies[key]
    return MOTO["deregister_scalable_target"](self)


CHECKED: Mapping[str, tuple[str, Check]] = {
    "RegisterScalableTarget": ("register_scalable_target", _register),
    "PutScalingPolicy": ("put_scaling_policy", _put_policy),
    "PutScheduledAction": ("put_scheduled_action", _put_action),
    "DeregisterScalableTarget": ("deregister_scalable_target", _require),
}
PERFORMED: Mapping[str, Respond] = {
    "put_scaling_policy": _put,
    "deregister_scalable_target": _deregister,
}


def _checked(engine: Scaling, operation: str, name: str, check: Check) -> Respond:
    """moto's operation, after what AWS checks of SageMaker's variants."""

    def respond(self: ApplicationAutoScalingResponse) -> str:
        given = json.loads(self.body)
        shape = shapes.input_shape(operation, "application-autoscaling")
        for fault in shapes.faults(shape, given):
            raise AWSValidationException(f"1 validation error detected: {fault}")
        if given["ServiceNamespace"] != NAMESPACE:
            return PERFORMED.get(name, MOTO[name])(self)
        if given["ScalableDimension"] != DIMENSION:
            dimension = given["ScalableDimension"]
            raise AWSValidationException(f"{dimension} is not supported by this sandbox")
        scope = Scope(engine.sandbox, self.current_account, self.region)
        check(scope, given, targets(scope).get(given["ResourceId"]))
        answer = PERFORMED.get(name, MOTO[name])(self)
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
