"""CloudTrail's event history: LookupEvents over the sandbox's audit trail."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from moto.cloudtrail.responses import CloudTrailResponse
from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult

from sandbox.audit import Entry
from sandbox.resource_arns import resource_name, resource_type

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox

PAGE = 50
ATTRIBUTES: dict[str, Callable[[Entry, str], bool]] = {
    "EventId": lambda entry, value: entry.record["eventID"] == value,
    "EventName": lambda entry, value: entry.record["eventName"] == value,
    "ReadOnly": lambda entry, value: str(entry.read_only).lower() == value.lower(),
    "Username": lambda entry, value: entry.user == value,
    "ResourceType": lambda entry, value: value in {r["ResourceType"] for r in _resources(entry)},
    "ResourceName": lambda entry, value: value in _names(entry),
    "EventSource": lambda entry, value: entry.record["eventSource"] == value,
    "AccessKeyId": lambda entry, value: entry.record["userIdentity"].get("accessKeyId") == value,
}


def install(sandbox: Sandbox) -> None:
    """Answer LookupEvents."""

    def lookup_events(self: CloudTrailResponse) -> ActionResult:
        asked = json.loads(self.body or "{}")
        found = list(_found(sandbox, self.current_account, self.region, asked))
        start = int(asked.get("NextToken") or 0)
        size = int(asked.get("MaxResults") or PAGE)
        result: dict[str, Any] = {"Events": [_event(e) for e in found[start : start + size]]}
        if start + size < len(found):
            result["NextToken"] = str(start + size)
        return ActionResult(result)

    CloudTrailResponse.lookup_events = lookup_events


def _found(sandbox: Sandbox, account: str, region: str, asked: dict[str, Any]) -> Iterator[Entry]:
    wanted = [(a["AttributeKey"], a["AttributeValue"]) for a in asked.get("LookupAttributes", [])]
    for key, _ in wanted:
        if key not in ATTRIBUTES:
            raise JsonRESTError(
                "InvalidLookupAttributesException", f"{key} is not a lookup attribute"
            )
    start, end = _time(asked.get("StartTime")), _time(asked.get("EndTime"))
    if start and end and start > end:
        raise JsonRESTError("InvalidTimeRangeException", "StartTime is after EndTime")
    for entry in sandbox.audit.newest_first():
        if not entry.management or (entry.account, entry.region) != (account, region):
            continue
        if (start and entry.time < start) or (end and entry.time > end):
            continue
        if all(ATTRIBUTES[key](entry, value) for key, value in wanted):
            yield entry


def _time(value: Any) -> datetime | None:
    if value is None:
        return None
    if isinstance(value, str):
        return datetime.fromisoformat(value)
    return datetime.fromtimestamp(float(value), UTC)


def _resources(entry: Entry) -> list[dict[str, str]]:
    return [
        {"ResourceType": resource_type(r["ARN"]), "ResourceName": resource_name(r["ARN"])}
        for r in entry.record["resources"]
    ]


def _names(entry: Entry) -> set[str]:
    return {r["ARN"] for r in entry.record["resources"]} | {
        r["ResourceName"] for r in _resources(entry)
    }


def _event(entry: Entry) -> dict[str, Any]:
    record = entry.record
    return {
        "EventId": record["eventID"],
        "EventName": record["eventName"],
        "ReadOnly": str(entry.read_only).lower(),
        "AccessKeyId": record["userIdentity"].get("accessKeyId"),
        "EventTime": entry.time,
        "EventSource": record["eventSource"],
        "Username": entry.user,
        "Resources": _resources(entry),
        "CloudTrailEvent": json.dumps(record, default=str),
    }
