"""Alarms follow their metrics in real periods and tell whom they should."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

MINUTE = 60


def define(account: Any, name: str = "errors", **changes: Any) -> str:
    settings: dict[str, Any] = {
        "AlarmName": name,
        "Namespace": "Shop",
        "MetricName": "Errors",
        "Statistic": "Sum",
        "Period": MINUTE,
        "EvaluationPeriods": 1,
        "Threshold": 0,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
        **changes,
    }
    account.client("cloudwatch").put_metric_alarm(
        **{key: value for key, value in settings.items() if value is not None}
    )
    return f"arn:aws:cloudwatch:us-east-1:{account.id}:alarm:{name}"


def put(account: Any, value: float, name: str = "Errors", **more: Any) -> None:
    account.client("cloudwatch").put_metric_data(
        Namespace="Shop", MetricData=[{"MetricName": name, "Value": value, **more}]
    )


def alarm(account: Any, name: str = "errors") -> dict[str, Any]:
    types = ["MetricAlarm", "CompositeAlarm"]
    found = account.client("cloudwatch").describe_alarms(AlarmNames=[name], AlarmTypes=types)
    [one] = found["MetricAlarms"] + found["CompositeAlarms"]
    return dict(one)


def state(account: Any, name: str = "errors") -> str:
    account.advance(0)
    return str(alarm(account, name)["StateValue"])


def topic(account: Any, name: str = "alerts") -> str:
    arn = str(account.client("sns").create_topic(Name=name)["TopicArn"])
    account.client("sns").subscribe(TopicArn=arn, Protocol="email", Endpoint="ops@example.com")
    return arn


def test_a_breach_raises_the_alarm_before_the_period_ends(still: Any, eventually: Any) -> None:
    define(still)
    put(still, 1)
    assert eventually(lambda: alarm(still)["StateValue"] == "ALARM")
    assert "1 out of the last 1 datapoints [1.0 (" in alarm(still)["StateReason"]


def test_an_average_is_judged_when_its_period_is_over(still: Any) -> None:
    still.to_the_minute()
    define(still, Statistic="Average", Threshold=0.5)
    put(still, 1)
    assert state(still) == "OK"
    put(still, 1)
    still.advance(MINUTE)
    assert state(still) == "ALARM"


def test_an_alarm_returns_when_its_data_have_passed(still: Any) -> None:
    define(still)
    put(still, 1)
    assert state(still) == "ALARM"
    still.advance(10 * MINUTE)
    assert state(still) == "OK"


def test_two_bad_minutes_of_three_are_needed_when_so_defined(still: Any) -> None:
    still.to_the_minute()
    define(still, EvaluationPeriods=3, DatapointsToAlarm=2)
    put(still, 1)
    still.advance(MINUTE)
    put(still, 0)
    assert state(still) == "OK"
    still.advance(MINUTE)
    put(still, 1)
    assert state(still) == "ALARM"


@pytest.mark.parametrize(
    ("treatment", "expected"),
    [
        ("missing", "INSUFFICIENT_DATA"),
        ("ignore", "ALARM"),
        ("breaching", "ALARM"),
        ("notBreaching", "OK"),
    ],
)
def test_missing_data_are_treated_as_told(still: Any, treatment: str, expected: str) -> None:
    define(still, TreatMissingData=treatment)
    put(still, 1)
    assert state(still) == "ALARM"
    still.advance(10 * MINUTE)
    assert state(still) == expected


def test_a_new_alarm_without_data_has_insufficient_data(still: Any) -> None:
    define(still, TreatMissingData=None)
    assert state(still) == "INSUFFICIENT_DATA"


def test_percentiles_are_judged(still: Any) -> None:
    still.to_the_minute()
    define(still, Statistic=None, ExtendedStatistic="p99", Threshold=500)
    still.client("cloudwatch").put_metric_data(
        Namespace="Shop",
        MetricData=[{"MetricName": "Errors", "Values": [10, 900], "Counts": [980, 20]}],
    )
    still.advance(MINUTE)
    assert state(still) == "ALARM"


def test_dimensions_match_exactly(still: Any) -> None:
    define(still, Dimensions=[{"Name": "Variant", "Value": "main"}])
    put(still, 1)
    put(
        still,
        1,
        Dimensions=[{"Name": "Variant", "Value": "main"}, {"Name": "Zone", "Value": "a"}],
    )
    assert state(still) == "OK"
    put(still, 1, Dimensions=[{"Name": "Variant", "Value": "main"}])
    assert state(still) == "ALARM"


def test_an_expression_over_metrics_is_judged(still: Any) -> None:
    still.to_the_minute()
    stat = {"Period": MINUTE, "Stat": "Sum"}
    metrics = [
        {
            "Id": name,
            "MetricStat": {**stat, "Metric": {"Namespace": "Shop", "MetricName": metric}},
            "ReturnData": False,
        }
        for name, metric in (("bad", "Errors"), ("all", "Requests"))
    ]
    share = {"Id": "share", "Expression": "IF(all > 0, bad / all)", "ReturnData": True}
    simple: dict[str, Any] = dict.fromkeys(("Namespace", "MetricName", "Statistic", "Period"))
    define(still, **simple, Metrics=[*metrics, share], Threshold=0.1)
    put(still, 2)
    put(still, 10, "Requests")
    still.advance(MINUTE)
    assert state(still) == "ALARM"


def test_an_action_writes_to_the_topics_subscribers(still: Any) -> None:
    define(still, AlarmActions=[topic(still)], AlarmDescription="Too many errors")
    assert state(still) == "OK"
    put(still, 1)
    assert state(still) == "ALARM"
    [message] = still.inbox()
    assert message["subject"] == 'ALARM: "errors" in US East (N. Virginia)'
    told = json.loads(message["message"])
    assert (told["NewStateValue"], told["OldStateValue"]) == ("ALARM", "OK")
    assert told["AlarmDescription"] == "Too many errors"
    assert told["Trigger"]["Statistic"] == "SUM"


def test_disabled_actions_are_not_taken(still: Any) -> None:
    define(still, AlarmActions=[topic(still)], ActionsEnabled=False)
    put(still, 1)
    assert state(still) == "ALARM"
    assert still.inbox() == []


def test_a_topic_that_does_not_let_alarms_publish_gets_nothing(still: Any) -> None:
    arn = topic(still)
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{still.id}:root"},
                "Action": "sns:Publish",
                "Resource": arn,
            }
        ],
    }
    still.client("sns").set_topic_attributes(
        TopicArn=arn, AttributeName="Policy", AttributeValue=json.dumps(policy)
    )
    define(still, AlarmActions=[arn])
    put(still, 1)
    assert state(still) == "ALARM"
    assert still.inbox() == []
    history = still.client("cloudwatch").describe_alarm_history(
        AlarmName="errors", HistoryItemType="Action"
    )
    assert "Failed to execute action" in history["AlarmHistoryItems"][0]["HistorySummary"]


def test_a_change_of_state_is_an_event(still: Any) -> None:
    queue = f"arn:aws:sqs:us-east-1:{still.id}:q"
    allow = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": queue}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    url = still.client("sqs").create_queue(QueueName="q", Attributes={"Policy": policy})["QueueUrl"]
    pattern = {"source": ["aws.cloudwatch"], "detail": {"state": {"value": ["ALARM"]}}}
    events = still.client("events")
    events.put_rule(Name="alarms", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="alarms", Targets=[{"Id": "q", "Arn": queue}])
    define(still)
    put(still, 1)
    still.advance(1)
    [message] = still.client("sqs").receive_message(QueueUrl=url)["Messages"]
    event = json.loads(message["Body"])
    assert event["detail-type"] == "CloudWatch Alarm State Change"
    assert event["detail"]["alarmName"] == "errors"
    metric = event["detail"]["configuration"]["metrics"][0]["metricStat"]["metric"]
    assert metric == {"namespace": "Shop", "name": "Errors", "dimensions": {}}


def test_a_function_is_an_action_when_it_lets_alarms_in(still: Any) -> None:
    code = "def handle(event, context): print('got', event['alarmData']['state']['value'])"
    function = still.function("f", code, Timeout=20)
    still.client("lambda").add_permission(
        FunctionName="f",
        StatementId="alarms",
        Action="lambda:InvokeFunction",
        Principal="lambda.alarms.cloudwatch.amazonaws.com",
    )
    define(still, AlarmActions=[function])
    put(still, 1)
    still.advance(1)
    logs = still.client("logs").filter_log_events(logGroupName="/aws/lambda/f")["events"]
    assert "got ALARM" in [event["message"] for event in logs]


def test_a_state_set_by_hand_acts_and_lasts_until_the_next_evaluation(still: Any) -> None:
    define(still, AlarmActions=[topic(still)])
    assert state(still) == "OK"
    still.client("cloudwatch").set_alarm_state(
        AlarmName="errors", StateValue="ALARM", StateReason="a test"
    )
    assert alarm(still)["StateReason"] == "a test"
    assert len(still.inbox()) == 1
    still.advance(MINUTE)
    assert state(still) == "OK"


def test_a_changed_alarm_keeps_its_state_and_is_judged_anew(still: Any) -> None:
    define(still)
    put(still, 1)
    assert state(still) == "ALARM"
    define(still, Threshold=5)
    assert state(still) == "OK"


def test_a_composite_alarm_follows_its_children(still: Any) -> None:
    define(still, "errors")
    define(still, "slow", MetricName="Latency", AlarmActions=[])
    still.client("cloudwatch").put_composite_alarm(
        AlarmName="sick",
        AlarmRule='ALARM("errors") AND NOT ALARM(slow)',
        AlarmActions=[topic(still)],
    )
    assert state(still, "sick") == "OK"
    put(still, 1)
    assert state(still, "sick") == "ALARM"
    assert '"sick"' in still.inbox()[0]["subject"]
    put(still, 1, "Latency")
    assert state(still, "sick") == "OK"


def test_a_composite_alarm_names_alarms_that_exist(still: Any) -> None:
    with pytest.raises(ClientError, match=r"\[absent\] in the alarm rule do not exist"):
        still.client("cloudwatch").put_composite_alarm(AlarmName="sick", AlarmRule="ALARM(absent)")


def test_an_alarm_under_a_composite_one_is_not_deleted(still: Any) -> None:
    define(still)
    cloudwatch = still.client("cloudwatch")
    cloudwatch.put_composite_alarm(AlarmName="sick", AlarmRule="ALARM(errors)")
    with pytest.raises(ClientError, match="composite alarm"):
        cloudwatch.delete_alarms(AlarmNames=["errors"])
    cloudwatch.delete_alarms(AlarmNames=["errors", "sick"])


def test_a_message_that_waits_in_a_queue_keeps_its_alarm_up(still: Any) -> None:
    define(
        still,
        Namespace="AWS/SQS",
        MetricName="ApproximateNumberOfMessagesVisible",
        Dimensions=[{"Name": "QueueName", "Value": "dead"}],
        Statistic="Maximum",
        Period=300,
    )
    sqs = still.client("sqs")
    url = sqs.create_queue(QueueName="dead")["QueueUrl"]
    assert state(still) == "OK"
    sqs.send_message(QueueUrl=url, MessageBody="lost")
    still.advance(3600)
    assert state(still) == "ALARM"
    sqs.purge_queue(QueueUrl=url)
    still.advance(3600)
    assert state(still) == "OK"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"TreatMissingData": "maybe"}, "Option maybe is not supported"),
        ({"DatapointsToAlarm": 2}, "at most EvaluationPeriods"),
        ({"Period": 45}, "multiple of 60"),
        ({"EvaluationPeriods": 2000}, "more than a day"),
        ({"ExtendedStatistic": "p99"}, "Exactly one of Statistic"),
        ({"Statistic": None, "ExtendedStatistic": "q9"}, "does not compute"),
        ({"AlarmActions": ["arn:aws:sns:eu-west-1:1:t"]}, "Invalid region"),
        ({"AlarmActions": ["arn:aws:ssm:us-east-1:1:opsitem:1"]}, "none of SNS, Lambda"),
        ({"ComparisonOperator": "GreaterThanUpperThreshold"}, "not carried out"),
    ],
)
def test_what_cannot_be_evaluated_is_refused(
    still: Any, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ClientError, match=message):
        define(still, **changes)
