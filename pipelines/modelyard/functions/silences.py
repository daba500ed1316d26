"""What people silenced, until when and why: records in evidence that nobody can change.

Written by `modelyard silence` as the person themselves, under a folder that only they may write to;
the newest record about a finding counts, and one whose time is over counts for nothing.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from modelyard.functions.windows import moment

FOLDER = "silences/"
LONGEST = timedelta(days=14)


def in_force(s3: Any, bucket: str, now: datetime) -> frozenset[str]:
    """The findings that are silenced at this moment; `*` stands for all."""
    newest: dict[str, tuple[datetime, datetime]] = {}
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=FOLDER)
    for item in (item for page in pages for item in page.get("Contents", [])):
        record: Mapping[str, Any] = json.loads(
            s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read()
        )
        at, until = moment(record["at"]), moment(record["until"])
        known = newest.get(record["finding"])
        if known is None or at > known[0]:
            newest[record["finding"]] = (at, min(until, at + LONGEST))
    return frozenset(name for name, (_, until) in newest.items() if until > now)
