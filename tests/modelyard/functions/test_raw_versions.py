"""Which stored version a run read is proven by its bytes, not by its name or its size."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from modelyard.functions.raw_versions import versions_read
from modelyard.functions.service import Refused

LATER = datetime.now(UTC) + timedelta(days=1)


@pytest.fixture
def s3() -> Iterator[Any]:
    with mock_aws():
        client: Any = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="raw")
        client.put_bucket_versioning(Bucket="raw", VersioningConfiguration={"Status": "Enabled"})
        yield client


def stored(s3: Any, body: bytes) -> str:
    return str(s3.put_object(Bucket="raw", Key="rows/a.csv", Body=body)["VersionId"])


def listed(body: bytes) -> dict[str, Any]:
    """A file as a manifest lists it."""
    digest = hashlib.sha256(body).hexdigest()
    return {"name": "a.csv", "bytes": len(body), "sha256": digest, "rows": 1}


def test_version_is_found_although_the_file_was_replaced_since(s3: Any) -> None:
    first = stored(s3, b"x\n1\n")
    stored(s3, b"x\n2\n")
    (found,) = versions_read(s3, "s3://raw/rows/", LATER, [listed(b"x\n1\n")])
    assert (found["version_id"], found["uri"]) == (first, "s3://raw/rows/a.csv")


def test_other_bytes_of_the_same_name_and_size_are_refused(s3: Any) -> None:
    stored(s3, b"x\n2\n")
    with pytest.raises(Refused, match=r"no stored version of a\.csv is what the run read"):
        versions_read(s3, "s3://raw/rows/", LATER, [listed(b"x\n1\n")])


def test_data_that_are_gone_are_refused(s3: Any) -> None:
    version = stored(s3, b"x\n1\n")
    s3.delete_object(Bucket="raw", Key="rows/a.csv", VersionId=version)
    with pytest.raises(Refused, match="no stored version"):
        versions_read(s3, "s3://raw/rows/", LATER, [listed(b"x\n1\n")])


class Closed:
    """An S3 client whose caller may not look any more."""

    def __init__(self, code: str) -> None:
        self.code = code

    def get_paginator(self, _name: str) -> Any:
        raise ClientError({"Error": {"Code": self.code, "Message": "no"}}, "ListObjectVersions")


def test_an_owner_who_stopped_sharing_is_named_as_a_reason() -> None:
    with pytest.raises(Refused, match="ask its owners whether they stopped sharing it"):
        versions_read(Closed("AccessDenied"), "s3://theirs/rows/", LATER, [])


def test_another_failure_is_no_refusal() -> None:
    with pytest.raises(ClientError):
        versions_read(Closed("SlowDown"), "s3://theirs/rows/", LATER, [])
