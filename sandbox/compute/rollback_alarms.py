"""Rollback alarms of a deployment: seen as soon as one of them goes off."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from sandbox.authorization import judge
from sandbox.compute.failures import RunError
from sandbox.compute.operations import SERVICE, Scope
from sandbox.metrics import Place


def missing(scope: Scope, names: Sequence[str]) -> list[str]:
    """The alarms among these that do not exist in the endpoint's account and region."""
    return [name for name in names if _state(scope, name) is None]


class AlarmWatch:
    """Hears of alarms from `start` to `stop`; one that is in ALARM already trips at once."""

    def __init__(self, scope: Scope, role: str, names: Sequence[str]) -> None:
        self.tripped = threading.Event()
        self._scope, self._role, self._names = scope, role, tuple(names)
        self._alarming: list[str] = []
        self._lock = threading.Lock()
        self._unlisten: Callable[[], None] = lambda: None
        self._ended = False

    @property
    def reason(self) -> str:
        """What went off, as the endpoint's FailureReason."""
        names = ", ".join(self._alarming)
        return f"One or more configured alarm(s) have entered into the ALARM state: [{names}]"

    def start(self) -> None:
        """Begin to watch."""
        if not self._names:
            return
        self._require_permission()
        self._unlisten = self._scope.sandbox.alarms.listen(self._heard)
        for name in self._names:
            self._note(name, _state(self._scope, name))

    def stop(self) -> None:
        """Watch no longer: what was to be undone is undone."""
        self._unlisten()
        with self._lock:
            self._ended = True
            if self.tripped.is_set():
                self._scope.sandbox.hosting.end()

    def _heard(self, place: Place, name: str, state: str) -> None:
        here = Place(self._scope.account, self._scope.region)
        if place == here and name in self._names:
            self._note(name, state)

    def _note(self, name: str, state: str | None) -> None:
        """The clock waits from the moment an alarm trips until the deployment is undone."""
        with self._lock:
            if state != "ALARM" or self._ended or name in self._alarming:
                return
            self._alarming.append(name)
            if not self.tripped.is_set():
                self._scope.sandbox.hosting.begin()
                self.tripped.set()

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
