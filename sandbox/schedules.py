"""What recurs: timers on the sandbox's clock for schedules and for rules that are schedules."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.clock import Clock, Timer
from sandbox.schedule_expressions import Expression

MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Recurrence:
    """When something recurs. Rates count from `anchor`; nothing happens before it, nor at or
    after `end`."""

    expression: Expression
    anchor: datetime
    end: datetime | None = None
    counts_anchor: bool = True

    def after(self, moment: datetime) -> datetime | None:
        """The first occurrence after a moment."""
        first = self.anchor - MOMENT if self.counts_anchor else self.anchor
        following = self.expression.after(max(moment, first), self.anchor)
        return following if following and (not self.end or following < self.end) else None


@dataclass
class _Armed:
    recurrence: Recurrence
    timer: Timer | None = None


class Schedules:
    """The timers of all schedules, by ARN."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._armed: dict[str, _Armed] = {}

    def anchor(self, arn: str, expression: Expression) -> datetime | None:
        """From where a schedule counts that has this expression already."""
        held = self._armed.get(arn)
        same = held is not None and held.recurrence.expression == expression
        return held.recurrence.anchor if held and same else None

    def arm(
        self,
        arn: str,
        recurrence: Recurrence,
        due: Callable[[datetime], None],
        over: Callable[[], None] = lambda: None,
    ) -> None:
        """Call `due` at each occurrence from now on, and `over` when no more will come."""
        began = self._clock.now() - MOMENT
        armed = _Armed(recurrence)
        with self._lock:
            self._cancel(arn)
            self._armed[arn] = armed
            self._set(arn, armed, began, due, over)

    def disarm(self, arn: str) -> None:
        """Nothing more is due."""
        with self._lock:
            self._cancel(arn)

    def _cancel(self, arn: str) -> None:
        held = self._armed.pop(arn, None)
        if held and held.timer:
            held.timer.cancel()

    def _set(
        self,
        arn: str,
        armed: _Armed,
        after: datetime,
        due: Callable[[datetime], None],
        over: Callable[[], None],
    ) -> bool:
        moment = armed.recurrence.after(after)
        if moment is None:
            return False

        def occur(_: datetime) -> None:
            with self._lock:
                if self._armed.get(arn) is not armed:
                    return
                more = self._set(arn, armed, moment, due, over)
            due(moment)
            if not more:
                over()

        armed.timer = self._clock.at(moment, occur)
        return True
