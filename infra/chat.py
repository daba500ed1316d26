"""Slack channels that hear one environment's alerts, by Amazon Q Developer in chat applications."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.base import Part, Scope
from infra.region.chat import NOTHING, trust
from infra.routes import Routes


@dataclass(frozen=True)
class ChannelsArgs:
    """The channels, and the topics: the environment's own, and one per severity."""

    scope: Scope
    boundary_arn: pulumi.Output[str]
    routes: Routes
    alert_topic: pulumi.Output[str]
    chat_topics: Mapping[str, pulumi.Output[str]]


class Channels(Part):
    """One configuration per channel; of the environment's own topic it shows the alarms only.

    The chat service shows what it knows (CloudWatch's alarms, and notes in its own form) and drops
    the texts that are meant for mail.
    """

    def __init__(self, name: str, args: ChannelsArgs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("modelyard:alerts:Channels", name, opts)
        role = aws.iam.Role(
            self.child("role"),
            name=args.scope.name("chat"),
            description="Slack channels that hear alerts; it may do nothing",
            assume_role_policy=trust(args.scope.place.account),
            permissions_boundary=args.boundary_arn,
            opts=self.inside,
        )
        for channel, heard in args.routes.slack.items():
            topics = [args.chat_topics[severity] for severity in heard]
            if args.routes.hears_alarms(heard):
                topics.insert(0, args.alert_topic)
            aws.chatbot.SlackChannelConfiguration(
                self.child(channel),
                configuration_name=f"{args.scope.prefix}-{channel}",
                slack_team_id=str(args.routes.slack_workspace),
                slack_channel_id=channel,
                iam_role_arn=role.arn,
                guardrail_policy_arns=[NOTHING],
                sns_topic_arns=topics,
                logging_level="ERROR",
                user_authorization_required=False,
                opts=self.inside,
            )
        self.register_outputs({})
