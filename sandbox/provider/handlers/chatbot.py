"""Amazon Q Developer in chat applications: Slack channels."""

from __future__ import annotations

import re

from sandbox.provider.errors import RefusedError
from sandbox.provider.handlers.base import (
    Aws,
    Facts,
    Handler,
    Values,
    given,
    gone_tags,
    names,
    tag_map,
)
from sandbox.provider.identity import Identity

CHANNEL = {
    "SlackChannelId": "slackChannelId",
    "IamRoleArn": "iamRoleArn",
    "SnsTopicArns": "snsTopicArns",
    "GuardrailPolicyArns": "guardrailPolicyArns",
    "LoggingLevel": "loggingLevel",
    "UserAuthorizationRequired": "userAuthorizationRequired",
}


class SlackChannelConfiguration(Handler):
    """A channel in which topics are heard."""

    token = "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration"
    known = frozenset(CHANNEL.values()) | names("configurationName slackTeamId")
    replaced_by = names("configurationName slackTeamId")
    tagged = True
    named_by = "configurationName"
    name_pattern = r"[A-Za-z0-9-_]{1,128}"

    def validate(self, inputs: Facts) -> None:
        for name in ("slackTeamId", "slackChannelId"):
            if not re.fullmatch(r"[0-9A-Z]{1,255}", str(inputs[name])):
                raise RefusedError(f"ValidationException: {name} '{inputs[name]}' is no Slack id")

    def identify(self, inputs: Values, facts: Values, identity: Identity) -> str:
        # Configurations belong to no region.
        name = inputs["configurationName"]
        return identity.global_arn("chatbot", f"chat-configuration/slack-channel/{name}")

    def outputs(self, inputs: Values, facts: Values, identity: Identity) -> Facts:
        return {
            "chatConfigurationArn": self.identify(inputs, facts, identity),
            "slackChannelName": "",
            "slackTeamName": "",
        }

    def create(self, aws: Aws, inputs: Values) -> Facts:
        aws.client("chatbot").create_slack_channel_configuration(
            **given(inputs, ConfigurationName="configurationName", SlackTeamId="slackTeamId"),
            **given(inputs, **CHANNEL),
            Tags=_tags(inputs),
        )
        return {}

    def update(self, aws: Aws, inputs: Values, old: Values, facts: Values) -> None:
        chatbot, arn = aws.client("chatbot"), self.identify(inputs, facts, aws.identity)
        chatbot.update_slack_channel_configuration(
            ChatConfigurationArn=arn, **given(inputs, **CHANNEL)
        )
        if gone := gone_tags(inputs, old):
            chatbot.untag_resource(ResourceARN=arn, TagKeys=gone)
        chatbot.tag_resource(ResourceARN=arn, Tags=_tags(inputs))

    def find(self, aws: Aws, inputs: Values) -> tuple[Facts, dict[str, str]] | None:
        arn = self.identify(inputs, {}, aws.identity)
        found = aws.client("chatbot").list_tags_for_resource(ResourceARN=arn)["Tags"]
        return {}, tag_map(found)

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("chatbot").delete_slack_channel_configuration(
            ChatConfigurationArn=self.identify(inputs, facts, aws.identity)
        )


def _tags(inputs: Values) -> list[dict[str, str]]:
    return [{"TagKey": key, "TagValue": text} for key, text in sorted(inputs["tagsAll"].items())]


HANDLERS = (SlackChannelConfiguration(),)
