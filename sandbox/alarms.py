"""Alarms that follow their metrics on the sandbox's clock.

An alarm is looked at when data of its metrics arrive and at the end of each period while data can
still change its state; between times it costs nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from moto.cloudwatch.models import cloudwatch_backends

from sandbox.alarm_actions import tell
from sandbox.alarm_messages import Condition
from sandbox.alarm_timers import Key, Looks
from sandbox.alarm_watch import Watch, Window
from sandbox.cloudwatch import composite, reasons
from sandbox.cloudwatch.judgement import State, judge
from sandbox.metrics import Metric, Place

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox

MANY = 200
Listener = Callable[[Place, str, State], None]


class Alarms:
    """The metric and composite alarms of all accounts."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._clock, self._metrics = sandbox.clock, sandbox.metrics
        self._lock = threading.RLock()
        self._watchers: dict[tuple[Place, Metric], set[str]] = {}
        self._listeners: list[Listener] = []
        self._looks = Looks(self._clock, self._look)
        sandbox.metrics.listen(self._heard)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Have each change of an alarm's state told, at once; what this returns ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def state(self, account: str, region: str, name: str) -> str:
        """OK, ALARM or INSUFFICIENT_DATA; KeyError when there is no such alarm."""
        return str(cloudwatch_backends[account][region].alarms[name].state_value)

    def watched(self, place: Place, metric: Metric) -> bool:
        """Whether an alarm watches the metric."""
        return bool(self._watchers.get((place, metric)))

    def defined(self, place: Place, alarm: Any) -> None:
        """An alarm was created or changed: look at it."""
        watch: Watch | None = alarm.modelyard_watch
        with self._lock:
            for metric in watch.metrics if watch else ():
                self._watchers.setdefault((place, metric), set()).add(alarm.name)
        self._looks.soon((place, alarm.name))

    def set_state(
        self, place: Place, alarm: Any, state: State, reason: str, data: str | None
    ) -> None:
        """SetAlarmState: it holds until the alarm is evaluated next."""
        with self._lock:
            self._become(place, alarm, state, reason, data)
            watch: Watch | None = alarm.modelyard_watch
            if watch:
                end = watch.boundary(self._clock.time()) + watch.step
                self._looks.at_end((place, alarm.name), end)

    def _find(self, key: Key) -> Any:
        place, name = key
        return cloudwatch_backends[place.account][place.region].alarms.get(name)

    def _heard(self, place: Place, metric: Metric, moment: float) -> None:
        """New data: what they may change at once is looked at, the rest at the period's end."""
        for name in tuple(self._watchers.get((place, metric), ())):
            key = (place, name)
            watch: Watch | None = getattr(self._find(key), "modelyard_watch", None)
            if watch is None:
                continue
            end = watch.boundary(self._clock.time())
            if watch.eager or moment < end:
                self._looks.soon(key)
            self._looks.at_end(key, end + watch.step)

    def _look(self, key: Key) -> None:
        with self._lock:
            alarm = self._find(key)
            if alarm is None:
                self._forget(key)
            elif alarm.rule is not None:
                self._evaluate_composite(key[0], alarm)
            else:
                self._evaluate(key, alarm, alarm.modelyard_watch)

    def _forget(self, key: Key) -> None:
        place, name = key
        self._looks.forget(key)
        for (where, _), names in self._watchers.items():
            if where == place:
                names.discard(name)

    def _evaluate(self, key: Key, alarm: Any, watch: Watch) -> None:
        place = key[0]
        now = self._clock.time()
        end = watch.boundary(now)
        following = end + watch.step
        window, state = self._judged(place, watch, end)
        if watch.is_certain(self._metrics, place, following - watch.period, following):
            early = self._judged(place, watch, following)
            if early[1] == "ALARM":
                window, state = early
        if state is not None and state != alarm.state_value:
            reason = reasons.reason(watch.criterion, state, window.starts, window.values)
            data = reasons.reason_data(
                watch.criterion, window.starts, window.values, watch.period, watch.single, now
            )
            self._become(place, alarm, state, reason, data)
        if (moment := self._next_end(place, watch, end)) is not None:
            self._looks.at_end(key, moment)

    def _judged(self, place: Place, watch: Watch, end: float) -> tuple[Window, State | None]:
        window = watch.window(self._metrics, place, end)
        if watch.few_samples_are_ignored and self._too_few(place, watch, window):
            return window, None
        return window, judge(watch.criterion, window.values)

    def _too_few(self, place: Place, watch: Watch, window: Window) -> bool:
        """Too few samples for a percentile ("Percentile-based alarms and low data samples")."""
        stat = watch.single
        if stat is None or not stat.statistic.startswith("p"):
            return False
        share = float(stat.statistic[1:]) / 100
        needed = 10 / max(1 - share if share >= 0.5 else share, 1e-9)
        series = self._metrics.series(place, stat.metric)
        start = window.starts[0]
        count = series.collect(start, start + watch.period, stat.unit).count
        return 0 < count < needed

    def _next_end(self, place: Place, watch: Watch, end: float) -> float | None:
        """When a datum next moves from one period of the window to another, if any does."""
        moments = watch.data_since(self._metrics, place, end)
        if len(moments) > MANY:
            return end + watch.step
        ends = []
        for moment in moments:
            enters = moment // watch.step * watch.step + watch.step
            passed = max(0.0, (end - enters) // watch.period + 1)
            if passed <= watch.criterion.range:
                ends.append(enters + passed * watch.period)
        return min(ends, default=None)

    def _evaluate_composite(self, place: Place, alarm: Any) -> None:
        rule: composite.Rule = alarm.modelyard_rule
        alarms = cloudwatch_backends[place.account][place.region].alarms
        states = {name: alarms[name].state_value for name in rule.alarms if name in alarms}
        state: State = "ALARM" if rule.holds(lambda name: states.get(name, "")) else "OK"
        if state != alarm.state_value:
            told = ", ".join(f"{name} is {value}" for name, value in states.items())
            self._become(place, alarm, state, f"{alarm.rule} was evaluated: {told}", None)

    def _become(
        self, place: Place, alarm: Any, state: State, reason: str, data: str | None
    ) -> None:
        now = self._clock.now()
        old = Condition(
            alarm.state_value,
            alarm.state_reason,
            alarm.state_reason_data,
            alarm.state_updated_timestamp.replace(tzinfo=UTC),
        )
        new = Condition(state, reason, data, now)
        alarm.state_value, alarm.state_reason, alarm.state_reason_data = state, reason, data
        alarm.state_updated_timestamp = _naive(now)
        if state == old.value:
            return
        alarm.state_transitioned_timestamp = _naive(now)
        for listener in tuple(self._listeners):
            listener(place, alarm.name, state)
        summary = f"Alarm updated from {old.value} to {state}"
        alarm.modelyard_history.append((now, "StateUpdate", summary, new, old))
        for told in tell(self._sandbox, alarm, place.account, new, old):
            alarm.modelyard_history.append((now, "Action", told, new, old))
        for other in list(cloudwatch_backends[place.account][place.region].alarms.values()):
            if other.rule is not None and alarm.name in other.modelyard_rule.alarms:
                self._evaluate_composite(place, other)


def _naive(when: datetime) -> datetime:
    return when.astimezone(UTC).replace(tzinfo=None)
