"""The sandbox's time: runs as real time does, or faster, or is advanced; timers keep its order."""

from __future__ import annotations

import heapq
import itertools
import logging
import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

log = logging.getLogger(__name__)

# An advance lets what it started and whom it woke do their work before the clock moves on, but
# not for ever.
PATIENCE_WITH_SLEEPERS = 5.0
PATIENCE_WITH_WORK = 120.0
NOTICE = 0.01
# Moments pass through datetimes, which know microseconds.
EXACT = 1e-5
NOTICE_CANCEL = 0.1

Work = Callable[[datetime], None]


@dataclass(order=True)
class Timer:
    """Work due at one moment; cancelled timers are passed over."""

    due: float
    number: int
    work: Work | None = field(compare=False)

    def cancel(self) -> None:
        """Never run it."""
        self.work = None


class Clock:
    """Virtual time. It never goes back."""

    def __init__(self, rate: float = 1.0) -> None:
        self._changed = threading.Condition()
        self._advance = threading.Lock()
        self._advancing = False
        self._numbers = itertools.count()
        self._timers: list[Timer] = []
        self._sleepers: dict[int, float] = {}
        self._busy: list[Callable[[], bool]] = []
        self._rate = _checked(rate)
        self._real, self._virtual = time.monotonic(), time.time()
        self._began = self._virtual
        threading.Thread(target=self._run, daemon=True, name="clock").start()

    @property
    def rate(self) -> float:
        """Seconds of the sandbox per second of the world."""
        return self._rate

    def now(self) -> datetime:
        """The time in the sandbox."""
        return datetime.fromtimestamp(self.time(), UTC)

    def time(self) -> float:
        """The time in the sandbox as seconds since 1970."""
        with self._changed:
            return self._time()

    def monotonic(self) -> float:
        """Seconds of sandbox time since the clock began."""
        return self.time() - self._began

    def set_rate(self, rate: float) -> None:
        """Run at another pace from now on; 0 stops the clock."""
        with self._changed:
            self._virtual, self._real = self._time(), time.monotonic()
            self._rate = _checked(rate)
            self._changed.notify_all()

    def at(self, when: datetime | float, work: Work) -> Timer:
        """Have work done at a moment, or at once if it has passed; it is told its moment.

        Work runs on the clock's thread and must be short.
        """
        due = when.timestamp() if isinstance(when, datetime) else when
        timer = Timer(due, next(self._numbers), work)
        with self._changed:
            heapq.heappush(self._timers, timer)
            if self._timers[0] is timer:
                self._changed.notify_all()
        return timer

    def wait_for(self, busy: Callable[[], bool]) -> None:
        """Let no advance move on from a moment while what was due then keeps this busy."""
        self._busy.append(busy)

    def sleep(self, seconds: float, cancelled: threading.Event | None = None) -> None:
        """Wait for seconds of sandbox time, or until cancelled."""
        me = threading.get_ident()
        with self._changed:
            until = self._time() + seconds
            self._sleepers[me] = until
            self._changed.notify_all()
            try:
                while (left := until - self._time()) > 0:
                    if cancelled is not None and cancelled.is_set():
                        return
                    wait = left / self._rate if self._rate else math.inf
                    if cancelled is not None:
                        wait = min(wait, NOTICE_CANCEL)
                    self._changed.wait(min(wait, threading.TIMEOUT_MAX))
            finally:
                self._sleepers.pop(me, None)

    def advance(self, seconds: float) -> None:
        """Move on, stopping at each moment at which something is due so that it happens then."""
        if not seconds >= 0 or not math.isfinite(seconds):
            raise ValueError("the clock can only be advanced by a number of seconds, 0 or more")
        with self._advance:
            with self._changed:
                target = self._time() + seconds + EXACT
                self._advancing = True
            try:
                self._settle()
                while (moment := self._next_moment(target)) is not None:
                    self._step(moment)
                self._go_to(target)
            finally:
                with self._changed:
                    self._advancing = False
                    self._changed.notify_all()

    def _time(self) -> float:
        return self._virtual + (time.monotonic() - self._real) * self._rate

    def _go_to(self, moment: float) -> None:
        with self._changed:
            if moment > self._time():
                self._virtual, self._real = moment, time.monotonic()
            self._changed.notify_all()

    def _next_moment(self, target: float) -> float | None:
        with self._changed:
            moments = [timer.due for timer in self._timers[:1]]
            moments += [until for until in self._sleepers.values() if until > self._time()]
        return min((moment for moment in moments if moment <= target), default=None)

    def _step(self, moment: float) -> None:
        with self._changed:
            woken = [me for me, until in self._sleepers.items() if until <= moment]
        self._go_to(moment)
        self._fire(moment)
        self._wait(lambda: not self._awake(woken), PATIENCE_WITH_SLEEPERS)
        self._settle()

    def _settle(self) -> None:
        self._wait(lambda: not any(busy() for busy in self._busy), PATIENCE_WITH_WORK)

    def _awake(self, woken: list[int]) -> bool:
        """Whether a thread that woke has neither ended nor gone to sleep again."""
        alive = {thread.ident for thread in threading.enumerate()}
        now = self._time()
        return any(me in alive and self._sleepers.get(me, 0) <= now for me in woken)

    def _wait(self, done: Callable[[], bool], patience: float) -> None:
        until = time.monotonic() + patience
        while not done():
            if time.monotonic() > until:
                log.warning("the clock did not wait any longer for what was due")
                return
            time.sleep(NOTICE)

    def _fire(self, moment: float) -> None:
        """Run what is due, in order."""
        while True:
            with self._changed:
                if not self._timers or self._timers[0].due > moment:
                    return
                timer = heapq.heappop(self._timers)
            if timer.work is None:
                continue
            try:
                timer.work(datetime.fromtimestamp(timer.due, UTC))
            except Exception:
                log.exception("what was due at %s failed", timer.due)

    def _run(self) -> None:
        while True:
            with self._changed:
                while self._advancing or not self._is_due():
                    self._changed.wait(self._until_next())
                moment = self._time()
            with self._advance:
                self._fire(moment)

    def _is_due(self) -> bool:
        return bool(self._timers) and self._timers[0].due <= self._time()

    def _until_next(self) -> float | None:
        if self._advancing or not self._timers or not self._rate:
            return None
        return min((self._timers[0].due - self._time()) / self._rate, threading.TIMEOUT_MAX)


def _checked(rate: float) -> float:
    if not rate >= 0 or not math.isfinite(rate):
        raise ValueError("the clock's rate must be a number, 0 or more")
    return rate
