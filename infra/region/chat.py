"""Slack channels that hear alert topics, by Amazon Q Developer in chat applications."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.account.boundary import NAME as BOUNDARY
from infra.base import Part, Place, document
from infra.region.alerts import Listeners

# A channel only listens: whatever somebody types there, this denies it.
NOTHING = "arn:aws:iam::aws:policy/AWSDenyAll"


@dataclass(frozen=True)
class ChatArgs:
    """The Slack workspace, which an administrator connected by hand, and who hears which topic."""

    place: Place
    workspace: str
    listeners: Mapping[str, Listeners]
    topics: Mapping[str, pulumi.Output[str]]


class Chat(Part):
    """One configuration per channel, however many severities it hears."""

    def __init__(self, name: str, args: ChatArgs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("modelyard:region:Chat", name, opts)
        place = args.place
        role = aws.iam.Role(
            self.child("role"),
            name=f"modelyard-chat-{place.region}",
            description="Slack channels that hear alerts; it may do nothing",
            assume_role_policy=trust(place.account),
            permissions_boundary=f"arn:aws:iam::{place.account}:policy/{BOUNDARY}",
            opts=self.inside,
        )
        for channel, severities in heard_by_channel(args.listeners).items():
            aws.chatbot.SlackChannelConfiguration(
                self.child(channel),
                # Configurations are an account's, not a region's.
                configuration_name=f"modelyard-{place.region}-{channel}",
                slack_team_id=args.workspace,
                slack_channel_id=channel,
                iam_role_arn=role.arn,
                guardrail_policy_arns=[NOTHING],
                sns_topic_arns=[args.topics[severity] for severity in severities],
                logging_level="ERROR",
                user_authorization_required=False,
                opts=self.inside,
            )
        self.register_outputs({})


def heard_by_channel(listeners: Mapping[str, Listeners]) -> dict[str, list[str]]:
    """The severities that each channel hears."""
    channels = sorted({channel for one in listeners.values() for channel in one.slack})
    return {
        channel: [severity for severity, one in listeners.items() if channel in one.slack]
        for channel in channels
    }


def trust(account: str) -> str:
    """Only the chat service, and only for configurations of this account."""
    return document(
        {
            "Sid": "Assume",
            "Effect": "Allow",
            "Principal": {"Service": "chatbot.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceAccount": account}},
        }
    )
