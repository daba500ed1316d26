"""What is logged reaches S3 through a subscription and a delivery stream, as AWS packs it."""

from __future__ import annotations

import gzip
import json
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

GROUP = "/aws/sagemaker/Endpoints/shop"
EXTRACTING = {
    "Enabled": True,
    "Processors": [
        {
            "Type": "Decompression",
            "Parameters": [{"ParameterName": "CompressionFormat", "ParameterValue": "GZIP"}],
        },
        {
            "Type": "CloudWatchLogProcessing",
            "Parameters": [{"ParameterName": "DataMessageExtraction", "ParameterValue": "true"}],
        },
        {"Type": "AppendDelimiterToRecord"},
    ],
}
HOURLY = {
    "Prefix": "capture/!{timestamp:yyyy/MM/dd/HH}/",
    "ErrorOutputPrefix": "failed/!{firehose:error-output-type}/",
}


def stream(account: Any, *actions: str, **more: Any) -> str:
    account.client("s3").create_bucket(Bucket=f"b-{account.id}")
    allow = {"Effect": "Allow", "Action": list(actions or ["s3:PutObject"]), "Resource": "*"}
    role = account.role("firehose", allow, service="firehose.amazonaws.com")
    answer = account.client("firehose").create_delivery_stream(
        DeliveryStreamName="capture",
        ExtendedS3DestinationConfiguration={
            "RoleARN": role,
            "BucketARN": f"arn:aws:s3:::b-{account.id}",
            "BufferingHints": {"IntervalInSeconds": 60, "SizeInMBs": 1},
            **more,
        },
    )
    return str(answer["DeliveryStreamARN"])


def subscribe(account: Any, arn: str, pattern: str = "") -> None:
    allow = {"Effect": "Allow", "Action": "firehose:PutRecord*", "Resource": arn}
    role = account.role("logs", allow, service="logs.amazonaws.com")
    logs = account.client("logs")
    logs.create_log_group(logGroupName=GROUP)
    logs.create_log_stream(logGroupName=GROUP, logStreamName="main/i-1")
    logs.put_subscription_filter(
        logGroupName=GROUP,
        filterName="capture",
        filterPattern=pattern,
        destinationArn=arn,
        roleArn=role,
    )


def write(account: Any, *messages: str) -> None:
    now = int(account.now().timestamp() * 1000)
    account.client("logs").put_log_events(
        logGroupName=GROUP,
        logStreamName="main/i-1",
        logEvents=[{"timestamp": now, "message": message} for message in messages],
    )


def objects(account: Any) -> dict[str, bytes]:
    s3, bucket = account.client("s3"), f"b-{account.id}"
    found = s3.list_objects_v2(Bucket=bucket).get("Contents", [])
    return {
        item["Key"]: s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read() for item in found
    }


def test_messages_arrive_as_lines_when_the_buffers_time_is_over(still: Any) -> None:
    subscribe(still, stream(still, ProcessingConfiguration=EXTRACTING, **HOURLY))
    write(still, '{"n": 1}', '{"n": 2}')
    still.advance(30)
    assert objects(still) == {}
    write(still, '{"n": 3}')
    begun = still.now() - timedelta(seconds=30)
    still.advance(30)
    [(key, data)] = objects(still).items()
    assert data == b'{"n": 1}\n{"n": 2}\n{"n": 3}\n'
    assert key.startswith(f"capture/{begun:%Y/%m/%d/%H}/capture-1-")


def test_without_processors_the_records_are_cloudwatchs_own(still: Any) -> None:
    subscribe(still, stream(still))
    write(still, "hello")
    still.advance(60)
    [(key, data)] = objects(still).items()
    document = json.loads(gzip.decompress(data))
    assert key.startswith(f"{still.now():%Y/}")
    assert (document["messageType"], document["logGroup"]) == ("DATA_MESSAGE", GROUP)
    assert [event["message"] for event in document["logEvents"]] == ["hello"]


def test_only_what_the_pattern_wants_is_delivered(still: Any) -> None:
    arn = stream(still, ProcessingConfiguration=EXTRACTING, **HOURLY)
    subscribe(still, arn, '{ $.kind = "capture" }')
    write(still, "Booting", '{"kind": "capture"}', '{"kind": "health"}')
    still.advance(60)
    assert list(objects(still).values()) == [b'{"kind": "capture"}\n']


def test_objects_are_compressed_when_asked(still: Any) -> None:
    subscribe(
        still,
        stream(still, ProcessingConfiguration=EXTRACTING, CompressionFormat="GZIP", **HOURLY),
    )
    write(still, "hello")
    still.advance(60)
    [(key, data)] = objects(still).items()
    assert key.endswith(".gz")
    assert gzip.decompress(data) == b"hello\n"


def test_objects_are_encrypted_with_the_streams_key(still: Any) -> None:
    key = still.client("kms").create_key()["KeyMetadata"]["Arn"]
    with_key = {"KMSEncryptionConfig": {"AWSKMSKeyARN": key}}
    stream(still, "s3:PutObject", "kms:GenerateDataKey", EncryptionConfiguration=with_key)
    still.client("firehose").put_record(DeliveryStreamName="capture", Record={"Data": b"x"})
    still.advance(60)
    [name] = objects(still)
    told = still.client("s3").head_object(Bucket=f"b-{still.id}", Key=name)
    assert told["SSEKMSKeyId"] == key


def test_a_full_buffer_does_not_wait(still: Any) -> None:
    stream(still)
    still.client("firehose").put_record_batch(
        DeliveryStreamName="capture", Records=[{"Data": b"x" * 900_000}] * 2
    )
    still.advance(0)
    assert [len(data) for data in objects(still).values()] == [1_800_000]


def test_data_wait_until_the_role_may_write(still: Any) -> None:
    subscribe(still, stream(still, "s3:GetObject", ProcessingConfiguration=EXTRACTING, **HOURLY))
    write(still, "hello")
    still.advance(60)
    assert objects(still) == {}
    allow = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [allow]}
    still.client("iam").put_role_policy(
        RoleName="firehose", PolicyName="own", PolicyDocument=json.dumps(document)
    )
    still.advance(60)
    assert list(objects(still).values()) == [b"hello\n"]


def test_a_record_that_cannot_be_processed_is_kept_apart(still: Any) -> None:
    stream(still, ProcessingConfiguration=EXTRACTING, **HOURLY)
    still.client("firehose").put_record(DeliveryStreamName="capture", Record={"Data": b"plain"})
    still.advance(60)
    [key] = objects(still)
    assert key.startswith("failed/processing-failed/")


def test_a_subscription_needs_a_role_that_may_put_records(still: Any) -> None:
    arn = stream(still)
    role = still.role("logs", service="logs.amazonaws.com")
    logs = still.client("logs")
    logs.create_log_group(logGroupName=GROUP)
    with pytest.raises(ClientError, match="may not put records"):
        logs.put_subscription_filter(
            logGroupName=GROUP, filterName="f", filterPattern="", destinationArn=arn, roleArn=role
        )


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"Prefix": "a/!{timestamp:yyyy}/"}, "ErrorOutputPrefix cannot be null"),
        (
            {"Prefix": "a/!{partitionKeyFromQuery:id}/", "ErrorOutputPrefix": "b/"},
            "dynamic partitioning",
        ),
        ({"CompressionFormat": "Snappy"}, "compression Snappy"),
    ],
)
def test_a_stream_that_cannot_be_carried_out_is_refused(
    still: Any, more: dict[str, Any], message: str
) -> None:
    with pytest.raises(ClientError, match=message):
        stream(still, **more)


def test_a_stream_needs_a_role_that_firehose_may_assume(still: Any) -> None:
    role = still.role("other", service="lambda.amazonaws.com")
    with pytest.raises(ClientError, match="unable to assume role"):
        stream(still, RoleARN=role)


def test_a_metric_filter_counts_what_it_matches(still: Any) -> None:
    logs = still.client("logs")
    logs.create_log_group(logGroupName=GROUP)
    logs.create_log_stream(logGroupName=GROUP, logStreamName="main/i-1")
    logs.put_metric_filter(
        logGroupName=GROUP,
        filterName="slow",
        filterPattern="{ $.latency > 10 }",
        metricTransformations=[
            {"metricName": "Slow", "metricNamespace": "Shop", "metricValue": "$.latency"}
        ],
    )
    write(still, '{"latency": 5}', '{"latency": 20}', '{"latency": 30}')
    [point] = still.client("cloudwatch").get_metric_statistics(
        Namespace="Shop",
        MetricName="Slow",
        StartTime=still.now() - timedelta(minutes=5),
        EndTime=still.now() + timedelta(minutes=5),
        Period=600,
        Statistics=["Sum", "SampleCount"],
    )["Datapoints"]
    assert (point["Sum"], point["SampleCount"]) == (50, 2)
