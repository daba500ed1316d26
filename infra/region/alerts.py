"""The region's alert topics, one per severity, and who hears them: mail, pagers, Slack channels."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.alerts import topic_policy
from infra.base import Part, Place

SEVERITIES = ("info", "warning", "critical")


@dataclass(frozen=True)
class Listeners:
    """Who hears one severity: mail addresses, https addresses and ids of Slack channels."""

    mail: tuple[str, ...] = ()
    https: tuple[str, ...] = ()
    slack: tuple[str, ...] = ()


@dataclass(frozen=True)
class SeverityTopicsArgs:
    """Where the topics live, their key, who hears which, and on which ones rules publish."""

    place: Place
    key_arn: pulumi.Output[str]
    listeners: Mapping[str, Listeners]
    rules: frozenset[str] = frozenset()


class SeverityTopics(Part):
    """Three encrypted topics for what concerns the platform rather than one project."""

    topics: Mapping[str, pulumi.Output[str]]

    def __init__(self, name: str, args: SeverityTopicsArgs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("modelyard:region:SeverityTopics", name, opts)
        self._args = args
        self.topics = {severity: self._topic(severity) for severity in SEVERITIES}
        for severity, listeners in args.listeners.items():
            self._subscribe(severity, listeners)
        self.register_outputs({})

    def _topic(self, severity: str) -> pulumi.Output[str]:
        account, rules = self._args.place.account, severity in self._args.rules
        topic = aws.sns.Topic(
            self.child(severity),
            name=f"modelyard-{severity}",
            kms_master_key_id=self._args.key_arn,
            opts=self.inside,
        )
        aws.sns.TopicPolicy(
            self.child(f"{severity}-policy"),
            arn=topic.arn,
            policy=topic.arn.apply(lambda arn: topic_policy(arn, account, rules=rules)),
            opts=self.inside,
        )
        return topic.arn

    def _subscribe(self, severity: str, listeners: Listeners) -> None:
        for address in listeners.mail:
            aws.sns.TopicSubscription(
                self.child(f"{severity}-mail-{address}"),
                topic=self.topics[severity],
                protocol="email",
                endpoint=address,
                opts=self.inside,
            )
        for url in listeners.https:
            # A pager's address holds its key: secret in the state, and no part of a name.
            digest = hashlib.sha256(url.encode()).hexdigest()[:8]
            aws.sns.TopicSubscription(
                self.child(f"{severity}-https-{digest}"),
                topic=self.topics[severity],
                protocol="https",
                endpoint=pulumi.Output.secret(url),
                # PagerDuty confirms by itself, within the minute that this waits.
                endpoint_auto_confirms=True,
                opts=self.inside,
            )
