"""From log groups into delivery streams: what a subscription sends, and as whom."""

from __future__ import annotations

import gzip
import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.authorization import judge
from sandbox.sessions import Principal
from sandbox.trust import TrustError, role_by_arn, trusts

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox

log = logging.getLogger(__name__)

# A record of Firehose holds 1,000 KiB before it is compressed.
LARGEST_RECORD = 1000 * 1024


@dataclass(frozen=True)
class Source:
    """A log stream and the subscription of its group that wants its events."""

    group: Any
    stream: str
    subscription: str


def subscribe(sandbox: Sandbox, source: Source, arn: str, role: str, events: Sequence[Any]) -> None:
    """Log events for a delivery stream, as the subscription's role."""
    try:
        require(role, arn, source.group)
    except TrustError as error:
        log.warning("the subscription %s delivers nothing: %s", source.subscription, error)
        return
    for part in _parts(events):
        document = {
            "messageType": "DATA_MESSAGE",
            "owner": source.group.account_id,
            "logGroup": source.group.name,
            "logStream": source.stream,
            "subscriptionFilters": [source.subscription],
            "logEvents": part,
        }
        sandbox.log_delivery.put(arn, [gzip.compress(json.dumps(document).encode(), 1)])


def require(role_arn: str, arn: str, group: Any) -> None:
    """The role must trust CloudWatch Logs and be allowed to put records; else TrustError."""
    role, account = role_by_arn(role_arn)
    context = {
        "aws:SourceAccount": group.account_id,
        "aws:SourceArn": f"arn:aws:logs:{group.region}:{group.account_id}:*",
    }
    services = ("logs.amazonaws.com", f"logs.{group.region}.amazonaws.com")
    if not any(
        trusts(role, account, "sts:AssumeRole", "", context, service).allowed
        for service in services
    ):
        raise TrustError(f"{role_arn} does not trust {services[0]}")
    principal = Principal("AssumedRole", account, role.arn, "")
    decision = judge(principal, "firehose:PutRecordBatch", arn, group.region, {})
    if not decision.allowed:
        raise TrustError(f"{role_arn} may not put records on {arn}: {decision.reason}")


def _parts(events: Sequence[Any]) -> Iterator[list[dict[str, Any]]]:
    """Log events in records that are not too large."""
    part: list[dict[str, Any]] = []
    size = 0
    for event in events:
        length = len(event["message"]) + 100
        if part and size + length > LARGEST_RECORD:
            yield part
            part, size = [], 0
        part.append({**event, "id": f"{event['id']:056d}"})
        size += length
    if part:
        yield part
