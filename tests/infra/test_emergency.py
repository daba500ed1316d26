"""The emergency's role: who gets in, what that makes heard, and what even it may not do."""

from __future__ import annotations

import itertools
import json
import os
import time
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from sandbox.identity import EMERGENCY, EVERYDAY, Entrance, LoginError, login
from sandbox.provider.layers import SAML_METADATA
from tests.infra.test_region_applied import Live

pytestmark = pytest.mark.timeout(240)
_NUMBERS = itertools.count(610_000_000_000 + (os.getpid() % 100_000) * 100)
QUEUE = "pager"
REGION = "us-east-1"


@pytest.fixture(scope="module")
def live(sandbox_url: str) -> Live:
    """Account and region, and a pager on the topic that interrupts people."""
    live = Live(sandbox_url, str(next(_NUMBERS)))
    live.apply("account", live.account, {"samlMetadataFile": str(SAML_METADATA)})
    live.apply("region", f"{live.account}.{REGION}", {})
    queue = live.client("sqs").create_queue(QueueName=QUEUE)["QueueUrl"]
    topic = f"arn:aws:sns:{REGION}:{live.account}:modelyard-critical"
    arn = f"arn:aws:sqs:{REGION}:{live.account}:{QUEUE}"
    live.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    assert queue
    return live


def opened(live: Live, entrance: Entrance = EMERGENCY) -> boto3.Session:
    return login(live.url, live.account, "modelyard-break-glass", "erin", REGION, entrance)


def heard(live: Live, word: str) -> str:
    """The pager's message that has the word; it comes within seconds."""
    sqs = live.client("sqs")
    queue = sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"]
    until = time.monotonic() + 20
    while time.monotonic() < until:
        answer = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)
        for message in answer.get("Messages", []):
            text = str(json.loads(message["Body"])["Message"])
            if word in text:
                return text
        time.sleep(0.1)
    raise AssertionError(f"nobody was told of {word}")


def client(session: boto3.Session, live: Live, service: str) -> Any:
    return session.client(service, endpoint_url=live.url)  # type: ignore[call-overload]


def test_opening_it_is_heard_at_once(live: Live) -> None:
    opened(live)
    told = heard(live, "AssumeRoleWithSAML")
    assert f"Break-glass in account {live.account}" in told
    assert "cloudtrail lookup-events" in told


def test_what_it_does_is_heard_too(live: Live) -> None:
    session = opened(live)
    client(session, live, "events").enable_rule(Name="modelyard-break-glass")
    assert "erin" in heard(live, "EnableRule")


@pytest.mark.parametrize(
    "entrance",
    [
        EVERYDAY,
        Entrance(EMERGENCY.audience),
        Entrance(EMERGENCY.audience, {"mfa": "false"}),
        Entrance(EVERYDAY.audience, {"mfa": "true"}),
    ],
    ids=["everyday", "no second factor", "second factor failed", "another region's address"],
)
def test_nobody_gets_in_otherwise(live: Live, entrance: Entrance) -> None:
    with pytest.raises(LoginError, match="cannot sign in"):
        opened(live, entrance)


@pytest.mark.parametrize(
    ("service", "operation", "parameters"),
    [
        ("events", "disable_rule", {"Name": "modelyard-break-glass"}),
        ("cloudtrail", "stop_logging", {"Name": f"modelyard-{REGION}"}),
        ("iam", "create_user", {"UserName": "mallory"}),
        ("s3", "get_object", {"Bucket": "loans-prod-raw-1", "Key": "rows.csv"}),
    ],
)
def test_even_in_an_emergency_this_is_refused(
    live: Live, service: str, operation: str, parameters: dict[str, str]
) -> None:
    call = getattr(client(opened(live), live, service), operation)
    with pytest.raises(ClientError, match="AccessDenied"):
        call(**parameters)
