"""SQS queues."""

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
)
from sandbox.provider.identity import Identity, Seed

QUEUE = {
    "DelaySeconds": "delaySeconds",
    "KmsMasterKeyId": "kmsMasterKeyId",
    "KmsDataKeyReusePeriodSeconds": "kmsDataKeyReusePeriodSeconds",
    "MaximumMessageSize": "maxMessageSize",
    "MessageRetentionPeriod": "messageRetentionSeconds",
    "Policy": "policy",
    "ReceiveMessageWaitTimeSeconds": "receiveWaitTimeSeconds",
    "RedrivePolicy": "redrivePolicy",
    "RedriveAllowPolicy": "redriveAllowPolicy",
    "SqsManagedSseEnabled": "sqsManagedSseEnabled",
    "VisibilityTimeout": "visibilityTimeoutSeconds",
    "FifoQueue": "fifoQueue",
    "ContentBasedDeduplication": "contentBasedDeduplication",
}


class Queue(Handler):
    """A queue."""

    token = "aws:sqs/queue:Queue"
    known = frozenset(QUEUE.values()) | names("name namePrefix")
    replaced_by = names("name fifoQueue")
    tagged = True
    named_by = "name"
    name_pattern = r"[A-Za-z0-9_-]{1,75}(\.fifo)?|[A-Za-z0-9_-]{1,80}"

    def validate(self, inputs: Facts) -> None:
        canonical_documents(inputs)

    def invent(self, inputs: Values, seed: Seed, identity: Identity) -> Facts:
        host = f"sqs.{identity.region}.amazonaws.com"
        return {"id": f"https://{host}/{identity.account}/{inputs['name']}"}

    def identify(self, inputs: Values, facts: Values, identity: Identity) -> str:
        return str(facts["id"])

    def outputs(self, inputs: Values, facts: Values, identity: Identity) -> Facts:
        return {"arn": identity.arn("sqs", str(inputs["name"])), "url": facts["id"]}

    def create(self, aws: Aws, inputs: Values) -> Facts:
        answer = aws.client("sqs").create_queue(
            QueueName=inputs["name"],
            Attributes=attributes(inputs, QUEUE),
            tags=dict(inputs["tagsAll"]),
        )
        return {"id": answer["QueueUrl"]}

    def update(self, aws: Aws, inputs: Values, old: Values, facts: Values) -> None:
        sqs, url = aws.client("sqs"), facts["id"]
        sqs.set_queue_attributes(QueueUrl=url, Attributes=attributes(inputs, QUEUE))
        if gone := gone_tags(inputs, old):
            sqs.untag_queue(QueueUrl=url, TagKeys=gone)
        sqs.tag_queue(QueueUrl=url, Tags=dict(inputs["tagsAll"]))

    def imported(self, id_: str) -> tuple[Facts, Facts]:
        return {"name": id_.rsplit("/", 1)[-1]}, {"id": id_}

    def live(self, aws: Aws, inputs: Values, facts: Values) -> Facts:
        answer = aws.client("sqs").get_queue_attributes(
            QueueUrl=facts["id"], AttributeNames=["All"]
        )
        told = answer["Attributes"]
        stated = attributes(inputs, QUEUE)
        # What AWS reports beyond what was stated are its defaults or other resources' affairs.
        return {QUEUE[name]: _typed(inputs[QUEUE[name]], told.get(name)) for name in stated}

    def find(self, aws: Aws, inputs: Values) -> tuple[Facts, dict[str, str]] | None:
        sqs = aws.client("sqs")
        url = sqs.get_queue_url(QueueName=inputs["name"])["QueueUrl"]
        return {"id": url}, dict(sqs.list_queue_tags(QueueUrl=url).get("Tags") or {})

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("sqs").delete_queue(QueueUrl=facts["id"])


def _typed(stated: object, text: str | None) -> object:
    """An attribute's text in the type in which the program states it."""
    if text is None or isinstance(stated, bool):
        return None if text is None else text == "true"
    if isinstance(stated, int):
        return int(text)
    return documents.canonical(text) if text.startswith("{") else text


class QueuePolicy(PutHandler):
    """Who may use a queue."""

    token = "aws:sqs/queuePolicy:QueuePolicy"
    known = names("queueUrl policy")
    replaced_by = names("queueUrl")

    def validate(self, inputs: Facts) -> None:
        inputs["policy"] = documents.policy(inputs["policy"], documents.RESOURCE)

    def identify(self, inputs: Values, facts: Values, identity: Identity) -> str:
        return str(inputs["queueUrl"])

    def settle(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("sqs").set_queue_attributes(
            QueueUrl=inputs["queueUrl"], Attributes={"Policy": inputs["policy"]}
        )

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("sqs").set_queue_attributes(
            QueueUrl=inputs["queueUrl"], Attributes={"Policy": ""}
        )


HANDLERS = (Queue(), QueuePolicy())
