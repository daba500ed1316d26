"""Amazon Q Developer in chat applications (service `chatbot`): a service that moto lacks."""

from __future__ import annotations

import json
import re
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

from moto import backend_index
from moto.core.base_backend import BackendDict, BaseBackend
from moto.core.exceptions import JsonRESTError
from moto.core.responses import BaseResponse
from moto.utilities.utils import PARTITION_NAMES

from sandbox.trust import TrustError, role_by_arn, service_may_assume

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox

SERVICE = "chatbot.amazonaws.com"
HOST = r"https?://chatbot\.(.+)\.amazonaws\.com"
Answer = tuple[int, dict[str, str], str]


class ChatbotBackend(BaseBackend):
    """One account's channels; they belong to no region."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.channels: dict[str, dict[str, Any]] = {}

    @property
    def _url_module(self) -> ModuleType:
        """Where moto reads `url_bases` and `url_paths`."""
        return sys.modules[__name__]

    def channel(self, arn: str) -> dict[str, Any]:
        """A channel's configuration, or the service's refusal."""
        try:
            return self.channels[arn]
        except KeyError:
            raise JsonRESTError("ResourceNotFoundException", f"{arn} does not exist") from None


chatbot_backends = BackendDict(
    ChatbotBackend, "chatbot", use_boto3_regions=False, additional_regions=PARTITION_NAMES
)


class ChatbotResponse(BaseResponse):
    """The operations on Slack channels."""

    def __init__(self) -> None:
        super().__init__(service_name="chatbot")

    @property
    def backend(self) -> ChatbotBackend:
        """The caller's account."""
        return chatbot_backends[self.current_account][self.partition]

    def create_slack_channel_configuration(self) -> Answer:
        """Needs a role that the service may assume."""
        asked = json.loads(self.body)
        name = asked["ConfigurationName"]
        arn = f"arn:aws:chatbot::{self.current_account}:chat-configuration/slack-channel/{name}"
        if arn in self.backend.channels:
            raise JsonRESTError("ConflictException", f"{name} already exists")
        _require_role(asked["IamRoleArn"])
        self.backend.channels[arn] = {**asked, "ChatConfigurationArn": arn}
        return 201, {}, json.dumps({"ChannelConfiguration": self.backend.channels[arn]})

    def update_slack_channel_configuration(self) -> str:
        """Changes what the request names."""
        asked = json.loads(self.body)
        held = self.backend.channel(asked["ChatConfigurationArn"])
        if "IamRoleArn" in asked:
            _require_role(asked["IamRoleArn"])
        held.update(asked)
        return json.dumps({"ChannelConfiguration": held})

    def delete_slack_channel_configuration(self) -> Answer:
        """Forgets a channel."""
        arn = json.loads(self.body)["ChatConfigurationArn"]
        self.backend.channel(arn)
        del self.backend.channels[arn]
        return 204, {}, ""

    def describe_slack_channel_configurations(self) -> str:
        """One channel, or all."""
        arn = json.loads(self.body or "{}").get("ChatConfigurationArn")
        found = [self.backend.channel(arn)] if arn else list(self.backend.channels.values())
        return json.dumps({"SlackChannelConfigurations": found})

    def tag_resource(self) -> str:
        """Set tags."""
        asked = json.loads(self.body)
        held = self.backend.channel(asked["ResourceARN"])
        new = {tag["TagKey"]: tag for tag in asked["Tags"]}
        kept = [tag for tag in held.get("Tags", ()) if tag["TagKey"] not in new]
        held["Tags"] = [*kept, *new.values()]
        return "{}"

    def untag_resource(self) -> str:
        """Remove tags."""
        asked = json.loads(self.body)
        held = self.backend.channel(asked["ResourceARN"])
        held["Tags"] = [tag for tag in held["Tags"] if tag["TagKey"] not in asked["TagKeys"]]
        return "{}"

    def list_tags_for_resource(self) -> str:
        """The tags of a channel."""
        held = self.backend.channel(json.loads(self.body)["ResourceARN"])
        return json.dumps({"Tags": held.get("Tags", [])})


url_bases = [HOST]
url_paths = {"{0}/.*$": ChatbotResponse.dispatch}


def install(sandbox: Sandbox) -> None:
    """Let moto find the service, as it finds its own: by the name of a module and an address."""
    if "moto.chatbot" not in sys.modules:
        sys.modules["moto.chatbot"] = sys.modules[__name__]
        backend_index.backend_url_patterns.append(("chatbot", re.compile(HOST)))


def _require_role(arn: str) -> None:
    try:
        role, account = role_by_arn(arn)
        service_may_assume(role, account, SERVICE)
    except TrustError as error:
        raise JsonRESTError("InvalidParameterException", str(error)) from None
