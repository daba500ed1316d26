"""EventBridge that delivers: events are matched by stored rules and handed to their targets."""

from __future__ import annotations

import logging
import queue
import threading
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from moto.events.models import events_backends

from sandbox.event_input import shaped
from sandbox.event_targets import DeliveryError, deliver, to_dead_letters
from sandbox.under_way import UnderWay

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox

log = logging.getLogger(__name__)

CONCERNED = "ENABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"


@dataclass(frozen=True)
class Event:
    """One event on a bus of one account and region."""

    account: str
    region: str
    source: str
    detail_type: str
    detail: Mapping[str, Any]
    resources: Sequence[str] = ()
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    time: datetime = field(kw_only=True)
    bus: str = "default"
    sender: str | None = None
    hops: int = 0

    def document(self) -> dict[str, Any]:
        """The event as targets see it."""
        return {
            "version": "0",
            "id": self.id,
            "detail-type": self.detail_type,
            "source": self.source,
            "account": self.sender or self.account,
            "time": self.time.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "region": self.region,
            "resources": list(self.resources),
            "detail": dict(self.detail),
        }

    def forwarded(self, account: str, region: str, bus: str) -> Event:
        """The same event on another bus, which may be in another account."""
        sender = self.sender or self.account
        return replace(
            self, account=account, region=region, bus=bus, sender=sender, hops=self.hops + 1
        )


class EventRouter:
    """Matches events in the order they arrive, on one thread; deliveries run beside it."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._arrived: queue.SimpleQueue[tuple[Event, Any]] = queue.SimpleQueue()
        self._under_way = UnderWay()
        sandbox.clock.wait_for(self._under_way.busy)
        threading.Thread(target=self._route, daemon=True, name="events").start()

    def emit(
        self,
        account: str,
        region: str,
        source: str,
        detail_type: str,
        detail: Mapping[str, Any],
        resources: Sequence[str] = (),
    ) -> None:
        """Put an AWS service's event on the default bus."""
        now = self._sandbox.clock.now()
        self.put(Event(account, region, source, detail_type, detail, tuple(resources), time=now))

    def put(self, event: Event) -> None:
        """Put an event on its bus."""
        self._under_way.begin()
        self._arrived.put((event, None))

    def fire(self, rule: Any, event: Event) -> None:
        """Hand a scheduled event to the targets of its rule."""
        self._under_way.begin()
        self._arrived.put((event, rule))

    def _route(self) -> None:
        while True:
            event, rule = self._arrived.get()
            try:
                if rule is None:
                    self._match(event)
                else:
                    self._reach(event, event.document(), rule)
            except Exception:
                log.exception("event %s %s was not routed", event.source, event.detail_type)
            finally:
                self._under_way.end()

    def _match(self, event: Event) -> None:
        bus = events_backends[event.account][event.region].event_buses.get(event.bus)
        rules = list(bus.rules.values()) if bus else []
        if not rules:
            return
        document = event.document()
        for rule in rules:
            # A rule without a pattern is a schedule, which no event starts.
            if rule.state not in CONCERNED or not rule.event_pattern.get_pattern():
                continue
            if rule.event_pattern.matches_event(document):
                self._reach(event, document, rule)

    def _reach(self, event: Event, document: dict[str, Any], rule: Any) -> None:
        for target in list(rule.targets):
            self._hand_over(event, document, rule.arn, target)

    def _hand_over(
        self, event: Event, document: dict[str, Any], rule: str, target: dict[str, Any]
    ) -> None:
        try:
            deliver(self._sandbox, event, rule, target, shaped(document, rule, target))
        except DeliveryError as error:
            log.warning("rule %s did not reach %s: %s", rule, target["Arn"], error)
            to_dead_letters(event, document, rule, target, str(error))
