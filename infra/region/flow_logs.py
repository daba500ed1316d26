"""Who talked to whom in the network, kept for a year."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.account.boundary import NAME as BOUNDARY
from infra.base import Part, Place, document
from infra.region.encryption import FLOW_LOG_GROUP

LOG_DAYS = 365


@dataclass(frozen=True)
class FlowLogsArgs:
    """The network, the key, and a central bucket's ARN where the organization has one."""

    place: Place
    vpc_id: pulumi.Output[str]
    key_arn: pulumi.Output[str]
    bucket_arn: str | None


class FlowLogs(Part):
    """To a log group with our key and a year's retention, or to the central bucket."""

    def __init__(self, name: str, args: FlowLogsArgs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("modelyard:region:FlowLogs", name, opts)
        self._args = args
        if args.bucket_arn is None:
            self._to_log_group()
        else:
            aws.ec2.FlowLog(
                self.child("log"),
                vpc_id=args.vpc_id,
                traffic_type="ALL",
                log_destination_type="s3",
                log_destination=args.bucket_arn,
                opts=self.inside,
            )
        self.register_outputs({})

    def _to_log_group(self) -> None:
        place = self._args.place
        group = aws.cloudwatch.LogGroup(
            self.child("group"),
            name=FLOW_LOG_GROUP,
            retention_in_days=LOG_DAYS,
            kms_key_id=self._args.key_arn,
            opts=self.kept,
        )
        role = aws.iam.Role(
            self.child("role"),
            name=f"modelyard-flow-logs-{place.region}",
            description="Writes the flow logs of the region's network",
            assume_role_policy=trust(place),
            permissions_boundary=f"arn:aws:iam::{place.account}:policy/{BOUNDARY}",
            opts=self.inside,
        )
        permissions = aws.iam.RolePolicy(
            self.child("permissions"),
            role=role.name,
            name="write",
            policy=group.arn.apply(write_permissions),
            opts=self.inside,
        )
        aws.ec2.FlowLog(
            self.child("log"),
            vpc_id=self._args.vpc_id,
            traffic_type="ALL",
            log_destination_type="cloud-watch-logs",
            log_destination=group.arn,
            iam_role_arn=role.arn,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[permissions]),
        )


def trust(place: Place) -> str:
    """Only the flow logs of this account and region ("IAM role for publishing flow logs")."""
    return document(
        {
            "Sid": "Assume",
            "Effect": "Allow",
            "Principal": {"Service": "vpc-flow-logs.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {
                "StringEquals": {"aws:SourceAccount": place.account},
                "ArnLike": {"aws:SourceArn": place.arn("ec2", "vpc-flow-log/*")},
            },
        }
    )


def write_permissions(group: str) -> str:
    """Streams and events of the one group."""
    return document(
        {
            "Sid": "WriteFlows",
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            "Resource": [group, f"{group}:*"],
        }
    )
