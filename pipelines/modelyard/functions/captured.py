"""What a monitoring run reads: the captured objects of a window, labels, and earlier summaries.

Only names are listed here; the rows are the job's business, and the role cannot read them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from modelyard.functions.windows import Window, scheduled

MONITORING = "monitoring/"
_HOUR = timedelta(hours=1)
_HOUR_IN_KEY = re.compile(r"/(\d{4})/(\d{2})/(\d{2})/(\d{2})/[^/]*$")
# A run reads no more objects than this, also to join labels that came late.
MOST_OBJECTS = 5000
EARLIER_SUMMARIES = 30


@dataclass(frozen=True)
class Inputs:
    """The keys of one run, and how far back captured ones reach for late labels."""

    captured: tuple[str, ...]
    labels: tuple[str, ...]
    summaries: tuple[str, ...]
    joined_from: datetime
    lag_seconds: float | None
    left_out: int

    @property
    def keys(self) -> tuple[str, ...]:
        return (*self.captured, *self.labels, *self.summaries)


def inputs(s3: Any, bucket: str, prefix: str, window: Window, label_days: int) -> Inputs:
    """The objects of a window; `prefix` is where the captured ones of the endpoint lie.

    Labels are joined to answers of up to `label_days` before the window.
    """
    labels = [item["Key"] for item in _objects(s3, bucket, "labels/")]
    reach = window.start - timedelta(days=label_days) if labels else window.start
    found = list(_captured(s3, bucket, prefix, Window(reach, window.end)))
    # The newest are the window's own: what is too much is left out at the far end, and counted.
    kept = found[-MOST_OBJECTS:]
    lags = [
        (item["LastModified"] - hour - _HOUR).total_seconds()
        for hour, item in kept
        if hour + _HOUR > window.start
    ]
    return Inputs(
        captured=tuple(item["Key"] for _, item in kept),
        labels=tuple(labels[-MOST_OBJECTS:]),
        summaries=tuple(_summaries(s3, bucket, window)),
        joined_from=max(reach, kept[0][0]) if len(kept) < len(found) else reach,
        lag_seconds=max(0.0, *lags) if lags else None,
        left_out=len(found) - len(kept),
    )


def looked_at(s3: Any, bucket: str) -> list[Window]:
    """The windows that scheduled runs were started for, oldest first."""
    return scheduled(_folders(s3, bucket, MONITORING))


def _captured(
    s3: Any, bucket: str, prefix: str, window: Window
) -> Iterator[tuple[datetime, dict[str, Any]]]:
    """Objects by the hour in their key, oldest first; one hour more, for what arrived late."""
    until = window.end + _HOUR
    found = []
    for variant in _folders(s3, bucket, prefix):
        day = window.start.replace(hour=0, minute=0, second=0, microsecond=0)
        while day < until:
            for item in _objects(s3, bucket, f"{prefix}{variant}/{day:%Y/%m/%d}/"):
                match = _HOUR_IN_KEY.search(item["Key"])
                if match:
                    year, month, date, hour = map(int, match.groups())
                    at = datetime(year, month, date, hour, tzinfo=window.start.tzinfo)
                    if window.start - _HOUR < at < until:
                        found.append((at, item))
            day += timedelta(days=1)
    yield from sorted(found, key=lambda one: (one[0], one[1]["Key"]))


def _summaries(s3: Any, bucket: str, window: Window) -> list[str]:
    keys = {item["Key"] for item in _objects(s3, bucket, MONITORING)}
    earlier = [one for one in looked_at(s3, bucket) if one.start < window.start]
    wanted = [f"{MONITORING}{one.name}/summary.json" for one in earlier]
    return [key for key in wanted if key in keys][-EARLIER_SUMMARIES:]


def _folders(s3: Any, bucket: str, prefix: str) -> list[str]:
    pages = s3.get_paginator("list_objects_v2").paginate(
        Bucket=bucket, Prefix=prefix, Delimiter="/"
    )
    return [
        folder["Prefix"].removeprefix(prefix).rstrip("/")
        for page in pages
        for folder in page.get("CommonPrefixes", [])
    ]


def _objects(s3: Any, bucket: str, prefix: str) -> Iterator[dict[str, Any]]:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    for page in pages:
        yield from page.get("Contents", [])
