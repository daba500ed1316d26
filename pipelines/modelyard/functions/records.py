"""What the release function leaves behind: a record in evidence and a message to the team."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from modelyard.functions.service import put_json

_TOPIC_SUBJECT = 100


def keep(
    s3: Any, facts: Mapping[str, str], version: int | str, when: datetime, record: Mapping[str, Any]
) -> str:
    """Writes releases/<version>-<time>.json and returns its address.

    The name comes from when it happened, so that an event delivered twice leaves one record.
    """
    stamp = when.astimezone(UTC).strftime("%Y%m%dT%H%M%S%f")[:-3] + "Z"
    uri = f"s3://{facts['bucket_evidence']}/releases/{version}-{stamp}.json"
    document = {
        "project": facts["project"],
        "environment": facts["environment"],
        "endpoint": facts["endpoint"],
        "version": version,
        "time": when.astimezone(UTC).isoformat(timespec="milliseconds"),
        **record,
    }
    put_json(s3, uri, document, facts["key_arn"])
    return uri


def tell(sns: Any, facts: Mapping[str, str], subject: str, record: Mapping[str, Any]) -> None:
    """One message on the environment's alert topic."""
    sns.publish(
        TopicArn=facts["alert_topic"],
        Subject=subject[:_TOPIC_SUBJECT],
        Message=json.dumps({"subject": subject, **record}, indent=1, sort_keys=True),
    )
