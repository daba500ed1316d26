"""What topics send to people lands in the inbox, and nowhere else."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest


def topic(account: Any) -> str:
    return str(account.client("sns").create_topic(Name="alerts")["TopicArn"])


def subscribe(account: Any, arn: str, protocol: str, endpoint: str, **attributes: str) -> str:
    answer = account.client("sns").subscribe(
        TopicArn=arn,
        Protocol=protocol,
        Endpoint=endpoint,
        Attributes=attributes,
        ReturnSubscriptionArn=True,
    )
    return str(answer["SubscriptionArn"])


def severity(value: str) -> dict[str, Any]:
    return {"severity": {"DataType": "String", "StringValue": value}}


@pytest.mark.parametrize(
    ("protocol", "endpoint"), [("email", "ops@example.com"), ("sms", "+15555550100")]
)
def test_people_are_sent_the_message_itself(still: Any, protocol: str, endpoint: str) -> None:
    arn = topic(still)
    subscribe(still, arn, protocol, endpoint)
    still.client("sns").publish(TopicArn=arn, Subject="Drift", Message="income moved")
    [message] = still.inbox()
    assert (message["protocol"], message["endpoint"]) == (protocol, endpoint)
    assert (message["subject"], message["message"]) == ("Drift", "income moved")
    assert message["time"].startswith(f"{still.now():%Y-%m-%dT%H:%M}")


def test_a_web_hook_is_sent_a_notification(still: Any) -> None:
    arn = topic(still)
    subscribe(still, arn, "https", "https://events.example.com/hook")
    still.client("sns").publish(
        TopicArn=arn, Subject="Drift", Message="x", MessageAttributes=severity("critical")
    )
    [message] = still.inbox()
    document = json.loads(message["message"])
    assert (document["Type"], document["Message"], document["Subject"]) == (
        "Notification",
        "x",
        "Drift",
    )
    assert document["MessageAttributes"]["severity"]["Value"] == "critical"


def test_raw_delivery_is_raw(still: Any) -> None:
    arn = topic(still)
    subscribe(still, arn, "https", "https://events.example.com/hook", RawMessageDelivery="true")
    still.client("sns").publish(TopicArn=arn, Message="x")
    assert still.inbox()[0]["message"] == "x"


def test_a_filter_on_attributes_decides_who_hears(still: Any) -> None:
    arn = topic(still)
    wanted = json.dumps({"severity": ["critical"]})
    subscribe(still, arn, "email", "pager@example.com", FilterPolicy=wanted)
    subscribe(still, arn, "email", "everything@example.com")
    sns = still.client("sns")
    sns.publish(TopicArn=arn, Message="bad", MessageAttributes=severity("critical"))
    sns.publish(TopicArn=arn, Message="fine", MessageAttributes=severity("info"))
    sns.publish(TopicArn=arn, Message="unmarked")
    sent = [(message["endpoint"], message["message"]) for message in still.inbox()]
    assert sorted(sent) == [
        ("everything@example.com", "bad"),
        ("everything@example.com", "fine"),
        ("everything@example.com", "unmarked"),
        ("pager@example.com", "bad"),
    ]


def test_a_filter_on_the_body_reads_the_message(still: Any) -> None:
    arn = topic(still)
    subscribe(
        still,
        arn,
        "email",
        "ops@example.com",
        FilterPolicy=json.dumps({"NewStateValue": ["ALARM"]}),
        FilterPolicyScope="MessageBody",
    )
    for state in ("OK", "ALARM"):
        still.client("sns").publish(TopicArn=arn, Message=json.dumps({"NewStateValue": state}))
    [message] = still.inbox()
    assert json.loads(message["message"]) == {"NewStateValue": "ALARM"}


def test_each_protocol_gets_its_own_text_when_so_published(still: Any) -> None:
    arn = topic(still)
    subscribe(still, arn, "email", "ops@example.com")
    subscribe(still, arn, "sms", "+15555550100")
    text = json.dumps({"default": "short", "email": "a long explanation"})
    still.client("sns").publish(TopicArn=arn, Message=text, MessageStructure="json")
    sent = {message["protocol"]: message["message"] for message in still.inbox()}
    assert sent == {"email": "a long explanation", "sms": "short"}


def _run(account: Any, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sandbox", *command],
        env={"AWS_ENDPOINT_URL": account.url, "PATH": ""},
        cwd=account.root_folder,
        capture_output=True,
        text=True,
    )


def test_the_inbox_is_read_by_command(still: Any) -> None:
    arn = topic(still)
    subscribe(still, arn, "email", "ops@example.com")
    still.client("sns").publish(TopicArn=arn, Subject=f"Drift {still.id}", Message="income moved")
    shown = _run(still, "inbox")
    assert f"to email ops@example.com\nDrift {still.id}\n\nincome moved\n" in shown.stdout


def test_the_clock_is_advanced_by_command(still: Any) -> None:
    before = still.now()
    shown = _run(still, "clock", "--advance", "1h30m")
    assert shown.returncode == 0
    assert (still.now() - before).total_seconds() == pytest.approx(5400, abs=1)
    assert shown.stdout.startswith(still.now().isoformat()[:16])


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["clock", "--advance", "soon"], "is no time such as 90s"),
        (["clock", "--rate", "-1"], "must be a number, 0 or more"),
    ],
)
def test_a_mistaken_command_says_what_is_wrong(
    still: Any, command: list[str], message: str
) -> None:
    shown = _run(still, *command)
    assert shown.returncode != 0
    assert message in shown.stderr
