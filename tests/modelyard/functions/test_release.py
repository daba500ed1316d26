"""A release from approval to production, and every way in which it does not get there."""

import copy
import json
from typing import Any

import pytest

from modelyard.evidence.chain import verify
from tests.modelyard.functions.cloud import APPROVAL, RECONCILE, Cloud, chained


def prod(*released: int, **serving: Any) -> Cloud:
    """Production that serves the last of these versions."""
    cloud = Cloud("prod", **serving)
    for version in released:
        cloud.verified_in_staging(version)
        cloud.approve(version)
        cloud.settle(APPROVAL)
    return cloud


def coming(cloud: Cloud, version: int) -> str:
    """The next version, approved and verified, its deployment begun."""
    cloud.verified_in_staging(version)
    arn = cloud.approve(version)
    cloud.run(APPROVAL)
    return arn


def message(cloud: Cloud) -> str:
    """The last one that people got."""
    return str(cloud.messages[-1]["Message"])


def test_first_approval_makes_the_endpoint_and_the_next_replaces_it() -> None:
    cloud = prod(1, 2)
    assert cloud.deployed == ["loans-prod-v1", "loans-prod-v2"]
    assert (cloud.serving, cloud.state.phase) == ("loans-prod-v2", "done")
    assert cloud.state.previous_config == "loans-prod-v1"


def test_staging_is_done_when_verification_passed() -> None:
    cloud = Cloud("staging")
    cloud.approve(1, production=False)
    assert cloud.settle(APPROVAL).phase == "done"
    assert cloud.phases == ["deploying", "verifying", "done"]


def test_failed_verification_rolls_staging_back() -> None:
    cloud = Cloud("staging")
    cloud.approve(1, production=False)
    cloud.settle(APPROVAL)
    cloud.verdict = (False, "golden row 3: 0.8124 instead of 0.8123")
    cloud.approve(2, production=False)
    assert cloud.settle(APPROVAL).phase == "rolled-back"
    assert cloud.serving == "loans-staging-v1"
    assert "golden row 3" in message(cloud)
    assert "Traffic: version 1 answers everything again." in message(cloud)


def test_first_version_that_fails_verification_leaves_nothing_behind() -> None:
    cloud = Cloud("staging")
    cloud.verdict = (False, "wrong")
    cloud.approve(1, production=False)
    assert cloud.settle(APPROVAL).phase == "rolled-back"
    assert cloud.endpoint is None


def test_silent_verification_is_asked_again_and_then_given_up() -> None:
    cloud = Cloud("staging")
    cloud.approve(1, production=False)
    cloud.run(APPROVAL)
    for _ in range(12):
        cloud.asked = []
        cloud.step()
        cloud.run(RECONCILE)
    assert cloud.calls.count("invoke") == 3
    assert "no verdict in 3 attempts" in "".join(one["Message"] for one in cloud.messages)


def test_canary_bakes_under_alarms_within_the_limits_of_the_api() -> None:
    cloud = prod(1)
    coming(cloud, 2)
    how = cloud.made["update", "loans-prod-v2"]["DeploymentConfig"]
    policy = how["BlueGreenUpdatePolicy"]
    routing = policy["TrafficRoutingConfiguration"]
    assert routing["CanarySize"] == {"Type": "CAPACITY_PERCENT", "Value": 10}
    assert routing["WaitIntervalInSeconds"] == 600
    assert 600 <= policy["MaximumExecutionTimeoutInSeconds"] <= 28_800
    alarms = how["AutoRollbackConfiguration"]["Alarms"]
    assert alarms == [{"AlarmName": f"loans-prod-{name}"} for name in ("endpoint-errors", "abort")]


def test_each_transition_is_a_record_an_event_and_a_message() -> None:
    cloud = prod(1)
    cloud.told.clear()
    coming(cloud, 2)
    cloud.settle()
    assert cloud.phases == ["deploying", "baking", "done"]
    names = [key.split("Z-")[1] for key in cloud.records if key.startswith("releases/2-")]
    assert names == ["baking.json", "deploying.json", "done.json"]
    assert cloud.messages[-1]["MessageAttributes"]["severity"]["StringValue"] == "info"


def test_release_records_name_what_came_before_them() -> None:
    cloud = Cloud("prod")
    for version in (1, 2):
        cloud.verified_in_staging(version)
        cloud.approve(version)
        cloud.settle(APPROVAL)
    records = chained(cloud)
    assert len(records) == 5
    assert verify(records) == ()
    assert verify([one for one in records if "1-" not in one.name.rpartition("/")[2][:2]]) != ()


def test_alarm_during_the_bake_takes_the_version_back() -> None:
    cloud = prod(1)
    coming(cloud, 2)
    cloud.step()
    cloud.run(RECONCILE)
    cloud.raging.add("loans-prod-endpoint-errors")
    assert cloud.settle().phase == "rolled-back"
    assert cloud.serving == "loans-prod-v1"
    assert "alarm loans-prod-endpoint-errors" in message(cloud)
    assert "modelyard release --env prod --version 2" in message(cloud)
    assert cloud.messages[-1]["MessageAttributes"]["severity"]["StringValue"] == "critical"


def test_alarm_that_is_silent_again_is_still_named() -> None:
    cloud = prod(1)
    coming(cloud, 2)
    cloud.step()
    cloud.run(RECONCILE)
    cloud.raging.add("loans-prod-endpoint-errors")
    fired = {"alarmName": "loans-prod-endpoint-errors", "state": {"value": "ALARM"}}
    cloud.run({"detail-type": "CloudWatch Alarm State Change", "detail": fired})
    cloud.step()
    cloud.raging.clear()
    cloud.settle()
    assert cloud.state.reason == "alarm loans-prod-endpoint-errors"


def test_what_was_taken_back_is_not_tried_again_until_it_is_approved_anew() -> None:
    cloud = prod(1)
    coming(cloud, 2)
    cloud.step()
    cloud.run(RECONCILE)
    cloud.raging.add("loans-prod-endpoint-errors")
    cloud.settle()
    cloud.raging.clear()
    cloud.settle(APPROVAL)
    assert cloud.deployed == ["loans-prod-v1", "loans-prod-v2"]
    cloud.approve(2)
    assert cloud.settle(APPROVAL).phase == "done"
    assert cloud.serving == "loans-prod-v2"


def test_a_person_may_try_again_what_was_taken_back() -> None:
    cloud = prod(1)
    arn = coming(cloud, 2)
    cloud.step()
    cloud.run(RECONCILE)
    cloud.raging.add("loans-prod-endpoint-errors")
    cloud.settle()
    cloud.raging.clear()
    cloud.settle({"action": "release", "model_package_arn": arn})
    assert (cloud.serving, cloud.state.phase) == ("loans-prod-v2", "done")
    assert cloud.state.release.endswith("Z-2")


def test_alarm_that_raged_before_does_not_judge_the_cure() -> None:
    cloud = prod(1)
    cloud.raging.add("loans-prod-endpoint-errors")
    coming(cloud, 2)
    how = cloud.made["update", "loans-prod-v2"]["DeploymentConfig"]
    assert how["AutoRollbackConfiguration"]["Alarms"] == [{"AlarmName": "loans-prod-abort"}]
    assert "Not judged by loans-prod-endpoint-errors" in message(cloud)
    assert cloud.settle().phase == "done"


def test_withdrawal_during_the_bake_pulls_the_alarm_until_it_is_heard() -> None:
    cloud = prod(1)
    arn = coming(cloud, 2)
    cloud.withdraw(arn)
    assert cloud.settle(APPROVAL).phase == "rolled-back"
    assert cloud.aborts >= 2, "the first pull came before anybody listened"
    assert cloud.serving == "loans-prod-v1"
    assert "withdrawn by bob" in message(cloud)


def test_withdrawal_before_anything_changed_stops_the_release() -> None:
    cloud = prod(1)
    cloud.verified_in_staging(2)
    arn = cloud.approve(2)
    cloud.kill_after = len(cloud.calls) + _calls_until(cloud, "put_parameter")
    cloud.run(APPROVAL)
    cloud.withdraw(arn)
    assert cloud.settle().phase == "refused"
    assert cloud.deployed == ["loans-prod-v1"]
    assert "Traffic: nothing changed." in message(cloud)


def _calls_until(cloud: Cloud, operation: str) -> int:
    """How many calls the next release makes until it makes this one."""
    twin = copy.deepcopy(cloud)
    before = len(twin.calls)
    twin.run(APPROVAL)
    return twin.calls[before:].index(operation) + 1


def test_withdrawal_after_the_end_changes_nothing_and_says_what_to_do() -> None:
    cloud = prod(1, 2)
    cloud.withdraw(next(arn for arn in cloud.packages if arn.endswith("/2")))
    cloud.settle(APPROVAL)
    assert (cloud.serving, cloud.state.phase) == ("loans-prod-v2", "done")
    assert "modelyard rollback --env prod" in message(cloud)
    assert cloud.messages[-1]["MessageAttributes"]["severity"]["StringValue"] == "critical"
    told = len(cloud.messages)
    cloud.settle()
    assert len(cloud.messages) == told, "said once"


def test_production_waits_for_stagings_verdict_and_takes_it_up_later() -> None:
    cloud = prod(1)
    cloud.approve(2)
    cloud.settle(APPROVAL)
    assert cloud.serving == "loans-prod-v1"
    cloud.verified_in_staging(2)
    cloud.settle()
    assert cloud.serving == "loans-prod-v2"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"passed": False, "reason": "slow"}, "staging's verification failed: slow"),
        ({"image_digest": "sha256:other"}, "staging verified another image or model file"),
        ({"model_sha256": "other"}, "staging verified another image or model file"),
    ],
)
def test_production_refuses_what_staging_did_not_pass(changes: dict[str, Any], reason: str) -> None:
    cloud = prod(1)
    cloud.verified_in_staging(2, **changes)
    cloud.approve(2)
    answer = cloud.run(APPROVAL)
    assert answer is not None
    assert reason in answer["refused"]
    assert reason in message(cloud)
    assert (cloud.serving, cloud.state.phase) == ("loans-prod-v1", "done")


def test_first_gate_does_not_open_production() -> None:
    cloud = prod(1)
    cloud.verified_in_staging(2)
    arn = cloud.approve(2, production=False)
    cloud.settle(APPROVAL)
    assert cloud.serving == "loans-prod-v1"
    asked = cloud.run({"action": "release", "model_package_arn": arn})
    assert asked is not None
    assert "stage Production" in asked["refused"]


@pytest.mark.parametrize("operation", ["describe_model_package", "batch_get_image"])
def test_registry_that_denies_is_told_and_changes_nothing(operation: str) -> None:
    cloud = prod(1)
    cloud.verified_in_staging(2)
    arn = cloud.approve(2)
    cloud.denied.add(operation)
    answer = cloud.run({"action": "release", "model_package_arn": arn})
    assert answer is not None
    assert "of the registry denies" in answer["refused"]
    assert "of the registry denies" in message(cloud)
    assert cloud.deployed == ["loans-prod-v1"]
    cloud.denied.clear()
    cloud.settle({"action": "release", "model_package_arn": arn})
    assert cloud.serving == "loans-prod-v2"


def test_registry_that_falls_silent_during_the_bake_stops_nothing() -> None:
    cloud = prod(1)
    arn = coming(cloud, 2)
    cloud.denied.add("list_model_packages")
    del arn
    cloud.step()
    cloud.denied.add("describe_model_package")
    cloud.run({"detail-type": "SageMaker Endpoint State Change"})
    assert cloud.state.phase == "baking"


def test_releases_happen_one_after_the_other() -> None:
    cloud = prod(1)
    coming(cloud, 2)
    coming(cloud, 3)
    assert cloud.deployed == ["loans-prod-v1", "loans-prod-v2"]
    assert cloud.settle().version == 3
    assert cloud.deployed == ["loans-prod-v1", "loans-prod-v2", "loans-prod-v3"]


def test_lost_event_is_recovered_by_the_clock() -> None:
    cloud = prod(1)
    cloud.verified_in_staging(2)
    cloud.approve(2)
    cloud.settle({"detail-type": "Scheduled Event"})
    assert cloud.serving == "loans-prod-v2"


def test_repeated_events_change_nothing() -> None:
    cloud = prod(1, 2)
    before = list(cloud.records), len(cloud.messages)
    cloud.run(APPROVAL)
    cloud.run(RECONCILE)
    assert (cloud.records, len(cloud.messages)) == before


def test_operator_who_goes_back_by_hand_is_noticed_and_respected() -> None:
    cloud = prod(1, 2)
    assert cloud.endpoint is not None
    cloud._arrive("loans-prod-v1")
    cloud.settle({"detail-type": "SageMaker Endpoint State Change"})
    assert cloud.state.phase == "rolled-back"
    assert "set to loans-prod-v1 by hand" in message(cloud)
    assert cloud.deployed == ["loans-prod-v1", "loans-prod-v2"]


def test_rollback_goes_to_the_version_before() -> None:
    cloud = prod(1, 2)
    cloud.settle({"action": "rollback", "reason": "odd answers", "by": "olga"})
    assert (cloud.serving, cloud.state.phase) == ("loans-prod-v1", "rolled-back")
    assert "olga took it back: odd answers" in message(cloud)
    assert "DeploymentConfig" not in cloud.made["update", "loans-prod-v1"]


def test_rollback_goes_to_any_version_that_was_released() -> None:
    cloud = prod(1, 2, 3)
    cloud.settle({"action": "rollback", "version": 1})
    assert cloud.serving == "loans-prod-v1"


@pytest.mark.parametrize(
    ("released", "asked", "sentence"),
    [
        ((1,), {"action": "rollback"}, "no earlier version"),
        ((1, 2), {"action": "rollback", "version": 9}, "version 9 was never released here"),
        ((1, 2), {"action": "abort"}, "nothing is under way to abort"),
        ((), {"action": "promote"}, "no challenger is in service"),
    ],
)
def test_what_cannot_be_undone_is_refused_with_the_reason(
    released: tuple[int, ...], asked: dict[str, Any], sentence: str
) -> None:
    cloud = prod(*released)
    machine_answer = _answer(cloud, asked)
    assert sentence in machine_answer


def _answer(cloud: Cloud, asked: dict[str, Any]) -> str:
    from modelyard.functions.service import Refused

    with pytest.raises(Refused) as refusal:
        cloud.run(asked)
    return str(refusal.value)


def test_abort_stops_what_is_under_way() -> None:
    cloud = prod(1)
    coming(cloud, 2)
    cloud.settle({"action": "abort", "by": "olga", "reason": "wrong day"})
    assert (cloud.serving, cloud.state.phase) == ("loans-prod-v1", "rolled-back")


def test_dry_run_tells_and_changes_nothing() -> None:
    cloud = prod(1)
    cloud.verified_in_staging(2)
    arn = cloud.approve(2)
    before = dict(cloud.made), list(cloud.records), cloud.parameter
    plan = cloud.run({"action": "release", "model_package_arn": arn, "dry_run": True})
    assert plan is not None
    assert "from version 1 to 2 (canary)" in plan["would"][0]
    assert (cloud.made, cloud.records, cloud.parameter) == before


def test_shadow_answers_nobody_and_is_promoted_by_a_person() -> None:
    rollout = {"strategy": "shadow", "percent": 50, "bake_minutes": 0}
    cloud = prod(1, 2, rollout=rollout)
    config = cloud.made["config", "loans-prod-v1-shadow-2"]
    assert [one["ModelName"] for one in config["ProductionVariants"]] == ["loans-prod-v1"]
    (shadow,) = config["ShadowProductionVariants"]
    assert (shadow["VariantName"], shadow["InitialVariantWeight"]) == ("challenger", 0.5)
    assert "DeploymentConfig" not in cloud.made["update", "loans-prod-v1-shadow-2"]
    cloud.settle({"action": "promote"})
    assert (cloud.serving, cloud.state.phase) == ("loans-prod-v2", "done")


def test_ab_test_shares_requests_and_goes_back_when_an_alarm_fires() -> None:
    cloud = prod(1, 2, rollout={"strategy": "ab", "percent": 20, "bake_minutes": 0})
    variants = cloud.made["config", "loans-prod-v1-ab-2"]["ProductionVariants"]
    assert {one["VariantName"]: one["InitialVariantWeight"] for one in variants} == {
        "main": 80.0,
        "challenger": 20.0,
    }
    cloud.raging.add("loans-prod-endpoint-errors")
    assert cloud.settle().phase == "rolled-back"
    assert cloud.serving == "loans-prod-v1"


def test_newer_version_replaces_the_challenger() -> None:
    cloud = prod(1, 2, 3, rollout={"strategy": "ab", "percent": 20, "bake_minutes": 0})
    assert cloud.serving == "loans-prod-v1-ab-3"


def test_batch_is_released_without_an_endpoint() -> None:
    cloud = prod(1, mode="batch")
    assert (cloud.state.phase, cloud.endpoint) == ("done", None)


def test_scaled_fleet_keeps_its_size_and_its_bounds() -> None:
    cloud = prod(1, 2, max_instance_count=6, target_invocations=600)
    assert cloud.made["update", "loans-prod-v2"]["RetainAllVariantProperties"] is True
    target, policy = cloud.scaled[-2:]
    assert (target["MinCapacity"], target["MaxCapacity"]) == (2, 6)
    tracking = policy["TargetTrackingScalingPolicyConfiguration"]
    assert tracking["ScaleInCooldown"] > tracking["ScaleOutCooldown"]


def test_asynchronous_endpoint_sleeps_and_wakes() -> None:
    rollout = {"strategy": "all-at-once", "percent": 100, "bake_minutes": 0}
    cloud = prod(1, mode="asynchronous", instance_count=1, rollout=rollout)
    config = cloud.made["config", "loans-prod-v1"]
    assert config["AsyncInferenceConfig"]["OutputConfig"]["KmsKeyId"] == "key"
    assert cloud.scaled[0]["MinCapacity"] == 0
    assert cloud.made["alarm", "loans-prod-async-waiting"]["AlarmActions"] == ["policy"]


def test_serverless_has_neither_network_nor_capture_nor_volume() -> None:
    cloud = prod(
        1,
        mode="serverless",
        memory_mb=2048,
        max_concurrency=5,
        rollout={"strategy": "all-at-once", "percent": 100, "bake_minutes": 0},
    )
    config, model = cloud.made["config", "loans-prod-v1"], cloud.made["model", "loans-prod-v1"]
    assert config["ProductionVariants"][0]["ServerlessConfig"]["MaxConcurrency"] == 5
    assert not {"KmsKeyId", "DataCaptureConfig"} & config.keys()
    assert not {"VpcConfig", "EnableNetworkIsolation"} & model.keys()
    assert cloud.scaled == []


def test_serverless_is_updated_without_guardrails() -> None:
    """ "Deployment guardrails only apply to Asynchronous inference and Real-time inference"."""
    rollout = {"strategy": "all-at-once", "percent": 100, "bake_minutes": 10}
    cloud = prod(1, 2, mode="serverless", memory_mb=2048, max_concurrency=5, rollout=rollout)
    assert "DeploymentConfig" not in cloud.made["update", "loans-prod-v2"]
    assert (cloud.serving, cloud.state.phase) == ("loans-prod-v2", "done")


def test_dry_run_promises_no_rollback_where_aws_has_none() -> None:
    cloud = prod(1, mode="serverless", memory_mb=2048, max_concurrency=5)
    cloud.verified_in_staging(2)
    asked = {"action": "release", "model_package_arn": cloud.approve(2), "dry_run": True}
    plan = cloud.run(asked)
    assert plan is not None
    assert [line for line in plan["would"] if "alarm" in line] == []


SERVERLESS = {"mode": "serverless", "memory_mb": 2048, "max_concurrency": 5}


@pytest.mark.parametrize(
    ("first", "then", "because"),
    [
        ({}, SERVERLESS, "does not convert an endpoint with instances"),
        (SERVERLESS, {"mode": "real-time"}, "nothing could undo it"),
    ],
    ids=["to serverless", "to instances"],
)
def test_release_that_could_not_go_back_is_refused(
    first: dict[str, Any], then: dict[str, Any], because: str
) -> None:
    """ "Deploy models with Amazon SageMaker Serverless Inference", "Feature exclusions"."""
    cloud = prod(1, **first)
    cloud.facts["serving"] = json.dumps(json.loads(cloud.facts["serving"]) | then)
    coming(cloud, 2)
    assert cloud.deployed == ["loans-prod-v1"]
    assert because in message(cloud)
    assert "delete endpoint loans-prod" in message(cloud)


def test_endpoint_that_never_becomes_healthy_gives_way() -> None:
    cloud = prod()
    coming(cloud, 1)
    assert cloud.endpoint is not None
    cloud.endpoint |= {"EndpointStatus": "Failed", "FailureReason": "ping did not answer"}
    cloud.settle()
    assert cloud.state.phase == "failed"
    assert "ping did not answer" in message(cloud)
    assert cloud.endpoint is None
    coming(cloud, 2)
    assert cloud.settle().phase == "done"


def test_state_fits_its_parameter_whatever_the_reason() -> None:
    cloud = Cloud("staging")
    cloud.verdict = (False, "golden row 3 is off; " * 1000)
    cloud.approve(1, production=False)
    assert cloud.settle(APPROVAL).phase == "rolled-back"
    assert len(cloud.parameter) < 4096
    assert "evidence/releases/verifications/1.json" in cloud.state.reason
