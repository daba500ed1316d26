"""The topic on which an environment's events reach the people project.yaml names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.base import Document, Part, Scope, document

# What publishes by itself: alarms and budgets.
PUBLISHERS = ("cloudwatch.amazonaws.com", "budgets.amazonaws.com")


@dataclass(frozen=True)
class AlertsArgs:
    """The key, and the mail addresses that hear of this environment."""

    scope: Scope
    key_arn: pulumi.Output[str]
    addresses: tuple[str, ...]


class Alerts(Part):
    """An encrypted topic; subscribers confirm by mail."""

    topic_arn: pulumi.Output[str]

    def __init__(self, name: str, args: AlertsArgs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("modelyard:alerts:Alerts", name, opts)
        topic = aws.sns.Topic(
            self.child("topic"),
            name=args.scope.name("alerts"),
            kms_master_key_id=args.key_arn,
            opts=self.inside,
        )
        account = args.scope.place.account
        aws.sns.TopicPolicy(
            self.child("policy"),
            arn=topic.arn,
            policy=topic.arn.apply(lambda arn: topic_policy(arn, account, PUBLISHERS)),
            opts=self.inside,
        )
        for address in args.addresses:
            aws.sns.TopicSubscription(
                self.child(f"mail-{address}"),
                topic=topic.arn,
                protocol="email",
                endpoint=address,
                opts=self.inside,
            )
        self.topic_arn = topic.arn
        self.register_outputs({"topic_arn": self.topic_arn})


def topic_policy(
    topic: str,
    account: str,
    services: Sequence[str] = PUBLISHERS[:1],
    rules: Sequence[str] = (),
) -> str:
    """The account's alarms and these rules publish, and whom it lets; never in the clear."""
    return document(
        *([_rules_publish(topic, rules)] if rules else []),
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


def _rules_publish(topic: str, rules: Sequence[str]) -> Document:
    return {
        "Sid": "Rules",
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": topic,
        "Condition": {"ArnEquals": {"aws:SourceArn": list(rules)}},
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
