"""Variants follow their scaling policies on the clock, within their limits and cooldowns."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.compute.scaling_decision import stepped, tracked
from tests.sandbox.compute.hosting import (
    SERVE,
    Deploy,
    advance,
    configuration,
    create_model,
    deploying,
    describe,
    settled,
    variant,
)
from tests.sandbox.compute.support import Account, ImageMaker, unique, wait

CLOCK_STANDS = True
MINUTE = 60
QUARTER = 15 * MINUTE
WHO = {
    "ServiceNamespace": "sagemaker",
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}


@pytest.fixture
def model(account: Account, make_image: ImageMaker) -> str:
    return create_model(account, make_image({"serve": SERVE}), "one")


@pytest.fixture
def endpoint(account: Account, model: str, deploy: Deploy) -> str:
    return deploy(configuration(account, [variant(model, count=2)]))


@pytest.fixture
def queueing(account: Account, model: str, deploy: Deploy) -> str:
    """An asynchronous endpoint."""
    config = {"OutputConfig": {"S3OutputPath": f"s3://{account.bucket}/results"}}
    return deploy(configuration(account, [variant(model)], AsyncInferenceConfig=config))


def resource(endpoint: str) -> str:
    return f"endpoint/{endpoint}/variant/main"


def register(account: Account, endpoint: str, least: int, most: int) -> None:
    account.client("application-autoscaling").register_scalable_target(
        ResourceId=resource(endpoint), MinCapacity=least, MaxCapacity=most, **WHO
    )


def track(account: Account, endpoint: str, target: float, **changes: Any) -> None:
    """A policy that tracks a metric which tests put by hand."""
    customized = {"MetricName": "Load", "Namespace": "Test", "Statistic": "Average"}
    dimensions = [{"Name": "EndpointName", "Value": endpoint}]
    account.client("application-autoscaling").put_scaling_policy(
        PolicyName="track",
        ResourceId=resource(endpoint),
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": target,
            "CustomizedMetricSpecification": customized | {"Dimensions": dimensions},
            **changes,
        },
        **WHO,
    )


def minutes(account: Account, endpoint: str, value: float, count: int) -> None:
    """So many minutes in which the metric has this value."""
    dimensions = [{"Name": "EndpointName", "Value": endpoint}]
    for _ in range(count):
        account.client("cloudwatch").put_metric_data(
            Namespace="Test",
            MetricData=[{"MetricName": "Load", "Value": value, "Dimensions": dimensions}],
        )
        advance(MINUTE)


def count(account: Account, endpoint: str) -> int:
    [shown] = settled(account, endpoint)["ProductionVariants"]
    assert shown["CurrentInstanceCount"] == shown["DesiredInstanceCount"]
    return int(shown["CurrentInstanceCount"])


def test_load_above_the_target_scales_out_to_what_it_needs(account: Account, endpoint: str) -> None:
    register(account, endpoint, 1, 10)
    track(account, endpoint, 100)
    minutes(account, endpoint, 250, 4)
    assert count(account, endpoint) == 5
    [activity] = account.client("application-autoscaling").describe_scaling_activities(
        ServiceNamespace="sagemaker", ResourceId=resource(endpoint)
    )["ScalingActivities"]
    assert activity["Description"] == "Setting desired instance count to 5."


@pytest.mark.slow
def test_limits_hold_and_cooldown_delays_the_next_step(account: Account, endpoint: str) -> None:
    register(account, endpoint, 1, 6)
    track(account, endpoint, 100, ScaleOutCooldown=10 * MINUTE)
    minutes(account, endpoint, 150, 4)
    assert count(account, endpoint) == 3
    minutes(account, endpoint, 900, 4)
    assert count(account, endpoint) == 3
    minutes(account, endpoint, 900, 8)
    assert count(account, endpoint) == 6


def test_low_load_scales_in_unless_that_is_disabled(account: Account, endpoint: str) -> None:
    register(account, endpoint, 1, 6)
    track(account, endpoint, 100, DisableScaleIn=True)
    minutes(account, endpoint, 10, 17)
    assert count(account, endpoint) == 2
    track(account, endpoint, 100)
    minutes(account, endpoint, 10, 1)
    assert count(account, endpoint) == 1


@pytest.mark.slow
def test_suspended_target_stays_as_it_is(account: Account, endpoint: str) -> None:
    account.client("application-autoscaling").register_scalable_target(
        ResourceId=resource(endpoint),
        MinCapacity=1,
        MaxCapacity=9,
        SuspendedState={"DynamicScalingOutSuspended": True},
        **WHO,
    )
    track(account, endpoint, 100)
    minutes(account, endpoint, 900, 5)
    assert count(account, endpoint) == 2


def test_asynchronous_endpoint_goes_to_zero_and_comes_back_for_a_request(
    account: Account, queueing: str
) -> None:
    register(account, queueing, 0, 3)
    backlog = [{"Name": "EndpointName", "Value": queueing}]
    track(
        account,
        queueing,
        5,
        CustomizedMetricSpecification={
            "MetricName": "ApproximateBacklogSizePerInstance",
            "Namespace": "AWS/SageMaker",
            "Statistic": "Average",
            "Dimensions": backlog,
        },
    )
    scaling = account.client("application-autoscaling")
    step = scaling.put_scaling_policy(
        PolicyName="from-zero",
        ResourceId=resource(queueing),
        PolicyType="StepScaling",
        StepScalingPolicyConfiguration={
            "AdjustmentType": "ChangeInCapacity",
            "Cooldown": 60,
            "StepAdjustments": [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}],
        },
        **WHO,
    )
    account.client("cloudwatch").put_metric_alarm(
        AlarmName=unique("waiting"),
        Namespace="AWS/SageMaker",
        MetricName="HasBacklogWithoutCapacity",
        Dimensions=backlog,
        Statistic="Average",
        Period=MINUTE,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        TreatMissingData="missing",
        AlarmActions=[step["PolicyARN"]],
    )
    advance(QUARTER + 2 * MINUTE)
    assert count(account, queueing) == 0
    place = account.put(unique("requests/request"), "1,2")
    runtime = account.client("sagemaker-runtime")
    answer = runtime.invoke_endpoint_async(EndpointName=queueing, InputLocation=place)
    advance(3 * MINUTE)
    assert count(account, queueing) == 1
    key = answer["OutputLocation"].removeprefix(f"s3://{account.bucket}/")
    wait(lambda: {"there": key in account.keys("results")}, "there", False)
    assert account.read(answer["OutputLocation"]) == b"one:1,2"


def test_deleted_endpoint_is_no_target_any_more(
    account: Account, model: str, make_image: ImageMaker
) -> None:
    with deploying(account) as deploy:
        name = deploy(configuration(account, [variant(model)]))
        register(account, name, 1, 2)
        track(account, name, 5)
    scaling = account.client("application-autoscaling")
    wanted = {"ServiceNamespace": "sagemaker", "ResourceIds": [resource(name)]}
    assert scaling.describe_scalable_targets(**wanted)["ScalableTargets"] == []
    policies = scaling.describe_scaling_policies(
        ServiceNamespace="sagemaker", ResourceId=resource(name)
    )
    assert policies["ScalingPolicies"] == []


@pytest.mark.slow
def test_update_may_change_the_model_of_a_target_but_not_its_instance_type(
    account: Account, model: str, endpoint: str
) -> None:
    register(account, endpoint, 1, 2)
    other = configuration(account, [variant(model) | {"InstanceType": "ml.m5.xlarge"}])
    with pytest.raises(ClientError, match="must be deregistered as scalable targets"):
        account.sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=other)
    same = configuration(account, [variant(model)])
    account.sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=same)
    assert settled(account, endpoint)["EndpointConfigName"] == same


@pytest.mark.parametrize(
    ("capacity", "reason"),
    [((0, 2), "must be at least 1"), ((3, 2), "must not be less than minimum")],
)
def test_limits_that_aws_refuses_are_refused(
    account: Account, endpoint: str, capacity: tuple[int, int], reason: str
) -> None:
    with pytest.raises(ClientError, match=reason):
        register(account, endpoint, *capacity)


def test_targets_and_policies_need_what_they_name(account: Account, endpoint: str) -> None:
    with pytest.raises(ClientError, match="No variant found"):
        register(account, "nobody", 1, 2)
    with pytest.raises(ClientError, match="No scalable target registered") as caught:
        track(account, endpoint, 5)
    assert caught.value.response["Error"]["Code"] == "ObjectNotFoundException"
    register(account, endpoint, 1, 2)
    with pytest.raises(ClientError, match="TargetValue must be larger than 0"):
        track(account, endpoint, 0)
    assert describe(account, endpoint)["EndpointStatus"] == "InService"


@pytest.mark.parametrize(
    ("values", "current", "wanted"),
    [
        ([200.0] * 3, 2, 4),
        ([200.0, None, 200.0], 2, None),
        ([200.0, 90.0, 200.0], 2, None),
        ([101.0] * 3, 2, 3),
        ([10.0] * 15, 4, 1),
        ([10.0] * 14, 4, None),
        ([95.0] * 15, 4, None),
        ([0.0] * 15, 4, 0),
        ([None] * 15, 4, None),
        ([300.0] * 3, 0, 3),
    ],
)
def test_tracking_needs_three_high_or_fifteen_low_minutes(
    values: list[float | None], current: int, wanted: int | None
) -> None:
    assert tracked(values, 100, current) == wanted


@pytest.mark.parametrize(
    ("kind", "adjustment", "wanted"),
    [("ChangeInCapacity", 2, 6), ("ExactCapacity", 2, 2), ("PercentChangeInCapacity", 50, 6)],
)
def test_steps_change_as_their_type_says(kind: str, adjustment: int, wanted: int) -> None:
    step = {"MetricIntervalLowerBound": 0, "ScalingAdjustment": adjustment}
    assert stepped({"AdjustmentType": kind, "StepAdjustments": [step]}, 1.0, 4) == wanted
    assert stepped({"AdjustmentType": kind, "StepAdjustments": [step]}, -1.0, 4) is None


@pytest.mark.slow
def test_changed_policy_keeps_the_arn_that_alarms_name(account: Account, endpoint: str) -> None:
    register(account, endpoint, 1, 2)
    track(account, endpoint, 5)
    scaling = account.client("application-autoscaling")
    wanted = {"ServiceNamespace": "sagemaker", "ResourceId": resource(endpoint)}
    [before] = scaling.describe_scaling_policies(**wanted)["ScalingPolicies"]
    track(account, endpoint, 7)
    [after] = scaling.describe_scaling_policies(**wanted)["ScalingPolicies"]
    assert after["PolicyARN"] == before["PolicyARN"]
    assert after["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] == 7


@pytest.mark.slow
def test_deregistered_target_takes_its_policies_along(account: Account, endpoint: str) -> None:
    register(account, endpoint, 1, 2)
    track(account, endpoint, 5)
    scaling = account.client("application-autoscaling")
    target = {"ResourceId": resource(endpoint), **WHO}
    scaling.deregister_scalable_target(**target)
    found = scaling.describe_scaling_policies(
        ServiceNamespace="sagemaker", ResourceId=resource(endpoint)
    )
    assert found["ScalingPolicies"] == []
    with pytest.raises(ClientError) as caught:
        scaling.deregister_scalable_target(**target)
    assert caught.value.response["Error"]["Code"] == "ObjectNotFoundException"
