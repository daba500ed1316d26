"""One served model in one line: version, age, traffic, drift, quality, alarms, the next look."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from modelyard import release
from modelyard.aws import Place
from modelyard.functions.alert_state import State, loaded
from modelyard.functions.windows import moment, scheduled
from modelyard.workspace import Workspace

_DAILY = re.compile(r"cron\((\d{1,2}) (\d{1,2}) \* \* \? \*\)")
_MONITORING = "monitoring/"


@dataclass(frozen=True)
class Line:
    """What is known of a model in an environment; None where nothing is."""

    project: str
    environment: str
    version: int | None
    since: datetime | None
    served: float | None
    drift: float | None
    quality: float | None
    alarms: tuple[str, ...]
    judged_until: datetime | None
    schedule: str

    def text(self, now: datetime) -> str:
        """The line as people read it."""
        shown = [f"{self.project} {self.environment}"]
        if self.version is None:
            return f"{shown[0]}: nothing is served yet"
        age = f", {_age(now - self.since)} old" if self.since else ""
        shown.append(f"version {self.version}{age}")
        traffic = "no traffic counted" if self.served is None else f"{self.served:,.0f} requests"
        shown.append(f"{traffic} in the last window")
        shown.append(f"drift {_number(self.drift)}")
        shown.append(f"quality {_number(self.quality)}")
        shown.append(f"alarm {', '.join(self.alarms)}" if self.alarms else "no alarm")
        shown.append(f"next look {next_look(self.schedule, now)}")
        return "  ".join(shown)


def line(place: Place, workspace: Workspace) -> Line:
    """The line of a place, from the release's state and monitoring's own files."""
    known = release.state(place, workspace)
    s3, bucket = place.client("s3"), workspace.bucket_predictions
    summary = _newest_summary(s3, bucket)
    metrics = {one["name"]: one["value"] for one in (summary or {}).get("metrics", ())}
    state = _alarms(s3, bucket)
    now = release.look(place)
    return Line(
        project=place.project.name,
        environment=place.environment,
        version=now.version if now else (known.version if known else None),
        since=moment(known.since) if known else None,
        served=(summary or {}).get("served"),
        drift=metrics.get("DriftScore"),
        quality=metrics.get("Quality"),
        alarms=tuple(f"{one.id} since {one.since:%Y-%m-%d %H:%M}" for one in state.alarms.values()),
        judged_until=moment(summary["window"]["end"]) if summary else None,
        schedule=str(workspace.monitoring.get("schedule", "")),
    )


def next_look(expression: str, now: datetime) -> str:
    """When a daily schedule calls next; any other as it is written."""
    daily = _DAILY.fullmatch(expression)
    if daily is None:
        return expression
    at = now.replace(hour=int(daily[2]), minute=int(daily[1]), second=0, microsecond=0)
    at += timedelta(days=at <= now)
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _newest_summary(s3: Any, bucket: str) -> Mapping[str, Any] | None:
    """What the last scheduled run found; a run under way has none yet."""
    pages = s3.get_paginator("list_objects_v2").paginate(
        Bucket=bucket, Prefix=_MONITORING, Delimiter="/"
    )
    folders = [
        one["Prefix"].removeprefix(_MONITORING).rstrip("/")
        for page in pages
        for one in page.get("CommonPrefixes", [])
    ]
    for window in reversed(scheduled(folders)):
        found = _document(s3, bucket, f"{_MONITORING}{window.name}/summary.json")
        if found is not None:
            return found
    return None


def _alarms(s3: Any, bucket: str) -> State:
    found = _document(s3, bucket, f"{_MONITORING}state/alerts.json")
    return loaded(found) if found else State()


def _document(s3: Any, bucket: str, key: str) -> Mapping[str, Any] | None:
    try:
        body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    except s3.exceptions.NoSuchKey:
        return None
    document: Mapping[str, Any] = json.loads(body)
    return document


def _number(value: float | None) -> str:
    return "not measured" if value is None else f"{value:.3f}"


def _age(passed: timedelta) -> str:
    hours = max(0, int(passed.total_seconds() // 3600))
    return f"{hours // 24} d" if hours >= 48 else f"{hours} h"
