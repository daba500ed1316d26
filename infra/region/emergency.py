"""Whoever opens the emergency's role, or acts with it, is heard at once."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from infra.base import Part, Place
from infra.dead_letters import queue_policy
from policies import documents

NAME = "modelyard-break-glass"


@dataclass(frozen=True)
class EmergencyArgs:
    """The account, the topic that interrupts people, and the region's key."""

    place: Place
    topic_arn: pulumi.Output[str]
    key_arn: pulumi.Output[str]


class Emergency(Part):
    """One rule over the trail's events: signing in as break-glass, and each of its calls."""

    def __init__(self, name: str, args: EmergencyArgs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("modelyard:region:Emergency", name, opts)
        self._args = args
        rule = aws.cloudwatch.EventRule(
            self.child("rule"),
            name=NAME,
            description="Says that somebody acts as break-glass",
            event_pattern=json.dumps(pattern(args.place.account)),
            # Signing in and looking around are reads, which other rules do not see
            # ("Read-only management events from AWS services").
            state="ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS",
            opts=self.inside,
        )
        aws.cloudwatch.EventTarget(
            self.child("target"),
            rule=rule.name,
            target_id="critical",
            arn=args.topic_arn,
            input_transformer=aws.cloudwatch.EventTargetInputTransformerArgs(
                input_paths={
                    "account": "$.account",
                    "call": "$.detail.eventName",
                    "region": "$.region",
                    "time": "$.time",
                    "who": "$.detail.userIdentity.principalId",
                },
                input_template=json.dumps(MESSAGE),
            ),
            dead_letter_config=aws.cloudwatch.EventTargetDeadLetterConfigArgs(arn=self._unheard()),
            opts=self.inside,
        )
        self.register_outputs({})

    def _unheard(self) -> pulumi.Output[str]:
        """What the topic did not take is not lost: a queue keeps it for two weeks."""
        queue = aws.sqs.Queue(
            self.child("unheard"),
            name=f"{NAME}-unheard",
            kms_master_key_id=self._args.key_arn,
            message_retention_seconds=14 * 24 * 3600,
            opts=self.inside,
        )
        rule = rule_arn(self._args.place)
        aws.sqs.QueuePolicy(
            self.child("unheard-policy"),
            queue_url=queue.url,
            policy=queue.arn.apply(lambda arn: queue_policy(arn, [rule])),
            opts=self.inside,
        )
        return queue.arn


def rule_arn(place: Place) -> str:
    """The rule's ARN, which the queue's policy names before it exists."""
    return place.arn("events", f"rule/{NAME}")


MESSAGE = (
    "Break-glass in account <account>, <region>: <call> at <time> by <who>. If nobody on duty "
    "opened it, revoke the role's sessions now: IAM, role modelyard-break-glass, Revoke active "
    "sessions. Otherwise review within a day what was done: aws cloudtrail lookup-events "
    "--region <region> --start-time <time> "
    "(docs/operations.md, Break-glass)."
)


def pattern(account: str) -> dict[str, Any]:
    """Both ways in which CloudTrail names the role: as what is assumed, and as who acts."""
    role = documents.administration("break-glass", account)
    return {
        "detail-type": ["AWS API Call via CloudTrail"],
        "$or": [
            {
                "source": ["aws.sts"],
                "detail": {"requestParameters": {"roleArn": [role]}},
            },
            {"detail": {"userIdentity": {"sessionContext": {"sessionIssuer": {"arn": [role]}}}}},
        ],
    }
