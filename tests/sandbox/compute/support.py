"""What compute tests share: an account's resources, waiting, unique names."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import boto3

ACCOUNT = "123456789012"
REGION = "us-east-1"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "sagemaker.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
EVERYTHING = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}


@dataclass(frozen=True)
class Account:
    """What every compute test needs of an account: a role, a bucket, a repository."""

    role: str
    bucket: str
    repository: str

    def client(self, service: Any) -> Any:
        return boto3.client(service)

    @property
    def sagemaker(self) -> Any:
        return boto3.client("sagemaker")

    def put(self, key: str, body: str) -> str:
        """Store an object; its URI."""
        boto3.client("s3").put_object(Bucket=self.bucket, Key=key, Body=body.encode())
        return f"s3://{self.bucket}/{key}"

    def read(self, uri: str) -> bytes:
        key = uri.removeprefix(f"s3://{self.bucket}/")
        body: bytes = boto3.client("s3").get_object(Bucket=self.bucket, Key=key)["Body"].read()
        return body

    def keys(self, prefix: str = "") -> list[str]:
        found = boto3.client("s3").list_objects_v2(Bucket=self.bucket, Prefix=prefix)
        return [item["Key"] for item in found.get("Contents", [])]


ImageMaker = Callable[[Mapping[str, str]], str]


def wait(describe: Callable[[], dict[str, Any]], key: str, *running: object) -> dict[str, Any]:
    """Describe until the status is none of those that pass."""
    for _ in range(600):
        described = describe()
        if described[key] not in running:
            return described
        time.sleep(0.05)
    raise AssertionError(f"still {described[key]}: {described}")


def unique(name: str) -> str:
    return f"{name}-{uuid.uuid4().hex[:8]}"


@dataclass(frozen=True)
class Queue:
    """A queue that a service may send to."""

    url: str
    arn: str

    def receive(self) -> list[dict[str, Any]]:
        """The bodies of the messages that are there."""
        answer = boto3.client("sqs").receive_message(QueueUrl=self.url, MaxNumberOfMessages=10)
        return [json.loads(message["Body"]) for message in answer.get("Messages", ())]


def open_queue(service: str) -> Queue:
    """A new queue for what this service sends."""
    sqs = boto3.client("sqs")
    url = sqs.create_queue(QueueName=unique("heard"))["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    arn = attributes["Attributes"]["QueueArn"]
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sqs:SendMessage",
        "Resource": arn,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    return Queue(url, arn)
