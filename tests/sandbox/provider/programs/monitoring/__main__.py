"""What watches: alarms over alarms, logs on their way to S3, counted log events, scaling."""

import json

import pulumi
import pulumi_aws as aws

config = pulumi.Config()
account, variant = config.require("account"), config.require("variant")
provider = aws.Provider("aws", region="us-east-1", allowed_account_ids=[account])
inside = pulumi.ResourceOptions(provider=provider)


def role(name: str, service: str, action: str) -> aws.iam.Role:
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}}
    made = aws.iam.Role(
        name, assume_role_policy={"Version": "2012-10-17", "Statement": [trust]}, opts=inside
    )
    allow = {"Effect": "Allow", "Action": action, "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    policy = aws.iam.RolePolicy(name, role=made.name, policy=document, opts=inside)
    roles_ready.append(policy)
    return made


roles_ready: list[pulumi.Resource] = []

if variant != "none":
    errors = aws.cloudwatch.MetricAlarm(
        "errors",
        name="fixture-errors",
        namespace="Shop",
        metric_name="Errors",
        statistic="Sum",
        period=60,
        evaluation_periods=1,
        threshold=0,
        comparison_operator="GreaterThanThreshold",
        opts=inside,
    )
    aws.cloudwatch.CompositeAlarm(
        "sick",
        alarm_name="fixture-sick" if variant != "replaced" else "fixture-ill",
        alarm_description=variant,
        alarm_rule=pulumi.Output.format('ALARM("{0}")', errors.name),
        opts=inside,
    )
    bucket = aws.s3.Bucket("bucket", bucket=f"fixture-capture-{account}", opts=inside)
    stream = aws.kinesis.FirehoseDeliveryStream(
        "stream",
        name="fixture-capture",
        destination="extended_s3",
        extended_s3_configuration={
            "role_arn": role("firehose", "firehose.amazonaws.com", "s3:PutObject").arn,
            "bucket_arn": bucket.arn,
            "prefix": f"{variant}/!{{timestamp:yyyy/MM/dd/HH}}/",
            "error_output_prefix": "failed/",
            "buffering_interval": 60,
            "processing_configuration": {
                "enabled": True,
                "processors": [
                    {
                        "type": "Decompression",
                        "parameters": [
                            {"parameter_name": "CompressionFormat", "parameter_value": "GZIP"}
                        ],
                    },
                    {
                        "type": "CloudWatchLogProcessing",
                        "parameters": [
                            {"parameter_name": "DataMessageExtraction", "parameter_value": "true"}
                        ],
                    },
                ],
            },
        },
        opts=inside,
    )
    group = aws.cloudwatch.LogGroup("group", name="/fixture/endpoint", opts=inside)
    writer = role("logs", "logs.amazonaws.com", "firehose:PutRecord*")
    aws.cloudwatch.LogSubscriptionFilter(
        "capture",
        name="fixture-capture",
        log_group=group.name,
        filter_pattern='{ $.kind = "capture" }',
        destination_arn=stream.arn,
        role_arn=writer.arn,
        opts=pulumi.ResourceOptions(provider=provider, depends_on=roles_ready),
    )
    aws.cloudwatch.LogMetricFilter(
        "slow",
        name="fixture-slow",
        log_group_name=group.name,
        pattern="{ $.latency > 10 }",
        metric_transformation={"name": "Slow", "namespace": "Shop", "value": "1"},
        opts=inside,
    )
    topic = aws.sns.Topic("alerts", name="fixture-alerts", opts=inside)
    aws.sns.TopicSubscription(
        "urgent",
        topic=topic.arn,
        protocol="email",
        endpoint="ops@example.com",
        filter_policy=json.dumps({"severity": ["critical"]}),
        opts=inside,
    )
    pulumi.export("stream", stream.arn)
