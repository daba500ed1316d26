"""How many instances a released variant has: what Application Auto Scaling is told.

Registered once the endpoint is in service; AWS fails a change of the instance type while a variant
is registered, so that is taken back before such a release ("Update endpoints that use auto
scaling", SageMaker Developer Guide).
"""

import json
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from modelyard.functions.live import MAIN

NAMESPACE, DIMENSION = "sagemaker", "sagemaker:variant:DesiredInstanceCount"
# Instances go slowly: the pause after a scale-in is what protects from flapping.
SCALE_IN_S, SCALE_OUT_S = 600, 60
TRACKING, WAKING = "target-tracking", "wake-from-zero"


def apply(scaling: Any, cloudwatch: Any, facts: Mapping[str, str]) -> None:
    """Holds the variant to the reviewed bounds, or to none where project.yaml states none."""
    serving = json.loads(facts["serving"])
    target = _target(facts)
    if serving["mode"] == "asynchronous":
        scaling.register_scalable_target(**target, MinCapacity=0, MaxCapacity=_most(serving))
        scaling.put_scaling_policy(
            **target,
            PolicyName=TRACKING,
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration=_backlog(serving, facts),
        )
        _wake(scaling, cloudwatch, target, facts)
    elif "max_instance_count" in serving:
        scaling.register_scalable_target(
            **target, MinCapacity=serving["instance_count"], MaxCapacity=_most(serving)
        )
        scaling.put_scaling_policy(
            **target,
            PolicyName=TRACKING,
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration={
                "TargetValue": float(serving["target_invocations"]),
                "PredefinedMetricSpecification": {
                    "PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"
                },
                "ScaleInCooldown": SCALE_IN_S,
                "ScaleOutCooldown": SCALE_OUT_S,
            },
        )
    else:
        forget(scaling, facts)


def forget(scaling: Any, facts: Mapping[str, str]) -> None:
    """Forgets the variant, and its policies with it."""
    try:
        scaling.deregister_scalable_target(**_target(facts))
    except ClientError as error:
        if error.response["Error"]["Code"] != "ObjectNotFoundException":
            raise


def wake_alarm(facts: Mapping[str, str]) -> str:
    """The alarm that brings an asynchronous endpoint back from zero instances."""
    return f"{facts['project']}-{facts['environment']}-async-waiting"


def _most(serving: Mapping[str, Any]) -> int:
    return int(serving.get("max_instance_count", serving["instance_count"]))


def _target(facts: Mapping[str, str]) -> dict[str, str]:
    return {
        "ServiceNamespace": NAMESPACE,
        "ResourceId": f"endpoint/{facts['endpoint']}/variant/{MAIN}",
        "ScalableDimension": DIMENSION,
    }


def _backlog(serving: Mapping[str, Any], facts: Mapping[str, str]) -> dict[str, Any]:
    """As many instances as keep the queue short ("Autoscale an asynchronous endpoint")."""
    return {
        "TargetValue": float(serving.get("target_invocations", 5)),
        "CustomizedMetricSpecification": {
            "MetricName": "ApproximateBacklogSizePerInstance",
            "Namespace": "AWS/SageMaker",
            "Dimensions": [{"Name": "EndpointName", "Value": facts["endpoint"]}],
            "Statistic": "Average",
        },
        "ScaleInCooldown": SCALE_IN_S,
        "ScaleOutCooldown": SCALE_OUT_S,
    }


def _wake(
    scaling: Any, cloudwatch: Any, target: Mapping[str, str], facts: Mapping[str, str]
) -> None:
    """The first request that waits at zero instances starts one: a backlog of none has no size."""
    policy = scaling.put_scaling_policy(
        **target,
        PolicyName=WAKING,
        PolicyType="StepScaling",
        StepScalingPolicyConfiguration={
            "AdjustmentType": "ChangeInCapacity",
            "MetricAggregationType": "Average",
            "Cooldown": SCALE_OUT_S,
            "StepAdjustments": [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}],
        },
    )
    cloudwatch.put_metric_alarm(
        AlarmName=wake_alarm(facts),
        AlarmDescription="Requests wait and no instance is there to take them",
        Namespace="AWS/SageMaker",
        MetricName="HasBacklogWithoutCapacity",
        Dimensions=[{"Name": "EndpointName", "Value": facts["endpoint"]}],
        Statistic="Average",
        Period=60,
        EvaluationPeriods=2,
        DatapointsToAlarm=2,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        TreatMissingData="missing",
        AlarmActions=[policy["PolicyARN"]],
    )
