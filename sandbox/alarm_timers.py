"""When alarms are looked at: soon, but not too often, and at the end of a period."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from sandbox.clock import Clock, Timer
from sandbox.metrics import Place

# However fast data arrive, an alarm is looked at so often per second of the world at most.
AT_MOST_EVERY = 0.2
Key = tuple[Place, str]


class Looks:
    """The timers of all alarms: at most one of each kind per alarm."""

    def __init__(self, clock: Clock, look: Callable[[Key], None]) -> None:
        self._clock, self._look = clock, look
        self._lock = threading.Lock()
        self._soon: dict[Key, Timer] = {}
        self._ends: dict[Key, Timer] = {}
        self._looked: dict[Key, float] = {}

    def soon(self, key: Key) -> None:
        """Look as soon as it is not too often."""
        with self._lock:
            if key in self._soon:
                return
            since = time.monotonic() - self._looked.get(key, 0.0)
            pause = max(0.0, AT_MOST_EVERY - since) * self._clock.rate
            due = self._clock.time() + pause
            self._soon[key] = self._clock.at(due, lambda due: self._now(key))

    def at_end(self, key: Key, end: float) -> None:
        """Look when a period ends, unless an earlier end is waited for."""
        with self._lock:
            timer = self._ends.get(key)
            if timer is not None:
                if timer.due <= end:
                    return
                timer.cancel()
            self._ends[key] = self._clock.at(end, lambda due: self._at_end(key))

    def forget(self, key: Key) -> None:
        """The alarm is gone."""
        with self._lock:
            self._looked.pop(key, None)
            if timer := self._ends.pop(key, None):
                timer.cancel()

    def _now(self, key: Key) -> None:
        self._soon.pop(key, None)
        self._looked[key] = time.monotonic()
        self._look(key)

    def _at_end(self, key: Key) -> None:
        self._ends.pop(key, None)
        self._look(key)
