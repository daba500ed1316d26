"""SNS: messages to people land in the sandbox's inbox; nothing leaves the machine.

Subscriptions count as confirmed at once: there is nobody to follow the link.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.sns.models import SNSBackend, Subscription

from sandbox.inbox import PROTOCOLS, Message, notification

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox


def install(sandbox: Sandbox) -> None:
    """Deliver here what moto posts to the world or drops."""
    publish = Subscription.publish
    publish_to_topic_or_number = SNSBackend.publish

    def deliver(
        self: Subscription, message: str, message_id: str, *args: Any, **kwargs: Any
    ) -> None:
        if self.protocol not in PROTOCOLS:
            publish(self, message, message_id, *args, **kwargs)
            return
        attributes, subject = kwargs.get("message_attributes"), kwargs.get("subject")
        matcher = self._filter_policy_matcher
        if matcher is not None and not matcher.matches(attributes, message):
            return
        if kwargs.get("message_structure") == "json":
            message = self._parse_message_structure(message, self.protocol)
        time = f"{sandbox.clock.now():%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"
        if self.protocol in ("http", "https", "email-json") and not _is_raw(self):
            message = notification(message, message_id, self.topic.arn, time, subject, attributes)
        sandbox.inbox.deliver(
            Message(time, self.topic.arn, self.protocol, self.endpoint, subject, message)
        )

    def send(self: SNSBackend, message: str, arn: str | None, *args: Any, **kwargs: Any) -> str:
        identifier = publish_to_topic_or_number(self, message, arn, *args, **kwargs)
        if number := kwargs.get("phone_number"):
            time = f"{sandbox.clock.now():%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"
            sandbox.inbox.deliver(Message(time, "", "sms", number, None, message))
        return str(identifier)

    Subscription.publish = deliver
    SNSBackend.publish = send


def _is_raw(subscription: Subscription) -> bool:
    return str(subscription.attributes.get("RawMessageDelivery")).lower() == "true"
