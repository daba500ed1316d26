"""Rollback alarms while a deployment bakes: seen as soon as one of them goes off."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import datetime, timedelta

from sandbox.authorization import judge
from sandbox.clock import Timer
from sandbox.compute.failures import RunError
from sandbox.compute.operations import SERVICE, Scope

# The clock may run fast: alarms are looked at each second of it, but not all the time.
LEAST_REAL_SECONDS = 0.05


def missing(scope: Scope, names: Sequence[str]) -> list[str]:
    """The alarms among these that do not exist in the endpoint's account and region."""
    return [name for name in names if _state(scope, name) is None]


class AlarmWatch:
    """Looks at alarms in the order of the clock until it is told to stop."""

    def __init__(self, scope: Scope, role: str, names: Sequence[str]) -> None:
        self.tripped = threading.Event()
        self._scope, self._role, self._names = scope, role, tuple(names)
        self._alarming: list[str] = []
        self._ended = False
        self._timer: Timer | None = None

    @property
    def reason(self) -> str:
        """What went off, as the endpoint's FailureReason."""
        names = ", ".join(self._alarming)
        return f"One or more configured alarm(s) have entered into the ALARM state: [{names}]"

    def start(self) -> None:
        """Begin to watch; an alarm that is in ALARM already trips at once."""
        if self._names:
            self._require_permission()
            self._look(self._scope.sandbox.clock.now())

    def stop(self) -> None:
        """Watch no longer."""
        self._ended = True
        if self._timer is not None:
            self._timer.cancel()

    def _look(self, now: datetime) -> None:
        if self._ended or self.tripped.is_set():
            return
        self._alarming = [name for name in self._names if _state(self._scope, name) == "ALARM"]
        if self._alarming:
            self.tripped.set()
            return
        clock = self._scope.sandbox.clock
        wait = timedelta(seconds=max(1.0, LEAST_REAL_SECONDS * clock.rate))
        self._timer = clock.at(now + wait, self._look)

    def _require_permission(self) -> None:
        """ "Ensure that your IAM execution role has permission to perform the
        cloudwatch:DescribeAlarms action on the auto-rollback alarms you specify"
        ("Auto-Rollback Configuration and Monitoring")."""
        scope = self._scope
        watcher = scope.sandbox.principal_of(self._role, SERVICE)
        for name in self._names:
            arn = f"arn:aws:cloudwatch:{scope.region}:{scope.account}:alarm:{name}"
            decision = judge(watcher, "cloudwatch:DescribeAlarms", arn, scope.region, {})
            if not decision.allowed:
                raise RunError(
                    f"The execution role {self._role} may not perform cloudwatch:DescribeAlarms "
                    f"on alarm {name}: {decision.reason}"
                )


def _state(scope: Scope, name: str) -> str | None:
    try:
        return scope.sandbox.alarms.state(scope.account, scope.region, name)
    except KeyError:
        return None
