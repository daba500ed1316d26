"""EventBridge's PutEvents, routed to every target the sandbox delivers to."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from moto.events import notifications
from moto.events.models import EventsBackend, events_backends
from moto.events.responses import EventsHandler
from moto.s3 import notifications as s3_notifications

from sandbox.events import Event

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox


def install(sandbox: Sandbox) -> None:
    """Replace moto's delivery, which stops at targets it does not know."""

    def put_events(self: EventsBackend, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """moto's own services (S3 notifications) put events here."""
        return [_put(sandbox, self.account_id, self.region_name, entry) for entry in events]

    def answer(self: EventsHandler) -> str:
        entries = json.loads(self.body or "{}").get("Entries") or []
        results = [_asked(sandbox, self.current_account, self.region, entry) for entry in entries]
        failed = sum("ErrorCode" in result for result in results)
        return json.dumps({"FailedEntryCount": failed, "Entries": results})

    EventsBackend.put_events = put_events
    EventsHandler.put_events = answer
    notifications._send_safe_notification = lambda *args, **kwargs: None
    s3_notifications._send_event_bridge_message = partial(_object_event, sandbox)


def _asked(sandbox: Sandbox, account: str, region: str, entry: dict[str, Any]) -> dict[str, Any]:
    """A caller's own entry: only AWS speaks as AWS."""
    if str(entry.get("Source", "")).startswith("aws."):
        return _error("NotAuthorizedForSourceException", "Not authorized for the source.")
    return _put(sandbox, account, region, entry)


def _put(sandbox: Sandbox, account: str, region: str, entry: dict[str, Any]) -> dict[str, Any]:
    for name in ("Source", "DetailType", "Detail"):
        if not entry.get(name):
            return _error(
                "InvalidArgument",
                f"Parameter {name} is not valid. Reason: {name} is a required argument.",
            )
    try:
        detail = json.loads(entry["Detail"])
    except ValueError:
        return _error("MalformedDetail", "Detail is malformed.")
    bus = str(entry.get("EventBusName") or "default")
    if bus.startswith("arn:"):
        region, account = bus.split(":")[3:5]
        bus = bus.split(":event-bus/", 1)[-1]
    if bus not in events_backends[account][region].event_buses:
        return _error("ResourceNotFoundException", f"Event bus {bus} does not exist.")
    event = Event(
        account=account,
        region=region,
        source=entry["Source"],
        detail_type=entry["DetailType"],
        detail=detail,
        resources=tuple(entry.get("Resources") or ()),
        id=str(uuid.uuid4()),
        time=_time(entry.get("Time")) or sandbox.clock.now(),
        bus=bus,
    )
    sandbox.events.put(event)
    return {"EventId": event.id}


def _object_event(
    sandbox: Sandbox, account_id: str, bucket: Any, event_name: str, key: Any
) -> None:
    """S3's event for a bucket that notifies EventBridge."""
    sandbox.events.emit(
        account_id,
        bucket.region_name,
        "aws.s3",
        s3_notifications._detail_type(event_name),
        {
            "version": "0",
            "bucket": {"name": bucket.name},
            "object": {
                "key": key.name,
                "size": key.size,
                "etag": key.etag.strip('"'),
                "version-id": key.version_id,
            },
            "requester": account_id,
            "reason": event_name.split(":")[-1],
        },
        [bucket.arn],
    )


def _time(value: Any) -> datetime | None:
    return datetime.fromtimestamp(float(value), UTC) if value else None


def _error(code: str, message: str) -> dict[str, Any]:
    return {"ErrorCode": code, "ErrorMessage": message}
