"""The topics on which an environment's events reach the people project.yaml names."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.base import Document, Part, Scope, document
from infra.routes import Routes, Severities

# What publishes by itself: alarms and budgets.
PUBLISHERS = ("cloudwatch.amazonaws.com", "budgets.amazonaws.com")


@dataclass(frozen=True)
class AlertsArgs:
    """The key, and who hears what of this environment."""

    scope: Scope
    key_arn: pulumi.Output[str]
    routes: Routes


class Alerts(Part):
    """An encrypted topic for mail and pagers, told apart by the messages' attributes.

    Slack hears whole topics, so each severity that a channel hears has one of its own. Subscribers
    confirm by mail.
    """

    topic_arn: pulumi.Output[str]
    chat_topics: dict[str, pulumi.Output[str]]

    def __init__(self, name: str, args: AlertsArgs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("modelyard:alerts:Alerts", name, opts)
        self._args = args
        self.topic_arn = self._topic("topic", "alerts", PUBLISHERS)
        self._subscribe()
        self.chat_topics = {
            severity: self._topic(f"chat-{severity}", f"alerts-chat-{severity}")
            for severity in args.routes.chat_severities
        }
        self.register_outputs({"topic_arn": self.topic_arn})

    def _topic(
        self, what: str, named: str, services: Sequence[str] = PUBLISHERS[:1]
    ) -> pulumi.Output[str]:
        topic = aws.sns.Topic(
            self.child(what),
            name=self._args.scope.name(named),
            kms_master_key_id=self._args.key_arn,
            opts=self.inside,
        )
        account = self._args.scope.place.account
        aws.sns.TopicPolicy(
            self.child("policy" if what == "topic" else f"{what}-policy"),
            arn=topic.arn,
            policy=topic.arn.apply(lambda arn: topic_policy(arn, account, services)),
            opts=self.inside,
        )
        return topic.arn

    def _subscribe(self) -> None:
        routes = self._args.routes
        for address, heard in routes.mail.items():
            aws.sns.TopicSubscription(
                self.child(f"mail-{address}"),
                topic=self.topic_arn,
                protocol="email",
                endpoint=address,
                filter_policy=listening(routes, heard, "mail"),
                opts=self.inside,
            )
        for pager, heard in routes.pagers.items():
            aws.sns.TopicSubscription(
                self.child(f"pager-{pager}"),
                topic=self.topic_arn,
                protocol="https",
                endpoint=pulumi.Output.secret(routes.urls[pager]),
                # PagerDuty confirms by itself, within the minute that this waits.
                endpoint_auto_confirms=True,
                filter_policy=listening(routes, heard, "pagerduty"),
                opts=self.inside,
            )


def listening(routes: Routes, heard: Severities, form: str) -> str:
    """Which messages a subscription takes ("Amazon SNS subscription filter policies").

    CloudWatch's alarms carry no attributes: a policy that named severities alone would drop them.
    """
    without = [{"exists": False}] if routes.hears_alarms(heard) else []
    return json.dumps(
        {"form": [form, {"exists": False}], "severity": [*heard, *without]},
        separators=(",", ":"),
    )


def topic_policy(
    topic: str,
    account: str,
    services: Sequence[str] = PUBLISHERS[:1],
    *,
    rules: bool = False,
) -> str:
    """The account's alarms publish, rules where it is a target of one, and whom the account lets;
    never in the clear.
    """
    return document(
        *([_rules_publish(topic)] if rules else []),
        {
            "Sid": "Alarms",
            "Effect": "Allow",
            "Principal": {"Service": list(services)},
            "Action": "sns:Publish",
            "Resource": topic,
            "Condition": {"StringEquals": {"aws:SourceAccount": account}},
        },
        {
            "Sid": "AccountDecides",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
            "Action": "sns:Publish",
            "Resource": topic,
        },
        _only_over_tls(topic),
    )


def _rules_publish(topic: str) -> Document:
    # "You can't use Condition blocks in Amazon SNS topic policies for EventBridge" ("Using
    # resource-based policies for Amazon EventBridge"): naming the rule would drop its messages.
    return {
        "Sid": "Rules",
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": topic,
    }


def _only_over_tls(topic: str) -> Document:
    # A topic policy accepts SNS actions only; `*` would be refused.
    return {
        "Sid": "OnlyOverTls",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sns:Publish",
        "Resource": topic,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
