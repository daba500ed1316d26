"""Schedules and scheduled rules fire on the clock, as their role, and are not lost."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

OFF = {"Mode": "OFF"}
HOUR = 3600


def queue(account: Any, name: str = "q", principal: Any = "*") -> tuple[str, str]:
    arn = f"arn:aws:sqs:us-east-1:{account.id}:{name}"
    allow = {"Effect": "Allow", "Principal": principal, "Action": "sqs:*", "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    made = account.client("sqs").create_queue(QueueName=name, Attributes={"Policy": policy})
    return arn, made["QueueUrl"]


def own(account: Any, name: str = "q") -> tuple[str, str]:
    """A queue that only its owner's identities reach."""
    return queue(account, name, {"AWS": f"arn:aws:iam::{account.id}:root"})


def messages(account: Any, url: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while (
        batch := account.client("sqs")
        .receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
        .get("Messages")
    ):
        found += batch
    return found


def role(account: Any, *actions: str, name: str = "scheduler") -> str:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    arn = account.role(name, *([statement] if actions else []), service="scheduler.amazonaws.com")
    return str(arn)


def schedule(account: Any, expression: str, target: dict[str, Any], **more: Any) -> None:
    settings = {"FlexibleTimeWindow": OFF, "Name": "s", **more}
    account.client("scheduler").create_schedule(
        ScheduleExpression=expression, Target=target, **settings
    )


def test_a_schedule_sends_its_input_with_the_time_it_was_due(still: Any) -> None:
    arn, url = own(still)
    text = json.dumps(
        {"time": "<aws.scheduler.scheduled-time>", "n": "<aws.scheduler.attempt-number>"}
    )
    begin = still.now().replace(microsecond=0)
    target = {"Arn": arn, "RoleArn": role(still, "sqs:SendMessage"), "Input": text}
    schedule(still, "cron(0 * * * ? *)", target)
    still.advance(2 * HOUR)
    first = begin.replace(minute=0, second=0) + timedelta(hours=1)
    expected = [f"{first + timedelta(hours=n):%Y-%m-%dT%H:%M:%SZ}" for n in range(2)]
    sent = [json.loads(message["Body"]) for message in messages(still, url)]
    assert sent == [{"time": when, "n": "1"} for when in expected]


def test_a_rate_begins_at_once(still: Any) -> None:
    arn, url = own(still)
    target = {"Arn": arn, "RoleArn": role(still, "sqs:SendMessage"), "Input": "x"}
    schedule(still, "rate(1 hour)", target)
    still.advance(2 * HOUR + 60)
    assert len(messages(still, url)) == 3


def test_a_start_and_an_end_bound_a_schedule(still: Any) -> None:
    arn, url = own(still)
    now = still.now()
    schedule(
        still,
        "rate(1 hour)",
        {"Arn": arn, "RoleArn": role(still, "sqs:SendMessage"), "Input": "x"},
        StartDate=now + timedelta(hours=2),
        EndDate=now + timedelta(hours=4),
    )
    still.advance(8 * HOUR)
    assert len(messages(still, url)) == 2


def test_a_disabled_schedule_is_silent_until_it_is_enabled(still: Any) -> None:
    arn, url = own(still)
    target = {"Arn": arn, "RoleArn": role(still, "sqs:SendMessage"), "Input": "x"}
    schedule(still, "cron(0 * * * ? *)", target, State="DISABLED")
    still.advance(2 * HOUR)
    assert messages(still, url) == []
    still.client("scheduler").update_schedule(
        Name="s",
        ScheduleExpression="cron(0 * * * ? *)",
        Target=target,
        FlexibleTimeWindow=OFF,
        State="ENABLED",
    )
    still.advance(HOUR)
    assert len(messages(still, url)) == 1


def test_a_moment_happens_once_and_its_schedule_is_removed_when_asked(still: Any) -> None:
    arn, url = own(still)
    when = still.now() + timedelta(minutes=10)
    schedule(
        still,
        f"at({when:%Y-%m-%dT%H:%M:%S})",
        {"Arn": arn, "RoleArn": role(still, "sqs:SendMessage"), "Input": "x"},
        ActionAfterCompletion="DELETE",
    )
    still.advance(HOUR)
    assert len(messages(still, url)) == 1
    assert still.client("scheduler").list_schedules()["Schedules"] == []


def test_a_deleted_schedule_never_fires(still: Any) -> None:
    arn, url = own(still)
    target = {"Arn": arn, "RoleArn": role(still, "sqs:SendMessage"), "Input": "x"}
    schedule(still, "cron(0 * * * ? *)", target)
    still.client("scheduler").delete_schedule(Name="s")
    still.advance(2 * HOUR)
    assert messages(still, url) == []


def test_a_function_hears_of_each_occurrence_before_the_clock_moves_on(still: Any) -> None:
    code = "def handle(event, context): print('due', event['time'])"
    function = still.function("f", code, Timeout=20)
    target = {
        "Arn": function,
        "RoleArn": role(still, "lambda:InvokeFunction"),
        "Input": '{"time": "<aws.scheduler.scheduled-time>"}',
    }
    schedule(still, "cron(0 0 * * ? *)", target)
    still.advance(2 * 24 * HOUR)
    logs = still.client("logs").filter_log_events(logGroupName="/aws/lambda/f")["events"]
    due = [event["message"] for event in logs if event["message"].startswith("due")]
    assert len(due) == 2
    assert due == sorted(due)


def test_a_bus_gets_an_event(still: Any) -> None:
    arn, url = queue(still)
    events = still.client("events")
    events.put_rule(Name="r", EventPattern=json.dumps({"source": ["shop"]}))
    events.put_targets(Rule="r", Targets=[{"Id": "q", "Arn": arn, "InputPath": "$.detail"}])
    target = {
        "Arn": f"arn:aws:events:us-east-1:{still.id}:event-bus/default",
        "RoleArn": role(still, "events:PutEvents"),
        "Input": '{"n": 1}',
        "EventBridgeParameters": {"Source": "shop", "DetailType": "Opened"},
    }
    schedule(still, "cron(0 * * * ? *)", target)
    still.advance(HOUR)
    [message] = messages(still, url)
    assert json.loads(message["Body"]) == {"n": 1}


def test_any_operation_can_be_a_target(still: Any) -> None:
    target = {
        "Arn": "arn:aws:scheduler:::aws-sdk:ssm:putParameter",
        "RoleArn": role(still, "ssm:PutParameter"),
        "Input": json.dumps({"Name": "/due", "Value": "yes", "Type": "String"}),
    }
    schedule(still, "cron(0 * * * ? *)", target)
    still.advance(HOUR)
    assert still.client("ssm").get_parameter(Name="/due")["Parameter"]["Value"] == "yes"


def test_a_role_that_may_not_leaves_a_dead_letter(still: Any) -> None:
    arn, _ = own(still)
    dead, url = own(still, "dead")
    allowed = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": dead}
    target = {
        "Arn": arn,
        "RoleArn": still.role("scheduler", allowed, service="scheduler.amazonaws.com"),
        "Input": "x",
        "DeadLetterConfig": {"Arn": dead},
    }
    schedule(still, "cron(0 * * * ? *)", target)
    still.advance(HOUR)
    [message] = messages(still, url)
    told = {k: v["StringValue"] for k, v in message["MessageAttributes"].items()}
    assert told["ERROR_CODE"].startswith("AccessDenied")
    assert told["TARGET_ARN"] == arn
    assert message["Body"] == "x"


def test_a_rule_with_a_schedule_fires_with_the_time_it_was_due(still: Any) -> None:
    arn, url = queue(still)
    events = still.client("events")
    made = still.now()
    rule = events.put_rule(Name="r", ScheduleExpression="rate(15 minutes)")["RuleArn"]
    events.put_targets(Rule="r", Targets=[{"Id": "q", "Arn": arn}])
    still.advance(40 * 60)
    told = [json.loads(message["Body"]) for message in messages(still, url)]
    assert [event["detail-type"] for event in told] == ["Scheduled Event"] * 2
    assert told[0]["resources"] == [rule]
    times = [datetime.fromisoformat(event["time"]) for event in told]
    assert [round((time - made).total_seconds() / 60) for time in times] == [15, 30]


def test_a_disabled_or_deleted_rule_is_silent(still: Any) -> None:
    arn, url = queue(still)
    events = still.client("events")
    events.put_rule(Name="r", ScheduleExpression="rate(1 minute)")
    events.put_targets(Rule="r", Targets=[{"Id": "q", "Arn": arn}])
    events.disable_rule(Name="r")
    still.advance(150)
    assert messages(still, url) == []
    events.enable_rule(Name="r")
    still.advance(60)
    assert len(messages(still, url)) == 1
    events.remove_targets(Rule="r", Ids=["q"])
    events.delete_rule(Name="r")
    still.advance(120)
    assert messages(still, url) == []


@pytest.mark.parametrize(
    ("expression", "more", "message"),
    [
        ("rate(5 minute)", {}, "Invalid Schedule Expression"),
        ("cron(0 10 * * * *)", {}, "exactly one"),
        ("rate(1 hour)", {"ScheduleExpressionTimezone": "Mars/Base"}, "no time zone"),
        ("rate(1 hour)", {"FlexibleTimeWindow": {"Mode": "FLEXIBLE"}}, "MaximumWindow"),
        ("rate(1 hour)", {"StartDate": datetime(2020, 1, 1)}, "5 minutes ago"),
    ],
)
def test_what_is_no_schedule_is_refused(
    still: Any, expression: str, more: dict[str, Any], message: str
) -> None:
    target = {"Arn": f"arn:aws:sqs:us-east-1:{still.id}:q", "RoleArn": role(still)}
    with pytest.raises(ClientError, match=message):
        schedule(still, expression, target, **more)


def test_a_rule_takes_no_moment(still: Any) -> None:
    with pytest.raises(ClientError, match="ScheduleExpression is not valid"):
        still.client("events").put_rule(Name="r", ScheduleExpression="at(2027-01-01T00:00:00)")
