"""Publishing a report in an account: metrics, one message per news, the word to dev, and races."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws

from modelyard.functions import alert_store, captured, silences
from modelyard.functions.alert_state import Alarm, News, State
from modelyard.functions.clients import Clients
from modelyard.functions.publish_metrics import publish
from modelyard.functions.windows import Window, stamp

DAY = timedelta(days=1)
# Metrics older than a fortnight are not put: windows lie in the last days.
TODAY = datetime.now(UTC).replace(hour=5, minute=0, second=0, microsecond=0)
ALERTS = {"warning": ["team@example.com"], "critical": ["pagerduty:payments", "slack:C0123ABCD"]}


class Account:
    """A staging account with two buckets, topics and a queue that hears them."""

    def __init__(self) -> None:
        self.session = Clients(boto3.Session("a", "b", region_name="us-east-1"))
        self.s3 = self.session.client("s3")
        for bucket in ("predictions", "evidence"):
            self.s3.create_bucket(Bucket=bucket)
        self.sqs, sns = self.session.client("sqs"), self.session.client("sns")
        self.queue = self.sqs.create_queue(QueueName="heard")["QueueUrl"]
        arn = self.sqs.get_queue_attributes(QueueUrl=self.queue, AttributeNames=["QueueArn"])
        topics = [
            sns.create_topic(Name=name)["TopicArn"] for name in ("alerts", "alerts-chat-critical")
        ]
        for topic in topics:
            sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn["Attributes"]["QueueArn"])
        self.facts = {
            "project": "loans",
            "environment": "prod",
            "account": "123456789012",
            "region": "us-east-1",
            "key_arn": "arn:aws:kms:us-east-1:123456789012:key/1",
            "bucket_predictions": "predictions",
            "bucket_evidence": "evidence",
            "alert_topic": topics[0],
            "alerts": json.dumps(ALERTS),
            "monitoring": json.dumps({"sustained": {"windows": 2, "of": 5}}),
        }

    def report(self, day: int, *findings: str, severity: str = "warning", **facts: Any) -> Any:
        """Publishes a window's report; findings as kind:column."""
        window = Window(TODAY + (day - 3) * DAY, TODAY + (day - 2) * DAY)
        summary = {
            "verdict": "warning" if findings else "ok",
            "shock": False,
            "served": 100,
            "window": {"start": stamp(window.start), "end": stamp(window.end)},
            "metrics": [{"name": "DriftScore", "value": 0.4, "unit": "None", "dimensions": {}}],
            "findings": [
                {"id": one, "kind": one.split(":")[0], "severity": severity, "sentence": one}
                for one in findings
            ],
            "report": "report.html",
            **facts,
        }
        folder = f"reports/monitoring/{facts.get('name') or window.name}"
        self.s3.put_object(
            Bucket="evidence", Key=f"{folder}/summary.json", Body=json.dumps(summary)
        )
        return publish(f"s3://evidence/{folder}", self.session, self.facts)

    def heard(self) -> list[dict[str, Any]]:
        """What was sent since it was last asked."""
        found = self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10)
        messages = found.get("Messages", [])
        for message in messages:
            self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"]) for message in messages]


@pytest.fixture
def account() -> Iterator[Account]:
    """An account of its own."""
    with mock_aws():
        yield Account()


def test_the_second_window_in_a_row_is_told_and_the_third_is_not(account: Account) -> None:
    told = [account.report(day, "drift:income")["told"] for day in range(3)]
    assert told == [[], ["drift:income"], []]
    (message,) = account.heard()
    assert message["Subject"] == "[warning] loans prod: drift income"
    assert message["MessageAttributes"]["severity"]["Value"] == "warning"


def test_a_report_that_is_published_twice_is_told_once(account: Account) -> None:
    first, again = (account.report(0, "schema:income") for _ in range(2))
    assert (first["told"], again["told"]) == (["schema:income"], [])


def test_pagers_and_channels_get_their_own_form(account: Account) -> None:
    account.report(0, "schema:income", severity="critical")
    forms = {one["MessageAttributes"]["form"]["Value"]: one["Message"] for one in account.heard()}
    assert set(forms) == {"mail", "pagerduty", "slack"}
    assert json.loads(forms["pagerduty"])["NewStateValue"] == "ALARM"
    assert json.loads(forms["slack"])["source"] == "custom"


def test_metrics_stand_at_the_end_of_their_window(account: Account) -> None:
    account.report(0)
    (point,) = account.session.client("cloudwatch").get_metric_statistics(
        Namespace="Modelyard",
        MetricName="DriftScore",
        Dimensions=[
            {"Name": "Project", "Value": "loans"},
            {"Name": "Environment", "Value": "prod"},
        ],
        StartTime=TODAY - 3 * DAY,
        EndTime=TODAY,
        Period=3600,
        Statistics=["Maximum"],
    )["Datapoints"]
    assert (point["Timestamp"], point["Maximum"]) == (TODAY - 2 * DAY, 0.4)


@pytest.mark.parametrize(("finding", "handed"), [("drift:income", 1), ("schema:income", 0)])
def test_dev_hears_what_training_may_cure_as_long_as_it_lasts(
    account: Account, finding: str, handed: int
) -> None:
    published = [account.report(day, finding)["handed_on"] for day in range(3)]
    assert published == [0, handed, handed]


def test_a_window_that_arrives_late_changes_no_present(account: Account) -> None:
    account.report(1, "drift:income")
    account.report(2)
    late = account.report(0, "drift:income")
    assert (late["told"], late["handed_on"]) == ([], 0)


def test_a_window_somebody_asked_for_counts_for_nothing(account: Account) -> None:
    asked = account.report(0, "schema:income", name="20261121T0811Z-3h-on-demand")
    assert (asked["counted"], account.heard()) == (False, [])
    assert captured.looked_at(account.s3, "predictions") == []


def test_summaries_are_kept_for_the_runs_to_come(account: Account) -> None:
    account.report(0)
    (window,) = captured.looked_at(account.s3, "predictions")
    found = captured.inputs(account.s3, "predictions", "capture/e/", Window(TODAY, TODAY + DAY), 14)
    assert found.summaries == (f"monitoring/{window.name}/summary.json",)


def silence(account: Account, finding: str, hours: float, at: datetime = TODAY) -> None:
    record = {"finding": finding, "at": stamp(at), "until": stamp(at + timedelta(hours=hours))}
    key = f"silences/bob/{stamp(at)}{finding}.json"
    account.s3.put_object(Bucket="evidence", Key=key, Body=json.dumps(record))


@pytest.mark.parametrize("finding", ["schema:income", "*"])
def test_what_is_silenced_is_not_told(account: Account, finding: str) -> None:
    silence(account, finding, 24 * 7)
    assert account.report(0, "schema:income")["told"] == []
    assert account.heard() == []


def test_the_newest_record_about_a_finding_counts(account: Account) -> None:
    silence(account, "drift:income", 100)
    silence(account, "drift:income", 0, TODAY + timedelta(hours=1))
    silence(account, "drift:debt", 100)
    found = silences.in_force(account.s3, "evidence", TODAY + timedelta(hours=2))
    assert found == {"drift:debt"}


def test_no_silence_outlasts_a_fortnight(account: Account) -> None:
    silence(account, "*", 24 * 365)
    assert silences.in_force(account.s3, "evidence", TODAY + 13 * DAY) == {"*"}
    assert silences.in_force(account.s3, "evidence", TODAY + 15 * DAY) == frozenset()


def test_two_that_publish_at_once_lose_nothing_and_tell_once(account: Account) -> None:
    said: list[str] = []

    def add(name: str, meanwhile: bool) -> None:
        def change(state: State) -> tuple[State, list[Alarm]]:
            known = list(state.alarms.values())
            if meanwhile and not known:
                add("b", False)
            return state, [*known, Alarm(name, "warning", TODAY)]

        def say(news: News) -> None:
            said.extend(one.id for one in news.opened)

        alert_store.settle(account.s3, account.facts, change, TODAY, frozenset(), say)

    add("a", True)
    kept = alert_store.read(account.s3, "predictions")
    assert sorted(kept.alarms) == ["a", "b"]
    assert sorted(said) == ["a", "b"]
