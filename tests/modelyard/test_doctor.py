"""The doctor: what can be wrong is told with its remedy, and nothing stops the other looks."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from modelyard import doctor
from modelyard.aws import Place
from modelyard.doctor import Check
from modelyard.project import Project
from modelyard.workspace import KEYS_BY_ENVIRONMENT

NOW = datetime(2026, 1, 10, 12, tzinfo=UTC)
JSON = {"gates", "fairness", "rollback_alarms", "serving", "monitoring", "alerts", "retrain"}


def refusal(code: str, message: str = "no", operation: str = "Ask") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


class Pages:
    """A paginator over one page, chosen by what is asked."""

    def __init__(self, answer: Callable[..., Any]) -> None:
        self.answer = answer

    def paginate(self, **asked: Any) -> list[Any]:
        return [self.answer(**asked)]


class Account:
    """The clients of one account; `says` replaces what a call answers."""

    class exceptions:  # noqa: N801 (botocore's name)
        class ResourceNotFoundException(Exception):  # noqa: N818
            pass

    def __init__(self, objects: Mapping[str, datetime], **says: Any) -> None:
        self.objects, self.says = objects, says

    def __getattr__(self, call: str) -> Callable[..., Any]:
        def answer(**asked: Any) -> Any:
            said = self.says.get(call, {})
            if isinstance(said, Exception):
                raise said
            return said(**asked) if callable(said) else said

        return answer

    def get_paginator(self, call: str) -> Pages:
        return Pages(self._listed if call == "list_objects_v2" else getattr(self, call))

    def _listed(self, Bucket: str, Prefix: str, Delimiter: str = "") -> dict[str, Any]:  # noqa: N803
        found = {key: time for key, time in self.objects.items() if key.startswith(Prefix)}
        if not Delimiter:
            return {"Contents": [{"Key": k, "LastModified": t} for k, t in found.items()]}
        rests = {key[len(Prefix) :].split("/")[0] for key in found if "/" in key[len(Prefix) :]}
        return {"CommonPrefixes": [{"Prefix": f"{Prefix}{rest}/"} for rest in sorted(rests)]}


def contract(environment: Any) -> dict[str, Any]:
    values = {key: "{}" if key in JSON else key for key in KEYS_BY_ENVIRONMENT[environment]}
    values |= {"environment": environment, "project": "loans", "endpoint": "loans-staging"}
    values |= {"rollback_alarms": "[]", "card_gaps": "[]", "monitoring": '{"capture": "endpoint"}'}
    parameters = [
        {"Name": f"/modelyard/loans/{environment}/{key}", "Value": value}
        for key, value in values.items()
    ]
    return {"Parameters": parameters}


HEALTHY: dict[str, Any] = {
    "get_caller_identity": {"Account": "123456789012", "Arn": "arn:aws:sts::1:assumed-role/r/ann"},
    "get_parameters_by_path": contract("staging"),
    "describe_endpoint": {
        "EndpointStatus": "InService",
        "EndpointConfigName": "loans-staging-v3",
        "DataCaptureConfig": {"EnableCapture": True, "CaptureStatus": "Started"},
    },
    "list_schedules": {"Schedules": [{"Name": "loans-staging-monitor", "State": "ENABLED"}]},
}
OBJECTS = {
    "capture/loans-staging/main/2026/01/10/11/a.jsonl": NOW - timedelta(minutes=30),
    "capture/loans-staging/main/2026/01/09/11/a.jsonl": NOW - timedelta(days=1),
    "labels/truth.csv": NOW - timedelta(days=2),
    "monitoring/20260109T0600Z-24h/window.json": NOW,
}


@pytest.fixture
def look(project: Project) -> Callable[..., dict[str, Check]]:
    """The checks of an account that is healthy but for what is given."""

    def run(objects: Mapping[str, datetime] = OBJECTS, **says: Any) -> dict[str, Check]:
        account = Account(objects, **{**HEALTHY, **says})
        services = ("sts", "ssm", "sagemaker", "s3", "scheduler", "logs")
        clients = {(service, "us-east-1"): account for service in services}
        checks = doctor.look_over(Place(project, "staging", clients), NOW)
        return {check.name: check for check in checks}

    return run


def test_a_healthy_environment_has_nothing_wrong(look: Callable[..., dict[str, Check]]) -> None:
    checks = look()
    assert {check.state for check in checks.values()} == {"ok"}
    assert "30 minutes" in checks["captured"].sentence
    assert set(checks) == {
        *("credentials", "contract", "endpoint", "capture"),
        *("captured", "schedule", "windows", "labels"),
    }


def test_credentials_of_another_account_stop_everything(
    look: Callable[..., dict[str, Check]],
) -> None:
    checks = look(get_caller_identity={"Account": "999999999999", "Arn": "arn:aws:sts::9:a/b/c"})
    assert list(checks) == ["credentials"]
    assert "999999999999" in checks["credentials"].sentence


def capturing(**capture: Any) -> dict[str, Any]:
    return {**HEALTHY["describe_endpoint"], "DataCaptureConfig": capture}


NO_ENDPOINT = refusal("ValidationException", "Could not find endpoint")
CONFIGS = {"EndpointConfigs": [{"EndpointConfigName": "loans-prod-v1"}]}


@pytest.mark.parametrize(
    ("says", "state", "told"),
    [
        ({"describe_endpoint": capturing()}, "fail", "captures nothing"),
        (
            {"describe_endpoint": capturing(EnableCapture=True, CaptureStatus="Stopped")},
            "fail",
            "stopped capturing",
        ),
        (
            {"describe_endpoint": NO_ENDPOINT, "list_endpoint_configs": {"EndpointConfigs": []}},
            "warn",
            "nothing tells yet",
        ),
        (
            {
                "describe_endpoint": NO_ENDPOINT,
                "list_endpoint_configs": CONFIGS,
                "describe_endpoint_config": {"DataCaptureConfig": {"EnableCapture": True}},
            },
            "ok",
            "AWS accepted",
        ),
    ],
    ids=["absent", "stopped", "untried", "accepted before"],
)
def test_the_capture_door_is_told_by_what_exists(
    look: Callable[..., dict[str, Check]], says: dict[str, Any], state: str, told: str
) -> None:
    check = look(**says)["capture"]
    assert (check.state, told in check.sentence) == (state, True)
    assert state == "ok" or "capture: log" in check.remedy


@pytest.mark.parametrize(("filters", "state"), [([{"filterName": "f"}], "ok"), ([], "fail")])
def test_the_log_door_needs_a_subscription(
    look: Callable[..., dict[str, Check]], filters: list[Any], state: str
) -> None:
    parameters = contract("staging")
    for one in parameters["Parameters"]:
        if one["Name"].endswith("/monitoring"):
            one["Value"] = '{"capture": "log"}'
    says = {
        "get_parameters_by_path": parameters,
        "describe_subscription_filters": {"subscriptionFilters": filters},
    }
    assert look(**says)["capture"].state == state


@pytest.mark.parametrize(
    ("objects", "name", "state", "told"),
    [
        ({}, "captured", "warn", "nothing has been captured"),
        (
            {"capture/loans-staging/main/2026/01/05/11/a.jsonl": NOW - timedelta(days=5)},
            "captured",
            "fail",
            "5 days old",
        ),
        ({}, "labels", "warn", "quality is only estimated"),
        ({}, "windows", "warn", "no window has been judged"),
        ({"monitoring/20260101T0600Z-24h/window.json": NOW}, "windows", "fail", "9 days ago"),
    ],
)
def test_what_lies_in_the_bucket_is_judged_by_its_age(
    look: Callable[..., dict[str, Check]],
    objects: dict[str, datetime],
    name: str,
    state: str,
    told: str,
) -> None:
    check = look(objects)[name]
    assert (check.state, told in check.sentence) == (state, True)


def test_a_schedule_that_is_off_is_wrong(look: Callable[..., dict[str, Check]]) -> None:
    off = {"Schedules": [{"Name": "loans-staging-monitor", "State": "DISABLED"}]}
    assert look(list_schedules=off)["schedule"].state == "fail"


def test_what_your_role_may_not_ask_is_not_held_against_anyone(
    look: Callable[..., dict[str, Check]],
) -> None:
    checks = look(list_schedules=refusal("AccessDeniedException", operation="ListSchedules"))
    assert checks["schedule"] == Check("schedule", "warn", "your role may not ask (ListSchedules)")
    assert checks["labels"].state == "ok"


def test_a_failed_endpoint_is_told_with_its_reason(look: Callable[..., dict[str, Check]]) -> None:
    failed = {"EndpointStatus": "Failed", "EndpointConfigName": "c", "FailureReason": "no memory"}
    check = look(describe_endpoint=failed)["endpoint"]
    assert (check.state, "no memory" in check.sentence) == ("fail", True)
