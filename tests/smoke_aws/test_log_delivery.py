"""How Firehose writes the messages it extracts from CloudWatch Logs' records: what reads captured
predictions counts on a line each; nothing here costs a cent."""

from __future__ import annotations

import gzip
import json
import time
import urllib.request
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.smoke_aws.road import eventually

if TYPE_CHECKING:
    from tests.smoke_aws.road import Road

PREFIX = "runs/smoke-firehose"


@pytest.fixture
def role(road: Road) -> Iterator[str]:
    """A role with which Firehose may write below one prefix of the artifacts bucket."""
    iam, name = road.client("iam"), f"{road.project.name}-dev-smoke-firehose"
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole"}
    service = {"Principal": {"Service": "firehose.amazonaws.com"}}
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=_document({**trust, **service}))
    objects = f"arn:aws:s3:::{road.workspace.bucket_artifacts}/{PREFIX}/*"
    write = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": objects}
    use = {
        "Effect": "Allow",
        "Action": ["kms:GenerateDataKey", "kms:Decrypt"],
        "Resource": road.workspace.key_arn,
    }
    iam.put_role_policy(RoleName=name, PolicyName="write", PolicyDocument=_document(write, use))
    yield str(made["Role"]["Arn"])
    iam.delete_role_policy(RoleName=name, PolicyName="write")
    iam.delete_role(RoleName=name)


@pytest.fixture
def stream(road: Road, role: str) -> Iterator[str]:
    """A delivery stream with the processors of `capture: log`."""
    firehose, name = road.client("firehose"), f"{road.project.name}-dev-smoke"

    def create() -> bool:
        try:
            firehose.create_delivery_stream(
                DeliveryStreamName=name, ExtendedS3DestinationConfiguration=_to(road, role)
            )
        except ClientError as error:
            # A role takes a while until other services see it.
            if "assume role" not in str(error):
                raise
            return False
        return True

    assert eventually(create, 60, 5)
    yield name
    firehose.delete_delivery_stream(DeliveryStreamName=name)
    s3, bucket = road.client("s3"), road.workspace.bucket_artifacts
    for found in s3.list_object_versions(Bucket=bucket, Prefix=PREFIX).get("Versions", []):
        s3.delete_object(Bucket=bucket, Key=found["Key"], VersionId=found["VersionId"])


def test_extracted_messages_are_a_line_each(road: Road, stream: str) -> None:
    firehose, s3 = road.client("firehose"), road.client("s3")
    bucket = road.workspace.bucket_artifacts

    def active() -> bool:
        told = firehose.describe_delivery_stream(DeliveryStreamName=stream)
        return bool(told["DeliveryStreamDescription"]["DeliveryStreamStatus"] == "ACTIVE")

    assert eventually(active, 300, 5)
    for messages in (['{"n": 1}', '{"n": 2}'], ['{"n": 3}']):
        firehose.put_record(DeliveryStreamName=stream, Record={"Data": _record(messages)})
    if not road.on_aws:
        later = json.dumps({"advance": 60}).encode()
        urllib.request.urlopen(f"{road.endpoint_url}/_modelyard/clock", later).close()
    found = eventually(
        lambda: s3.list_objects_v2(Bucket=bucket, Prefix=PREFIX).get("Contents"), 300, 5
    )
    text = b"".join(s3.get_object(Bucket=bucket, Key=o["Key"])["Body"].read() for o in found)
    assert sorted(text.decode().splitlines()) == ['{"n": 1}', '{"n": 2}', '{"n": 3}']


def _to(road: Road, role: str) -> dict[str, Any]:
    extract = [{"ParameterName": "DataMessageExtraction", "ParameterValue": "true"}]
    unpack = [{"ParameterName": "CompressionFormat", "ParameterValue": "GZIP"}]
    return {
        "RoleARN": role,
        "BucketARN": f"arn:aws:s3:::{road.workspace.bucket_artifacts}",
        "Prefix": f"{PREFIX}/!{{timestamp:yyyy/MM/dd/HH}}/",
        "ErrorOutputPrefix": f"{PREFIX}/failed/!{{firehose:error-output-type}}/",
        "BufferingHints": {"IntervalInSeconds": 60, "SizeInMBs": 1},
        "EncryptionConfiguration": {
            "KMSEncryptionConfig": {"AWSKMSKeyARN": road.workspace.key_arn}
        },
        "ProcessingConfiguration": {
            "Enabled": True,
            "Processors": [
                {"Type": "Decompression", "Parameters": unpack},
                {"Type": "CloudWatchLogProcessing", "Parameters": extract},
                {"Type": "AppendDelimiterToRecord", "Parameters": []},
            ],
        },
    }


def _record(messages: list[str]) -> bytes:
    now = int(time.time() * 1000)
    document = {
        "messageType": "DATA_MESSAGE",
        "owner": "123456789012",
        "logGroup": "/aws/sagemaker/Endpoints/smoke",
        "logStream": "main/i-1",
        "subscriptionFilters": ["capture"],
        "logEvents": [
            {"id": str(n), "timestamp": now, "message": text} for n, text in enumerate(messages)
        ],
    }
    return gzip.compress(json.dumps(document).encode())


def _document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
