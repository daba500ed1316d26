"""A log group changes its key, as on AWS."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError


@pytest.fixture
def logs(aws: str) -> Any:
    """A client as the account's root."""
    return boto3.client("logs")


def key_of(logs: Any, name: str) -> str | None:
    """The key with which a group is encrypted."""
    (group,) = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    return group.get("kmsKeyId")


def test_group_takes_a_key_and_gives_it_back(logs: Any) -> None:
    key = boto3.client("kms").create_key()["KeyMetadata"]["Arn"]
    logs.create_log_group(logGroupName="/keyed")

    logs.associate_kms_key(logGroupName="/keyed", kmsKeyId=key)
    with_key = key_of(logs, "/keyed")
    logs.disassociate_kms_key(logGroupName="/keyed")

    assert with_key == key
    assert key_of(logs, "/keyed") is None


def test_group_that_does_not_exist_takes_no_key(logs: Any) -> None:
    key = boto3.client("kms").create_key()["KeyMetadata"]["Arn"]

    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        logs.associate_kms_key(logGroupName="/never", kmsKeyId=key)


def test_key_that_cannot_be_used_is_refused(logs: Any) -> None:
    kms = boto3.client("kms")
    key = kms.create_key()["KeyMetadata"]
    kms.disable_key(KeyId=key["KeyId"])
    logs.create_log_group(logGroupName="/unkeyed")

    with pytest.raises(ClientError, match="InvalidParameterException"):
        logs.associate_kms_key(logGroupName="/unkeyed", kmsKeyId=key["Arn"])

    assert key_of(logs, "/unkeyed") is None
