"""The key of what a region's projects share: topics, trail, flow logs and query results."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.base import Document, Part, Place, document
from infra.encryption import account_decides, alarms_may_use, events_may_use, logs_may_use

FLOW_LOG_GROUP = "/modelyard/flow-logs"


@dataclass(frozen=True)
class SharedKeyArgs:
    """Where the key lives."""

    place: Place


class SharedKey(Part):
    """One rotating customer key per region (1.00 USD a month, and as much per yearly rotation)."""

    key_arn: pulumi.Output[str]

    def __init__(self, name: str, args: SharedKeyArgs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("modelyard:region:SharedKey", name, opts)
        key = aws.kms.Key(
            self.child("key"),
            description="What the workspaces of this region share",
            enable_key_rotation=True,
            deletion_window_in_days=30,
            policy=key_policy(args.place),
            opts=pulumi.ResourceOptions.merge(self.kept, _formerly("aws:kms/key:Key", "key")),
        )
        aws.kms.Alias(
            self.child("alias"),
            name="alias/modelyard",
            target_key_id=key.key_id,
            opts=pulumi.ResourceOptions.merge(
                self.inside, _formerly("aws:kms/alias:Alias", "alias")
            ),
        )
        self.key_arn = key.arn
        self.register_outputs({"key_arn": self.key_arn})


def key_policy(place: Place) -> str:
    """Within the account, identity policies decide; AWS's services use it for our things only."""
    return document(
        account_decides(place.account),
        alarms_may_use(place.account),
        logs_may_use(place, f"{FLOW_LOG_GROUP}*"),
        events_may_use(),
        *trail_may_use(place),
    )


def trail_may_use(place: Place) -> list[Document]:
    """CloudTrail encrypts its files ("Configure AWS KMS key policies for CloudTrail")."""
    service = {"Service": "cloudtrail.amazonaws.com"}
    ours = {"StringEquals": {"aws:SourceArn": trail_arn(place)}}
    context = "kms:EncryptionContext:aws:cloudtrail:arn"
    return [
        {
            "Sid": "TrailEncrypts",
            "Effect": "Allow",
            "Principal": service,
            "Action": "kms:GenerateDataKey*",
            "Resource": "*",
            "Condition": {**ours, "StringLike": {context: trail_arn(place)}},
        },
        {
            "Sid": "TrailLooks",
            "Effect": "Allow",
            "Principal": service,
            "Action": "kms:DescribeKey",
            "Resource": "*",
            "Condition": ours,
        },
    ]


def trail_name(place: Place) -> str:
    """A trail of all regions shows up in each of them, so its name tells its home."""
    return f"modelyard-{place.region}"


def trail_arn(place: Place) -> str:
    """The trail's ARN, which its key and bucket name before it exists."""
    return place.arn("cloudtrail", f"trail/{trail_name(place)}")


def _formerly(token: str, what: str) -> pulumi.ResourceOptions:
    # The key belonged to the topics before it served more than them; an estate keeps its key.
    within = f"urn:pulumi:{pulumi.get_stack()}::{pulumi.get_project()}"
    old = f"{within}::modelyard:region:SeverityTopics${token}::modelyard-alerts-{what}"
    return pulumi.ResourceOptions(aliases=[old])
