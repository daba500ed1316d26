"""Updates shift traffic in steps, undo themselves on alarms, and lose no request."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.compute.hosting import (
    BROKEN,
    PASSING,
    SERVE,
    Deploy,
    Load,
    advance,
    answer,
    configure,
    describe,
    settled,
    total,
)
from tests.sandbox.compute.support import Account, ImageMaker, open_queue, unique, wait

CLOCK_STANDS = True
BAKE = 300
STATE = "SageMaker Endpoint State Change"
DEPLOYMENT = "SageMaker Endpoint Deployment State Change"
# A server that told to leave never comes back.
LEFT_BEHIND = """
import os, sys
if os.path.exists(os.environ["HOME"] + "/left"):
    sys.exit(1)
"""


@pytest.fixture
def image(make_image: ImageMaker) -> str:
    """The image of a server that works."""
    return make_image({"serve": SERVE})


def routed(kind: str, alarms: list[str], last: int = 0, **size: Any) -> dict[str, Any]:
    """A blue/green deployment configuration."""
    routing = {"Type": kind, "WaitIntervalInSeconds": BAKE, **size}
    policy = {"TrafficRoutingConfiguration": routing, "TerminationWaitInSeconds": last}
    config: dict[str, Any] = {"BlueGreenUpdatePolicy": policy}
    if alarms:
        config["AutoRollbackConfiguration"] = {"Alarms": [{"AlarmName": a} for a in alarms]}
    return config


def canary(alarms: list[str], value: int = 1, last: int = 0) -> dict[str, Any]:
    size = {"Type": "INSTANCE_COUNT", "Value": value}
    return routed("CANARY", alarms, last, CanarySize=size)


def update(account: Account, name: str, config: str, how: dict[str, Any] | None = None) -> None:
    more = {"DeploymentConfig": how} if how else {}
    account.sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=config, **more)


def baking(account: Account, name: str, active: int) -> dict[str, Any]:
    """The endpoint once this many new instances answer and bake."""

    def stage() -> dict[str, Any]:
        described = describe(account, name)
        [shown] = described["PendingDeploymentSummary"]["ProductionVariants"]
        status = shown.get("VariantStatus", [{}])[0].get("Status")
        return {"there": (status, shown["CurrentInstanceCount"]) == ("Baking", active)} | described

    return wait(stage, "there", False)


def later(account: Account, name: str) -> dict[str, Any]:
    """The endpoint a few seconds of the sandbox later."""
    advance(2)
    return describe(account, name)


def make_alarm(account: Account, **changes: Any) -> str:
    """An alarm that is OK and goes off only by hand or by what `changes` say."""
    name = unique("alarm")
    account.client("cloudwatch").put_metric_alarm(
        **{
            "AlarmName": name,
            "Namespace": "Test",
            "MetricName": "Nothing",
            "Statistic": "Sum",
            "Period": 60,
            "EvaluationPeriods": 1,
            "Threshold": 0,
            "ComparisonOperator": "GreaterThanThreshold",
            "TreatMissingData": "notBreaching",
            **changes,
        }
    )
    return name


def pull(account: Account, alarm: str) -> None:
    account.client("cloudwatch").set_alarm_state(
        AlarmName=alarm, StateValue="ALARM", StateReason="pulled"
    )


def test_canary_answers_its_share_while_it_bakes_and_then_everything(
    account: Account, image: str, deploy: Deploy
) -> None:
    name = deploy(configure(account, image, "one", 4))
    second = configure(account, image, "two", 4)
    update(account, name, second, canary([make_alarm(account)]))
    described = baking(account, name, 1)
    assert described["EndpointStatus"] == "Updating"
    assert described["PendingDeploymentSummary"]["EndpointConfigName"] == second
    [shown] = described["PendingDeploymentSummary"]["ProductionVariants"]
    assert shown["VariantStatus"][0]["StatusMessage"] == (
        f"Baking for {BAKE} seconds (WaitIntervalInSeconds) with traffic enabled on canary "
        "capacity of 1 instance(s)."
    )
    answers = [answer(account, name) for _ in range(100)]
    assert 5 <= answers.count("two") <= 50
    advance(BAKE)
    described = settled(account, name)
    assert (described["EndpointStatus"], described["EndpointConfigName"]) == ("InService", second)
    assert "PendingDeploymentSummary" not in described
    assert {answer(account, name) for _ in range(10)} == {"two"}


def test_alarm_during_the_bake_brings_everything_back(
    account: Account, image: str, deploy: Deploy
) -> None:
    first = configure(account, image, "one", 2)
    name, alarm = deploy(first), make_alarm(account)
    update(account, name, configure(account, image, "two", 2), canary([alarm]))
    baking(account, name, 1)
    pull(account, alarm)
    advance(1)
    described = settled(account, name)
    assert (described["EndpointStatus"], described["EndpointConfigName"]) == ("InService", first)
    assert f"ALARM state: [{alarm}]" in described["FailureReason"]
    assert {answer(account, name) for _ in range(10)} == {"one"}


def test_alarm_that_is_on_already_lets_no_traffic_through(
    account: Account, image: str, deploy: Deploy
) -> None:
    name, alarm = deploy(configure(account, image, "one", 2)), make_alarm(account)
    pull(account, alarm)
    heard = listen(account, f"endpoint/{name}")
    second = configure(account, image, "two", 2)
    with Load(name) as load:
        update(account, name, second, canary([alarm]))
        described = settled(account, name)
    assert "ALARM state" in described["FailureReason"]
    assert (set(load.answers), load.failures) == ({"one"}, [])
    assert [each["Status"] for each in stages(everything(heard, 4))] == ["Creating"]


def test_model_that_answers_500_trips_its_alarm_and_is_taken_back(
    account: Account, image: str, deploy: Deploy
) -> None:
    name, second = deploy(configure(account, image, "one", 2)), unique("config")
    dimensions = {"EndpointName": name, "VariantName": "main"}
    alarm = make_alarm(
        account,
        Namespace="AWS/SageMaker",
        MetricName="Invocation5XXErrors",
        Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
    )
    second = configure(account, image, "broken", 2)
    with Load(name) as load:
        update(account, name, second, canary([alarm]))
        described = wait(lambda: later(account, name), "EndpointStatus", *PASSING)
        load.more(10)  # those that were under way
        after = len(load.failures)
        load.more(50)
    assert f"[{alarm}]" in described["FailureReason"]
    assert set(load.answers) == {"one"}
    assert (after > 0, len(load.failures)) == (True, after)


def test_container_that_never_comes_up_leaves_the_old_one_serving(
    account: Account, image: str, make_image: ImageMaker, deploy: Deploy
) -> None:
    name = deploy(configure(account, image, "one", 2))
    broken = configure(account, make_image({"serve": BROKEN}), "two", 2)
    with Load(name) as load:
        update(account, name, broken, canary([make_alarm(account)]))
        described = settled(account, name)
    assert "RuntimeError: no model file" in described["FailureReason"]
    assert (set(load.answers), load.failures) == ({"one"}, [])


def test_request_under_way_is_answered_by_the_fleet_that_is_replaced(
    account: Account, image: str, deploy: Deploy
) -> None:
    name = deploy(configure(account, image, "one", 2))
    second = configure(account, image, "two", 2)
    answers: list[str] = []
    client = threading.Thread(target=lambda: answers.append(answer(account, name, b"sleep2")))
    client.start()
    update(account, name, second)
    assert settled(account, name)["EndpointConfigName"] == second
    client.join()
    assert answers == ["one"]


@pytest.mark.slow
def test_linear_deployment_turns_on_batch_after_batch(
    account: Account, image: str, deploy: Deploy
) -> None:
    name = deploy(configure(account, image, "one", 3))
    second = configure(account, image, "two", 3)
    size = {"Type": "CAPACITY_PERCENT", "Value": 34}
    update(account, name, second, routed("LINEAR", [], LinearStepSize=size))
    shares = []
    for active in (1, 2):
        baking(account, name, active)
        answers = [answer(account, name) for _ in range(60)]
        shares.append(answers.count("two") / 60)
        advance(BAKE)
    assert settled(account, name)["EndpointConfigName"] == second
    assert 0.05 < shares[0] < shares[1] < 0.95


@pytest.mark.slow
def test_deployment_that_takes_too_long_is_undone(
    account: Account, image: str, make_image: ImageMaker, deploy: Deploy
) -> None:
    first = configure(account, image, "one", 2)
    name = deploy(first)
    slow = make_image({"serve": f"import time\ntime.sleep(1)\n{SERVE}"})
    how = canary([])
    how["BlueGreenUpdatePolicy"]["MaximumExecutionTimeoutInSeconds"] = 600
    update(account, name, configure(account, slow, "two", 2), how)
    advance(600)
    described = settled(account, name)
    assert described["EndpointConfigName"] == first
    assert "MaximumExecutionTimeoutInSeconds" in described["FailureReason"]


def test_endpoint_cannot_be_changed_or_deleted_while_it_is_updated(
    account: Account, image: str, deploy: Deploy
) -> None:
    name = deploy(configure(account, image, "one", 2))
    second = configure(account, image, "two", 2)
    update(account, name, second, canary([]))
    baking(account, name, 1)
    wanted = [{"VariantName": "main", "DesiredWeight": 1.0}]
    sagemaker = account.sagemaker
    with pytest.raises(ClientError, match="Cannot update in-progress endpoint"):
        update(account, name, second)
    with pytest.raises(ClientError, match="Cannot update in-progress endpoint"):
        sagemaker.delete_endpoint(EndpointName=name)
    with pytest.raises(ClientError, match="Cannot update in-progress endpoint"):
        sagemaker.update_endpoint_weights_and_capacities(
            EndpointName=name, DesiredWeightsAndCapacities=wanted
        )
    advance(BAKE)
    settled(account, name)


@pytest.mark.slow
def test_alarm_that_does_not_exist_is_refused(account: Account, image: str, deploy: Deploy) -> None:
    name = deploy(configure(account, image, "one", 2))
    with pytest.raises(ClientError, match=r"alarm\(s\) nobody .* do not exist"):
        update(account, name, configure(account, image, "two", 2), canary(["nobody"]))


def test_retained_properties_and_configuration_are_those_of_before(
    account: Account, image: str, deploy: Deploy
) -> None:
    name = deploy(configure(account, image, "one", 2))
    update(account, name, configure(account, image, "two", 2), routed("ALL_AT_ONCE", [], last=0))
    settled(account, name)
    account.sagemaker.update_endpoint_weights_and_capacities(
        EndpointName=name,
        DesiredWeightsAndCapacities=[{"VariantName": "main", "DesiredInstanceCount": 5}],
    )
    settled(account, name)
    account.sagemaker.update_endpoint(
        EndpointName=name,
        EndpointConfigName=configure(account, image, "three", 2),
        RetainAllVariantProperties=True,
        RetainDeploymentConfig=True,
    )
    described = settled(account, name)
    assert described["ProductionVariants"][0]["CurrentInstanceCount"] == 5
    assert described["LastDeploymentConfig"] == routed("ALL_AT_ONCE", [], last=0)


def test_no_request_fails_and_each_is_counted_over_every_kind_of_deployment(
    account: Account, image: str, deploy: Deploy
) -> None:
    name, alarm = deploy(configure(account, image, "one", 2)), make_alarm(account)
    configs = {text: configure(account, image, text, 2) for text in ("two", "three", "four")}
    half = {"Type": "CAPACITY_PERCENT", "Value": 50}
    with Load(name) as load:
        load.more(20)
        update(account, name, configs["two"])
        settled(account, name)
        update(account, name, configs["three"], canary([alarm]))
        baking(account, name, 1)
        load.more(20)
        advance(BAKE)
        settled(account, name)
        update(account, name, configs["four"], routed("LINEAR", [alarm], LinearStepSize=half))
        baking(account, name, 1)
        load.more(20)
        pull(account, alarm)
        advance(1)
        described = settled(account, name)
        load.more(20)
    assert (load.failures, described["EndpointConfigName"]) == ([], configs["three"])
    assert set(load.answers) == {"one", "two", "three", "four"}
    served = total(account, "Invocations", EndpointName=name, VariantName="main")
    assert served == len(load.answers)
    by_config = {
        text: total(
            account,
            "Invocations",
            EndpointName=name,
            VariantName="main",
            EndpointConfigName=config,
        )
        for text, config in configs.items()
    }
    assert by_config == {text: load.answers.count(text) for text in configs}


def rolling(alarms: list[str]) -> dict[str, Any]:
    """A rolling deployment of one instance at a time."""
    size = {"Type": "INSTANCE_COUNT", "Value": 1}
    policy = {"MaximumBatchSize": size, "WaitIntervalInSeconds": BAKE}
    watched = {"Alarms": [{"AlarmName": alarm} for alarm in alarms]}
    return {"RollingUpdatePolicy": policy, "AutoRollbackConfiguration": watched}


def test_rolling_deployment_ends_old_instances_as_new_ones_take_over(
    account: Account, image: str, deploy: Deploy
) -> None:
    name = deploy(configure(account, image, "one", 2))
    second = configure(account, image, "two", 2)
    update(account, name, second, rolling([make_alarm(account)]))
    [old] = baking(account, name, 1)["ProductionVariants"]
    assert (old["CurrentInstanceCount"], old["DesiredInstanceCount"]) == (1, 2)
    advance(BAKE)
    baking(account, name, 2)
    advance(BAKE)
    assert settled(account, name)["EndpointConfigName"] == second


def test_rolling_deployment_that_cannot_go_back_serves_a_mix(
    account: Account, image: str, make_image: ImageMaker, deploy: Deploy
) -> None:
    dies_for_good = make_image({"serve": f"{LEFT_BEHIND}{SERVE}"})
    name, alarm = deploy(configure(account, dies_for_good, "one", 2)), make_alarm(account)
    update(account, name, configure(account, image, "two", 2), rolling([alarm]))
    baking(account, name, 1)
    wait(lambda: {"said": answer(account, name, b"leave one")}, "said", "one", "two")
    pull(account, alarm)
    described = settled(account, name)
    assert described["EndpointStatus"] == "UpdateRollbackFailed"
    assert {answer(account, name) for _ in range(20)} == {"two", "ModelError"}


def test_event_bus_hears_of_each_status_and_stage(
    account: Account, image: str, deploy: Deploy
) -> None:
    first = configure(account, image, "one", 2)
    name, alarm = deploy(first), make_alarm(account)
    heard = listen(account, f"endpoint/{name}")
    second = configure(account, image, "two", 2)
    update(account, name, second, canary([alarm]))
    baking(account, name, 1)
    pull(account, alarm)
    settled(account, name)
    events = everything(heard, 6)
    states = [event["detail"] for event in events if event["detail-type"] == STATE]
    assert [each["EndpointStatus"] for each in states] == ["UPDATING", "ROLLING_BACK", "IN_SERVICE"]
    assert [each["EndpointConfigName"] for each in states] == [first] * 3
    assert alarm in states[-1]["FailureReason"]
    passed = stages(events)
    assert [each["Status"] for each in passed] == ["Creating", "ActivatingTraffic", "Baking"]
    assert passed[0]["StatusMessage"] == "Launching 2 instance(s)."


def listen(account: Account, resource: str) -> Callable[[], list[Any]]:
    """What the event bus says of an endpoint from now on, in order."""
    queue, rule = open_queue("events.amazonaws.com"), unique("rule")
    pattern = {"source": ["aws.sagemaker"], "resources": [{"suffix": resource}]}
    events = account.client("events")
    events.put_rule(Name=rule, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=rule, Targets=[{"Id": "queue", "Arn": queue.arn}])
    found: list[Any] = []

    def heard() -> list[Any]:
        found.extend(queue.receive())
        return sorted(found, key=lambda event: event["detail"]["LastModifiedTime"])

    return heard


def everything(heard: Callable[[], list[Any]], number: int) -> tuple[Any, ...]:
    """What `listen` heard, once there is this much of it."""
    found: tuple[Any, ...] = wait(
        lambda: {"all": tuple(heard()), "n": len(heard())}, "n", *range(number)
    )["all"]
    return found


def stages(events: tuple[Any, ...]) -> list[Any]:
    """What a deployment said of its variant, stage after stage."""
    return [
        event["detail"]["PendingDeploymentSummary"]["ProductionVariants"][0]["VariantStatus"][0]
        for event in events
        if event["detail-type"] == DEPLOYMENT
    ]
