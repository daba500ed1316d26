"""SNS topics and subscriptions."""

from __future__ import annotations

from sandbox.provider.handlers import documents
from sandbox.provider.handlers.attributes import attributes, canonical_documents
from sandbox.provider.handlers.base import (
    Aws,
    Facts,
    Handler,
    PutHandler,
    Values,
    gone_tags,
    names,
    tag_list,
)
from sandbox.provider.identity import Identity, Seed

TOPIC = {
    "DisplayName": "displayName",
    "KmsMasterKeyId": "kmsMasterKeyId",
    "Policy": "policy",
    "DeliveryPolicy": "deliveryPolicy",
    "SignatureVersion": "signatureVersion",
    "TracingConfig": "tracingConfig",
    "FifoTopic": "fifoTopic",
    "ContentBasedDeduplication": "contentBasedDeduplication",
}
SUBSCRIPTION = {
    "FilterPolicy": "filterPolicy",
    "FilterPolicyScope": "filterPolicyScope",
    "RawMessageDelivery": "rawMessageDelivery",
    "RedrivePolicy": "redrivePolicy",
    "DeliveryPolicy": "deliveryPolicy",
}


class Topic(Handler):
    """A topic."""

    token = "aws:sns/topic:Topic"
    known = frozenset(TOPIC.values()) | names("name namePrefix")
    replaced_by = names("name fifoTopic")
    tagged = True
    named_by = "name"
    name_pattern = r"[A-Za-z0-9_-]{1,256}(\.fifo)?"

    def validate(self, inputs: Facts) -> None:
        canonical_documents(inputs)

    def identify(self, inputs: Values, facts: Values, identity: Identity) -> str:
        return identity.arn("sns", str(inputs["name"]))

    def outputs(self, inputs: Values, facts: Values, identity: Identity) -> Facts:
        return {"arn": self.identify(inputs, facts, identity), "owner": identity.account}

    def create(self, aws: Aws, inputs: Values) -> Facts:
        aws.client("sns").create_topic(
            Name=inputs["name"], Attributes=attributes(inputs, TOPIC), Tags=tag_list(inputs)
        )
        return {}

    def update(self, aws: Aws, inputs: Values, old: Values, facts: Values) -> None:
        sns, arn = aws.client("sns"), self.identify(inputs, facts, aws.identity)
        before, after = attributes(old, TOPIC), attributes(inputs, TOPIC)
        for name in sorted({*before, *after}):
            if before.get(name) != after.get(name):
                sns.set_topic_attributes(
                    TopicArn=arn, AttributeName=name, AttributeValue=after.get(name, "")
                )
        if gone := gone_tags(inputs, old):
            sns.untag_resource(ResourceArn=arn, TagKeys=gone)
        sns.tag_resource(ResourceArn=arn, Tags=tag_list(inputs))

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("sns").delete_topic(TopicArn=self.identify(inputs, facts, aws.identity))


class TopicPolicy(PutHandler):
    """Who may publish to a topic."""

    token = "aws:sns/topicPolicy:TopicPolicy"
    known = names("arn policy")
    replaced_by = names("arn")

    def validate(self, inputs: Facts) -> None:
        inputs["policy"] = documents.policy(inputs["policy"], documents.RESOURCE)

    def identify(self, inputs: Values, facts: Values, identity: Identity) -> str:
        return str(inputs["arn"])

    def outputs(self, inputs: Values, facts: Values, identity: Identity) -> Facts:
        return {"owner": identity.account}

    def settle(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("sns").set_topic_attributes(
            TopicArn=inputs["arn"], AttributeName="Policy", AttributeValue=inputs["policy"]
        )

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        # A topic always has a policy; what remains is AWS's default: its own account.
        default = {
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Allow",
                "Principal": {"AWS": aws.identity.global_arn("iam", "root")},
                "Action": "SNS:Publish",
                "Resource": inputs["arn"],
            },
        }
        self.settle(aws, {**inputs, "policy": documents.canonical(default)}, facts)


class TopicSubscription(Handler):
    """Who hears a topic."""

    token = "aws:sns/topicSubscription:TopicSubscription"
    known = frozenset(SUBSCRIPTION.values()) | names(
        "topic protocol endpoint endpointAutoConfirms confirmationTimeoutInMinutes"
    )
    replaced_by = names("topic protocol endpoint")

    def validate(self, inputs: Facts) -> None:
        canonical_documents(inputs)

    def invent(self, inputs: Values, seed: Seed, identity: Identity) -> Facts:
        return {"id": f"{inputs['topic']}:{seed.uuid()}"}

    def outputs(self, inputs: Values, facts: Values, identity: Identity) -> Facts:
        return {
            "arn": facts["id"],
            "ownerId": identity.account,
            "pendingConfirmation": inputs["protocol"] in ("email", "email-json", "http", "https"),
        }

    def create(self, aws: Aws, inputs: Values) -> Facts:
        answer = aws.client("sns").subscribe(
            TopicArn=inputs["topic"],
            Protocol=inputs["protocol"],
            Endpoint=inputs["endpoint"],
            Attributes=attributes(inputs, SUBSCRIPTION),
            ReturnSubscriptionArn=True,
        )
        return {"id": answer["SubscriptionArn"]}

    def update(self, aws: Aws, inputs: Values, old: Values, facts: Values) -> None:
        before, after = attributes(old, SUBSCRIPTION), attributes(inputs, SUBSCRIPTION)
        for name in sorted({*before, *after}):
            if before.get(name) != after.get(name):
                aws.client("sns").set_subscription_attributes(
                    SubscriptionArn=facts["id"],
                    AttributeName=name,
                    AttributeValue=after.get(name, ""),
                )

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("sns").unsubscribe(SubscriptionArn=facts["id"])


HANDLERS = (Topic(), TopicPolicy(), TopicSubscription())
