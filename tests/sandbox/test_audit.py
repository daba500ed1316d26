"""The audit trail: every call, allowed or denied, who made it, and no secrets."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError


def records(account: Any, **attribute: str) -> list[dict[str, Any]]:
    pairs = [{"AttributeKey": key, "AttributeValue": value} for key, value in attribute.items()]
    found = account.client("cloudtrail").lookup_events(LookupAttributes=pairs)["Events"]
    return [json.loads(event["CloudTrailEvent"]) for event in found]


def test_an_allowed_call_is_recorded_with_its_caller(account: Any) -> None:
    account.role("writer", {"Effect": "Allow", "Action": "ssm:*", "Resource": "*"})
    session = account.sign_in("writer", "alice")
    account.client("ssm", session).put_parameter(Name="/a", Value="1", Type="String")
    [record] = records(account, EventName="PutParameter")
    identity = record["userIdentity"]
    assert identity["type"] == "AssumedRole"
    assert identity["sessionContext"]["sourceIdentity"] == "alice"
    assert identity["sessionContext"]["sessionIssuer"]["userName"] == "writer"
    assert record["requestParameters"]["name"] == "/a"
    assert record["responseElements"]["version"] == 1
    assert "errorCode" not in record


def test_a_denied_call_is_recorded_too(account: Any) -> None:
    account.role("nobody")
    with pytest.raises(ClientError):
        account.client("iam", account.sign_in("nobody", "bob")).create_user(UserName="eve")
    [record] = records(account, EventName="CreateUser")
    assert record["errorCode"] == "AccessDenied"
    assert "iam:CreateUser" in record["errorMessage"]
    assert records(account, Username="bob")[0]["eventName"] == "CreateUser"


def test_secrets_and_code_are_never_recorded(account: Any) -> None:
    account.client("ssm").put_parameter(Name="/s", Value="opensesame", Type="SecureString")
    account.client("secretsmanager").create_secret(Name="n", SecretString="opensesame")
    account.function(
        "f", "def handle(event, context): ...", Environment={"Variables": {"K": "opensesame"}}
    )
    kept = json.dumps(records(account, ReadOnly="false"))
    assert "PutParameter" in kept
    assert "CreateFunction" in kept
    assert "opensesame" not in kept
    assert "zipFile" not in kept


def test_data_events_are_no_part_of_the_event_history(account: Any) -> None:
    s3, bucket = account.client("s3"), f"b-{account.id}"
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="x", Body=b"1")
    assert records(account, ResourceName=f"arn:aws:s3:::{bucket}")
    assert not records(account, EventName="PutObject")


def test_the_newest_comes_first_in_pages(account: Any) -> None:
    ssm, trail = account.client("ssm"), account.client("cloudtrail")
    for number in range(5):
        ssm.put_parameter(Name=f"/n{number}", Value="1", Type="String")
    wanted = [{"AttributeKey": "EventName", "AttributeValue": "PutParameter"}]
    pages = [trail.lookup_events(LookupAttributes=wanted, MaxResults=2)]
    while "NextToken" in pages[-1]:
        token = pages[-1]["NextToken"]
        pages.append(trail.lookup_events(LookupAttributes=wanted, MaxResults=2, NextToken=token))
    names = [
        json.loads(event["CloudTrailEvent"])["requestParameters"]["name"]
        for page in pages
        for event in page["Events"]
    ]
    assert names == ["/n4", "/n3", "/n2", "/n1", "/n0"]
    assert [len(page["Events"]) for page in pages] == [2, 2, 1]
