"""The region's alert topics, one per severity, and the key that encrypts them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.alerts import topic_policy
from infra.base import Part, Place, document
from infra.encryption import account_decides, alarms_may_use

SEVERITIES = ("info", "warning", "critical")


@dataclass(frozen=True)
class SeverityTopicsArgs:
    """Where the topics live."""

    place: Place


class SeverityTopics(Part):
    """Three encrypted topics for what concerns the platform rather than one project."""

    key_arn: pulumi.Output[str]
    topics: Mapping[str, pulumi.Output[str]]

    def __init__(self, name: str, args: SeverityTopicsArgs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("modelyard:region:SeverityTopics", name, opts)
        self._account = args.place.account
        key = aws.kms.Key(
            self.child("key"),
            description="What the workspaces of this region share",
            enable_key_rotation=True,
            deletion_window_in_days=30,
            policy=document(account_decides(self._account), alarms_may_use(self._account)),
            opts=self.kept,
        )
        aws.kms.Alias(
            self.child("alias"),
            name="alias/modelyard",
            target_key_id=key.key_id,
            opts=self.inside,
        )
        self.key_arn = key.arn
        self.topics = {severity: self._topic(severity) for severity in SEVERITIES}
        self.register_outputs({"key_arn": self.key_arn})

    def _topic(self, severity: str) -> pulumi.Output[str]:
        topic = aws.sns.Topic(
            self.child(severity),
            name=f"modelyard-{severity}",
            kms_master_key_id=self.key_arn,
            opts=self.inside,
        )
        aws.sns.TopicPolicy(
            self.child(f"{severity}-policy"),
            arn=topic.arn,
            policy=topic.arn.apply(lambda arn: topic_policy(arn, self._account)),
            opts=self.inside,
        )
        return topic.arn
