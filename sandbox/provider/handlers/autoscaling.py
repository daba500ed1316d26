"""Application Auto Scaling: what may scale, between which bounds, and by which rule."""

from __future__ import annotations

from sandbox.provider.errors import RefusedError
from sandbox.provider.handlers.base import (
    Aws,
    Facts,
    PutHandler,
    Values,
    capitalised,
    given,
    names,
)
from sandbox.provider.identity import Identity, Seed

RESOURCE = {
    "ServiceNamespace": "serviceNamespace",
    "ResourceId": "resourceId",
    "ScalableDimension": "scalableDimension",
}
POLICIES = {
    "StepScaling": "stepScalingPolicyConfiguration",
    "TargetTrackingScaling": "targetTrackingScalingPolicyConfiguration",
}


class Target(PutHandler):
    """A resource that may scale."""

    token = "aws:appautoscaling/target:Target"
    known = frozenset(RESOURCE.values()) | names("minCapacity maxCapacity roleArn suspendedState")
    replaced_by = frozenset(RESOURCE.values())
    tagged = True

    def validate(self, inputs: Facts) -> None:
        if inputs["minCapacity"] > inputs["maxCapacity"]:
            raise RefusedError(
                f"minCapacity {inputs['minCapacity']} of {inputs['resourceId']} is greater than "
                f"maxCapacity {inputs['maxCapacity']}"
            )

    def identify(self, inputs: Values, facts: Values, identity: Identity) -> str:
        return str(inputs["resourceId"])

    def invent(self, inputs: Values, seed: Seed, identity: Identity) -> Facts:
        return {"id": seed.uuid()}

    def outputs(self, inputs: Values, facts: Values, identity: Identity) -> Facts:
        role = (
            "role/aws-service-role/sagemaker.application-autoscaling.amazonaws.com/"
            "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
        )
        return {
            "arn": identity.arn(
                "application-autoscaling", f"scalable-target/{inputs['resourceId']}"
            ),
            "roleArn": inputs.get("roleArn") or identity.global_arn("iam", role),
        }

    def settle(self, aws: Aws, inputs: Values, facts: Values) -> None:
        request = given(
            inputs,
            **RESOURCE,
            MinCapacity="minCapacity",
            MaxCapacity="maxCapacity",
            RoleARN="roleArn",
        )
        if inputs.get("suspendedState"):
            request["SuspendedState"] = capitalised(inputs["suspendedState"])
        if inputs["tagsAll"]:
            request["Tags"] = dict(inputs["tagsAll"])
        aws.client("application-autoscaling").register_scalable_target(**request)

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("application-autoscaling").deregister_scalable_target(
            **given(inputs, **RESOURCE)
        )


class Policy(PutHandler):
    """The rule by which a resource scales."""

    token = "aws:appautoscaling/policy:Policy"
    known = frozenset(RESOURCE.values()) | frozenset(POLICIES.values()) | names("name policyType")
    replaced_by = frozenset(RESOURCE.values()) | names("name")
    named_by = "name"
    name_pattern = r"[^\x00-\x1f]{1,256}"

    def validate(self, inputs: Facts) -> None:
        kind = inputs.get("policyType") or "StepScaling"
        if kind not in POLICIES:
            raise RefusedError(f"the sandbox does not carry out the policy type {kind}")
        if not inputs.get(POLICIES[kind]):
            raise RefusedError(f"the policy {inputs['name']} needs {POLICIES[kind]}")

    def outputs(self, inputs: Values, facts: Values, identity: Identity) -> Facts:
        path = f"resource/{inputs['serviceNamespace']}/{inputs['resourceId']}"
        return {
            "arn": identity.arn("autoscaling", f"scalingPolicy:{path}:policyName/{inputs['name']}"),
            "policyType": inputs.get("policyType") or "StepScaling",
            "alarmArns": [],
        }

    def settle(self, aws: Aws, inputs: Values, facts: Values) -> None:
        kind = str(inputs.get("policyType") or "StepScaling")
        stated = dict(inputs[POLICIES[kind]])
        if "stepAdjustments" in stated:
            stated["stepAdjustments"] = [
                {k: float(v) if "Bound" in k else v for k, v in step.items()}
                for step in stated["stepAdjustments"]
            ]
        aws.client("application-autoscaling").put_scaling_policy(
            PolicyName=inputs["name"],
            PolicyType=kind,
            **given(inputs, **RESOURCE),
            **{f"{kind}PolicyConfiguration": capitalised(stated)},
        )

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("application-autoscaling").delete_scaling_policy(
            PolicyName=inputs["name"], **given(inputs, **RESOURCE)
        )


HANDLERS = (Target(), Policy())
