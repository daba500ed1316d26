"""Nothing travels in the clear."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from policies.guardrails.resource import BUCKET, Estate, Resource
from policies.guardrails.rule import Rule, Severity
from policies.guardrails.statements import refuses_plain_http

_BUCKET_POLICY: Final = "aws:s3/bucketPolicy:BucketPolicy"
_TOPIC: Final = "aws:sns/topic:Topic"
_TOPIC_POLICY: Final = "aws:sns/topicPolicy:TopicPolicy"
_SUBSCRIPTION: Final = "aws:sns/topicSubscription:TopicSubscription"


def check(resource: Resource, estate: Estate) -> Iterator[str]:
    """Buckets and topics refuse plain HTTP; nothing is delivered to a plain address."""
    if resource.type == BUCKET:
        if not estate.settings_of(resource, _BUCKET_POLICY):
            yield "the bucket has no policy that refuses requests without TLS"
    elif resource.type == _TOPIC:
        if not estate.about(resource, _TOPIC_POLICY, "arn", "arn"):
            yield "the topic has no policy that refuses requests without TLS"
    elif resource.type == _SUBSCRIPTION:
        if resource.value("protocol") == "http":
            yield "messages leave over plain HTTP"
    elif not any(refuses_plain_http(each) for each in resource.document("policy")):
        yield "the policy does not refuse requests without TLS"


RULE = Rule(
    id="tls-only",
    control="Buckets and topics refuse whatever does not come over TLS.",
    severity=Severity.HIGH,
    owner="platform-security",
    rationale="AWS still answers plain HTTP on some addresses; a proxy on the way could read or "
    "change data and models.",
    remedy="Add a Deny on aws:SecureTransport = false for every principal; deliver to https.",
    references=("Security Hub S3.5", "EU AI Act Art. 15", "ISO/IEC 42001 A.7"),
    effective=date(2026, 11, 21),
    types=frozenset({BUCKET, _BUCKET_POLICY, _TOPIC, _TOPIC_POLICY, _SUBSCRIPTION}),
    check=check,
    across=frozenset({BUCKET, _TOPIC}),
)
