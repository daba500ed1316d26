"""Whoever opens the emergency's role, or acts with it, is heard at once."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from infra.base import Part, Place
from policies import documents

NAME = "modelyard-break-glass"


@dataclass(frozen=True)
class EmergencyArgs:
    """The account, and the topic that interrupts people."""

    place: Place
    topic_arn: pulumi.Output[str]


class Emergency(Part):
    """One rule over the trail's events: signing in as break-glass, and each of its calls."""

    def __init__(self, name: str, args: EmergencyArgs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("modelyard:region:Emergency", name, opts)
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
            opts=self.inside,
        )
        self.register_outputs({})


def rule_arn(place: Place) -> str:
    """The rule's ARN, which the topic's policy names before it exists."""
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
