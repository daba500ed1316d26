"""Sends one message in every form that somebody listens to: mail, Slack channels, pagers.

One topic carries mail and pagers, told apart by message attributes; each severity that a Slack
channel hears has a topic of its own, because AWS's chat service takes whole topics.
"""

import json
from collections.abc import Mapping
from typing import Any

_SUBJECT = 100
_FORMS = ("mail", "slack", "pagerduty")


def send(
    sns: Any, facts: Mapping[str, str], severity: str, subject: str, text: str, key: str = ""
) -> list[str]:
    """The forms in which it went out; `key` is what a pager recognises the same trouble by."""
    topic = facts["alert_topic"]
    sent = ["mail"]
    _publish(sns, topic, severity, "mail", subject, text)
    wanted = _forms(facts, severity)
    if "pagerduty" in wanted:
        page = _alarm(facts, subject, text, key or subject, severity != "info")
        _publish(sns, topic, severity, "pagerduty", subject, page)
        sent.append("pagerduty")
    if "slack" in wanted:
        note = {
            "version": "1.0",
            "source": "custom",
            "content": {
                "textType": "client-markdown",
                "title": subject,
                "description": f"```\n{text}\n```",
            },
        }
        _publish(sns, f"{topic}-chat-{severity}", severity, "slack", subject, json.dumps(note))
        sent.append("slack")
    return sent


def _forms(facts: Mapping[str, str], severity: str) -> set[str]:
    """The kinds of listeners of a severity, as project.yaml states them."""
    heard = json.loads(facts["alerts"]).get(severity, [])
    return {route.split(":")[0] if ":" in route else "mail" for route in heard} & set(_FORMS)


def _publish(sns: Any, topic: str, severity: str, form: str, subject: str, message: str) -> None:
    sns.publish(
        TopicArn=topic,
        Subject=subject[:_SUBJECT],
        Message=message,
        MessageAttributes={
            "severity": {"DataType": "String", "StringValue": severity},
            "form": {"DataType": "String", "StringValue": form},
        },
    )


def _alarm(facts: Mapping[str, str], subject: str, text: str, key: str, firing: bool) -> str:
    """The shape of a CloudWatch alarm's message, which pagers' CloudWatch integrations read."""
    return json.dumps(
        {
            "AlarmName": f"{facts['project']}-{facts['environment']} {key}",
            "AlarmDescription": subject,
            "AWSAccountId": facts["account"],
            "Region": facts["region"],
            "NewStateValue": "ALARM" if firing else "OK",
            "OldStateValue": "OK" if firing else "ALARM",
            "NewStateReason": text,
        }
    )
