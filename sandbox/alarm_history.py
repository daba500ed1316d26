"""What became of alarms: their changes of state and the actions these led to."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any


def history(alarms: Iterable[Any], parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The items that DescribeAlarmHistory asks for, newest first unless told otherwise."""
    name, kind = parameters.get("AlarmName"), parameters.get("HistoryItemType")
    types = parameters.get("AlarmTypes") or ["MetricAlarm"]
    items = []
    for alarm in alarms:
        is_of = "MetricAlarm" if alarm.rule is None else "CompositeAlarm"
        if name not in (None, alarm.name) or (name is None and is_of not in types):
            continue
        for when, what, summary, new, old in alarm.modelyard_history:
            if kind in (None, what):
                data = {"version": "1.0", "oldState": _state(old), "newState": _state(new)}
                items.append(
                    {
                        "AlarmName": alarm.name,
                        "AlarmType": is_of,
                        "Timestamp": when,
                        "HistoryItemType": what,
                        "HistorySummary": summary,
                        "HistoryData": json.dumps(data),
                    }
                )
    since = _aware(parameters.get("StartDate"), datetime.min.replace(tzinfo=UTC))
    until = _aware(parameters.get("EndDate"), datetime.max.replace(tzinfo=UTC))
    items = [item for item in items if since <= item["Timestamp"] <= until]
    items.sort(
        key=lambda item: item["Timestamp"], reverse=parameters.get("ScanBy") != "TimestampAscending"
    )
    return items[: int(parameters.get("MaxRecords") or 100)]


def _state(condition: Any) -> dict[str, Any]:
    return {"stateValue": condition.value, "stateReason": condition.reason}


def _aware(when: datetime | None, default: datetime) -> datetime:
    if when is None:
        return default
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when
