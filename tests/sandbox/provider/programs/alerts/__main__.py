"""Topics, alarms, logs and parameters."""

import json

import pulumi
import pulumi_aws as aws

config = pulumi.Config()
account, variant = config.require("account"), config.require("variant")
provider = aws.Provider("aws", region="us-east-1", allowed_account_ids=[account])
inside = pulumi.ResourceOptions(provider=provider)


def statement(**more: object) -> str:
    shared = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}}
    return json.dumps({"Version": "2012-10-17", "Statement": [{**shared, **more}]})


if variant != "none":
    name = "fixture" if variant != "replaced" else "fixture-other"
    topic = aws.sns.Topic("topic", name=name, display_name=variant, opts=inside)
    aws.sns.TopicPolicy(
        "topic-policy",
        arn=topic.arn,
        policy=topic.arn.apply(lambda arn: statement(Action="sns:Publish", Resource=arn)),
        opts=inside,
    )
    queue = aws.sqs.Queue("queue", name=name, visibility_timeout_seconds=45, opts=inside)
    aws.sqs.QueuePolicy(
        "queue-policy",
        queue_url=queue.url,
        policy=queue.arn.apply(lambda arn: statement(Action="sqs:SendMessage", Resource=arn)),
        opts=inside,
    )
    aws.sns.TopicSubscription(
        "subscription",
        topic=topic.arn,
        protocol="sqs",
        endpoint=queue.arn,
        raw_message_delivery=True,
        opts=inside,
    )
    logs = aws.cloudwatch.LogGroup(
        "logs",
        name=f"/fixture/{name}",
        retention_in_days=30 if variant == "first" else 90,
        opts=inside,
    )
    aws.cloudwatch.LogResourcePolicy(
        "log-policy",
        policy_name="fixture",
        policy_document=logs.arn.apply(
            lambda arn: statement(Action="logs:PutLogEvents", Resource=f"{arn}:*")
        ),
        opts=inside,
    )
    aws.cloudwatch.MetricAlarm(
        "alarm",
        name=name,
        comparison_operator="GreaterThanThreshold",
        evaluation_periods=1,
        metric_name="Errors",
        namespace="AWS/Lambda",
        period=60,
        statistic="Sum",
        threshold=0.5 if variant == "first" else 1.5,
        dimensions={"FunctionName": "fixture"},
        alarm_actions=[topic.arn],
        opts=inside,
    )
    aws.ssm.Parameter(
        "parameter",
        name=f"/fixture/{name}",
        type="String",
        value=topic.arn.apply(lambda arn: f"{variant} {arn}"),
        opts=inside,
    )
    pulumi.export("topic", topic.arn)
    pulumi.export("queue", queue.arn)
