"""Who hears an environment's alerts: mail, Slack channels and pagers, each by severity."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from infra.alerts import listening
from infra.configuration import SettingsError, Values
from infra.routes import Routes, load
from modelyard.monitoring_section import Alerts

if TYPE_CHECKING:
    from tests.infra.conftest import EstateOf, Graph

URL = "https://events.pagerduty.com/integration/0123abcd/enqueue"
ALERTS = {
    "info": ["team@example.com"],
    "warning": ["team@example.com", "slack:C0123ABCD"],
    "critical": ["oncall@example.com", "pagerduty:payments"],
}
CONFIG = {"pagers": json.dumps({"payments": URL}), "slackWorkspace": "T0123ABCD"}


@pytest.fixture(scope="module")
def routed(estate_of: EstateOf) -> Graph:
    """A workspace with every kind of listener."""
    return estate_of(config=CONFIG, monitoring={"alerts": ALERTS}).workspace("prod")


def subscription(graph: Graph, endpoint: str) -> dict[str, Any]:
    """What somebody subscribed to."""
    (found,) = [
        one["inputs"]
        for one in graph.of(":TopicSubscription")
        if str(one["inputs"]["endpoint"]) == endpoint
    ]
    return dict(found)


def test_mail_hears_its_severities_and_no_pagers_text(routed: Graph) -> None:
    policy = json.loads(subscription(routed, "team@example.com")["filterPolicy"])
    assert policy["severity"] == ["info", "warning"]
    assert policy["form"][0] == "mail"


def test_alarms_of_cloudwatch_reach_whoever_hears_what_is_critical(routed: Graph) -> None:
    policy = json.loads(subscription(routed, "oncall@example.com")["filterPolicy"])
    assert policy["severity"] == ["critical", {"exists": False}]


def test_alarms_reach_everybody_where_nobody_hears_what_is_critical() -> None:
    routes = Routes(mail={"team@example.com": ("warning",)})
    assert {"exists": False} in json.loads(listening(routes, ("warning",), "mail"))["severity"]


def test_a_pagers_address_is_a_secret(routed: Graph) -> None:
    (pager,) = [one for one in routed.of(":TopicSubscription") if one["name"].endswith("payments")]
    assert pager["inputs"]["protocol"] == "https"
    assert "pagerduty" in pager["inputs"]["filterPolicy"]
    assert URL not in json.dumps(pager)


def test_a_channel_hears_topics_of_its_severities(routed: Graph) -> None:
    (channel,) = routed.of(":SlackChannelConfiguration")
    assert channel["inputs"]["slackTeamId"] == "T0123ABCD"
    assert [arn.rpartition(":")[2] for arn in channel["inputs"]["snsTopicArns"]] == [
        "loans-prod-alerts-chat-warning"
    ]


def test_nobody_pays_for_chat_without_a_channel(prod: Graph) -> None:
    assert [one["inputs"]["name"] for one in prod.of(":Topic")] == ["loans-prod-alerts"]
    assert prod.of(":SlackChannelConfiguration") == []


MISTAKES = [
    (ALERTS, {"slackWorkspace": "T0123ABCD"}, "pagers: has no address of 'payments'; run `pulumi"),
    ({}, {"pagers": json.dumps({"payments": URL})}, "pagers: 'payments' is named nowhere; write"),
    (ALERTS, {"pagers": json.dumps({"payments": URL})}, "slackWorkspace: is missing, but project"),
    ({}, {"pagers": "payments"}, "pagers: expected addresses by name"),
]


@pytest.mark.parametrize(("alerts", "config", "message"), MISTAKES)
def test_what_is_named_here_and_missing_there_is_told(
    alerts: dict[str, Any], config: dict[str, str], message: str
) -> None:
    with pytest.raises(SettingsError, match=r"Pulumi\.loans\.prod\.yaml: modelyard:") as refusal:
        load(Values("loans.prod", config), Alerts.model_validate(alerts))
    assert message in str(refusal.value)


def test_a_pagers_key_is_not_repeated_in_an_error() -> None:
    with pytest.raises(SettingsError) as refusal:
        load(Values("loans.prod", {"pagers": json.dumps({"p": "http://x/k3y"})}), Alerts())
    assert "k3y" not in str(refusal.value)
