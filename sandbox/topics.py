"""How an AWS service publishes on a topic: by the topic's policy, and its key's when it has one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.sns.models import Topic, sns_backends

from sandbox.authorization import service_decision
from sandbox.service_keys import KeyRefusedError, require_key

# "You can't use Condition blocks in Amazon SNS topic policies for EventBridge" ("Using
# resource-based policies for Amazon EventBridge"), nor in the policies of a topic's key.
NAMES_NO_SOURCE = frozenset({"events.amazonaws.com"})


class PublicationError(Exception):
    """A topic that does not take a service's message, and why."""


def publish_as(
    service: str,
    topic_arn: str,
    source_arn: str,
    message: str,
    subject: str | None = None,
    attributes: Mapping[str, Any] | None = None,
) -> None:
    """Publish as an AWS service acting for the account of `source_arn`."""
    region, account = topic_arn.split(":")[3:5]
    backend = sns_backends[account][region]
    topic = backend.topics.get(topic_arn)
    if topic is None:
        raise PublicationError(f"{topic_arn} does not exist")
    source = source_arn.split(":")[4]
    context = {"aws:SourceArn": source_arn, "aws:SourceAccount": source}
    if service in NAMES_NO_SOURCE:
        context = {}
    # The policy a topic is made with names its owner's account and no service.
    asked = service_decision(service, "sns:Publish", topic_arn, context)
    if not asked.allowed and not (source == account and _still_has_its_first_policy(topic)):
        raise PublicationError(f"{topic_arn} does not allow {service} to publish: {asked.reason}")
    try:
        require_key(service, topic_arn, topic.kms_master_key_id, context)
    except KeyRefusedError as error:
        raise PublicationError(str(error)) from None
    backend.publish(
        message=message, arn=topic_arn, subject=subject, message_attributes=dict(attributes or {})
    )


def _still_has_its_first_policy(topic: Topic) -> bool:
    return bool(topic._policy_json.get("Id") == "__default_policy_ID")
