"""Events reach the targets of the rules that match them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox.event_input import shaped

ECHO = "def handle(event, context): print('got', event['detail']['n'])"
DOCUMENT = {
    "id": "1",
    "time": "2026-01-01T00:00:00Z",
    "source": "shop",
    "detail": {"who": 'a "b"', "n": 3, "items": [{"x": 1}]},
}


def rule(account: Any, name: str, pattern: dict[str, Any], target: dict[str, Any]) -> str:
    events = account.client("events")
    arn = events.put_rule(Name=name, EventPattern=json.dumps(pattern))["RuleArn"]
    events.put_targets(Rule=name, Targets=[{"Id": "t", **target}])
    return str(arn)


def queue(account: Any, name: str, service: str = "events.amazonaws.com") -> tuple[str, str]:
    arn = f"arn:aws:sqs:us-east-1:{account.id}:{name}"
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": service},
                "Action": "sqs:SendMessage",
                "Resource": arn,
            }
        ],
    }
    made = account.client("sqs").create_queue(
        QueueName=name, Attributes={"Policy": json.dumps(policy)}
    )
    return arn, made["QueueUrl"]


def permit(account: Any, **condition: str) -> None:
    """Let EventBridge invoke the function f, under a condition."""
    account.client("lambda").add_permission(
        FunctionName="f",
        StatementId="events",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
        **condition,
    )


def put(account: Any, **detail: Any) -> None:
    entry = {"Source": "shop", "DetailType": "Sale", "Detail": json.dumps(detail)}
    assert account.client("events").put_events(Entries=[entry])["FailedEntryCount"] == 0


def messages(account: Any, url: str) -> list[Any]:
    found = account.client("sqs").receive_message(QueueUrl=url, MessageAttributeNames=["All"])
    return list(found.get("Messages", []))


def test_only_matching_events_are_delivered(account: Any, eventually: Any) -> None:
    arn, url = queue(account, "q")
    pattern = {"source": ["shop"], "detail": {"n": [{"numeric": [">", 2]}]}}
    rule(account, "r", pattern, {"Arn": arn, "InputPath": "$.detail"})
    put(account, n=1)
    put(account, n=5)
    [message] = eventually(lambda: messages(account, url))
    assert json.loads(message["Body"]) == {"n": 5}


def test_a_function_runs_when_its_permission_names_the_rule(account: Any, eventually: Any) -> None:
    function = account.function("f", ECHO, Timeout=20)
    source = rule(account, "r", {"source": ["shop"]}, {"Arn": function})
    permit(account, SourceArn=source)
    put(account, n=7)
    logs = account.client("logs")

    def printed() -> bool:
        groups = logs.describe_log_groups(logGroupNamePrefix="/aws/lambda/f")["logGroups"]
        found = logs.filter_log_events(logGroupName="/aws/lambda/f")["events"] if groups else []
        return any(event["message"] == "got 7" for event in found)

    assert eventually(printed)


def test_a_function_without_permission_leaves_a_dead_letter(account: Any, eventually: Any) -> None:
    function = account.function("f", ECHO)
    arn, url = queue(account, "dead")
    target = {"Arn": function, "DeadLetterConfig": {"Arn": arn}}
    rule(account, "r", {"source": ["shop"]}, target)
    put(account, n=1)
    [message] = eventually(lambda: messages(account, url))
    assert json.loads(message["Body"])["detail"] == {"n": 1}
    why = message["MessageAttributes"]["ERROR_MESSAGE"]["StringValue"]
    assert "lambda:InvokeFunction" in why


def test_dead_letters_need_the_queues_permission(account: Any, eventually: Any) -> None:
    """ "Using dead-letter queues to process undelivered events": it is the rule that sends."""
    function = account.function("f", ECHO)
    closed, closed_url = queue(account, "closed", "scheduler.amazonaws.com")
    open_, open_url = queue(account, "open")
    targets = [
        {"Id": name, "Arn": function, "DeadLetterConfig": {"Arn": arn}}
        for name, arn in (("first", closed), ("second", open_))
    ]
    events = account.client("events")
    events.put_rule(Name="r", EventPattern=json.dumps({"source": ["shop"]}))
    events.put_targets(Rule="r", Targets=targets)
    put(account, n=2)
    assert eventually(lambda: messages(account, open_url))
    assert messages(account, closed_url) == []


def test_encrypted_queue_needs_its_keys_permission(account: Any, eventually: Any) -> None:
    """ "Configure AWS KMS permissions for Amazon SQS": the service has to be let in by the key."""
    key = account.client("kms").create_key()["KeyMetadata"]["KeyId"]
    locked, url = queue(account, "locked")
    account.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"KmsMasterKeyId": key})
    lost, lost_url = queue(account, "dead")
    rule(account, "r", {"source": ["shop"]}, {"Arn": locked, "DeadLetterConfig": {"Arn": lost}})
    put(account, n=8)
    [message] = eventually(lambda: messages(account, lost_url))
    why = message["MessageAttributes"]["ERROR_MESSAGE"]["StringValue"]
    assert f"the key of {locked} does not allow events.amazonaws.com" in why


def topic(account: Any, name: str, condition: dict[str, Any]) -> str:
    """A topic on which EventBridge may publish, under a condition or without one."""
    sns = account.client("sns")
    arn = str(sns.create_topic(Name=name)["TopicArn"])
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": arn,
        **({"Condition": condition} if condition else {}),
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy)
    return arn


def test_a_topic_hears_a_rule_without_a_condition(account: Any, eventually: Any) -> None:
    arn, url = queue(account, "ear", "sns.amazonaws.com")
    heard = topic(account, "heard", {})
    account.client("sns").subscribe(TopicArn=heard, Protocol="sqs", Endpoint=arn)
    rule(account, "r", {"source": ["shop"]}, {"Arn": heard})
    put(account, n=3)
    [message] = eventually(lambda: messages(account, url))
    assert json.loads(json.loads(message["Body"])["Message"])["detail"] == {"n": 3}


def test_eventbridge_names_no_source_to_a_topic(account: Any, eventually: Any) -> None:
    """ "You can't use Condition blocks in Amazon SNS topic policies for EventBridge"."""
    lost, url = queue(account, "dead")
    source = f"arn:aws:events:us-east-1:{account.id}:rule/r"
    deaf = topic(account, "deaf", {"ArnEquals": {"aws:SourceArn": source}})
    target = {"Arn": deaf, "DeadLetterConfig": {"Arn": lost}}
    assert rule(account, "r", {"source": ["shop"]}, target) == source
    put(account, n=4)
    [message] = eventually(lambda: messages(account, url))
    why = message["MessageAttributes"]["ERROR_MESSAGE"]["StringValue"]
    assert "does not allow events.amazonaws.com to publish" in why


def test_a_function_hears_of_the_rule_but_not_of_its_account(account: Any, eventually: Any) -> None:
    """ "A SourceAccount setting prevents EventBridge from being able to invoke the function"."""
    function = account.function("f", ECHO)
    lost, url = queue(account, "dead")
    target = {"Arn": function, "DeadLetterConfig": {"Arn": lost}}
    source = rule(account, "r", {"source": ["shop"]}, target)
    permit(account, SourceArn=source, SourceAccount=account.id)
    put(account, n=6)
    [message] = eventually(lambda: messages(account, url))
    assert "lambda:InvokeFunction" in message["MessageAttributes"]["ERROR_MESSAGE"]["StringValue"]


def test_another_accounts_bus_is_reached_with_a_role(account: Any, eventually: Any) -> None:
    arn, url = queue(account, "q")
    bus = account.client("events").create_event_bus(Name="modelyard")["EventBusArn"]
    role = account.role(
        "forwarder",
        {"Effect": "Allow", "Action": "events:PutEvents", "Resource": bus},
        service="events.amazonaws.com",
    )
    rule(account, "onward", {"source": ["shop"]}, {"Arn": bus, "RoleArn": role})
    events = account.client("events")
    events.put_rule(
        Name="there", EventBusName="modelyard", EventPattern=json.dumps({"source": ["shop"]})
    )
    events.put_targets(Rule="there", EventBusName="modelyard", Targets=[{"Id": "q", "Arn": arn}])
    put(account, n=2)
    [message] = eventually(lambda: messages(account, url))
    assert json.loads(message["Body"])["detail"] == {"n": 2}


def test_api_calls_are_events(account: Any, eventually: Any) -> None:
    arn, url = queue(account, "q")
    pattern = {
        "detail-type": ["AWS API Call via CloudTrail"],
        "detail": {"eventSource": ["ssm.amazonaws.com"], "eventName": ["PutParameter"]},
    }
    rule(account, "r", pattern, {"Arn": arn})
    account.client("ssm").put_parameter(Name="/x", Value="1", Type="String")
    [message] = eventually(lambda: messages(account, url))
    body = json.loads(message["Body"])
    assert body["source"] == "aws.ssm"
    assert body["detail"]["requestParameters"]["name"] == "/x"


def test_a_topic_reaches_its_functions(account: Any, eventually: Any) -> None:
    code = "def handle(event, context): print('got', event['Records'][0]['Sns']['Message'])"
    function = account.function("f", code, Timeout=20)
    sns, logs = account.client("sns"), account.client("logs")
    topic = sns.create_topic(Name="alerts")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=function)
    sns.publish(TopicArn=topic, Message="fire")

    def printed() -> bool:
        groups = logs.describe_log_groups(logGroupNamePrefix="/aws/lambda/f")["logGroups"]
        found = logs.filter_log_events(logGroupName="/aws/lambda/f")["events"] if groups else []
        return any(event["message"] == "got fire" for event in found)

    assert eventually(printed)


def test_a_bucket_tells_the_bus_of_its_objects(account: Any, eventually: Any) -> None:
    arn, url = queue(account, "q")
    rule(account, "r", {"source": ["aws.s3"], "detail-type": ["Object Created"]}, {"Arn": arn})
    s3, bucket = account.client("s3"), f"b-{account.id}"
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
    s3.put_object(Bucket=bucket, Key="in/x.csv", Body=b"1")
    [message] = eventually(lambda: messages(account, url))
    detail = json.loads(message["Body"])["detail"]
    assert (detail["bucket"]["name"], detail["object"]["key"]) == (bucket, "in/x.csv")


def test_nobody_speaks_as_aws(account: Any) -> None:
    entry = {"Source": "aws.sagemaker", "DetailType": "x", "Detail": "{}"}
    answer = account.client("events").put_events(Entries=[entry])
    assert answer["Entries"][0]["ErrorCode"] == "NotAuthorizedForSourceException"


@pytest.mark.parametrize(
    ("target", "text"),
    [
        ({"Input": '{"a": 1}'}, '{"a": 1}'),
        ({"InputPath": "$.detail.items[0].x"}, "1"),
        (
            {
                "InputTransformer": {
                    "InputPathsMap": {"who": "$.detail.who", "n": "$.detail.n"},
                    "InputTemplate": '{"text": "<who> bought <n>", "n": <n>, "who": <who>}',
                }
            },
            '{"text": "a \\"b\\" bought 3", "n": 3, "who": "a \\"b\\""}',
        ),
    ],
)
def test_a_target_receives_what_its_input_says(target: dict[str, Any], text: str) -> None:
    assert shaped(DOCUMENT, "arn:aws:events:r:1:rule/x", target) == text
