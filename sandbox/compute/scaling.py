"""Application Auto Scaling at work: each minute of the clock, and when an alarm calls a policy."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from moto.cloudwatch.models import cloudwatch_backends
from moto.core.exceptions import ServiceException

from sandbox.compute import capacity
from sandbox.compute.operations import Scope
from sandbox.compute.scaling_targets import DIMENSION, NAMESPACE, policies, targets, variant_of
from sandbox.compute.scaling_wishes import Wish, step_wish, tracking_wish
from sandbox.metrics import MINUTE, Place

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox

log = logging.getLogger(__name__)


class Scaling:
    """Every account's scalable variants."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self._clock = sandbox.clock
        self._lock = threading.Lock()
        self._scopes: set[Scope] = set()
        self._acted: dict[tuple[str, str, str, bool], float] = {}
        self._activities: dict[tuple[str, str], list[dict[str, Any]]] = {}
        sandbox.alarms.listen(self._alarm)

    def begin(self, scope: Scope) -> None:
        """Look at an account's targets from now on, at the end of each minute."""
        with self._lock:
            waiting = bool(self._scopes)
            self._scopes.add(scope)
        if not waiting:
            now = self._clock.time()
            self._clock.at(now - now % MINUTE + MINUTE, self._minute)

    def activities(self, scope: Scope) -> list[dict[str, Any]]:
        """What was scaled, the latest first."""
        return self._activities.get((scope.account, scope.region), [])[::-1]

    def _minute(self, now: datetime) -> None:
        with self._lock:
            self._scopes = {scope for scope in self._scopes if targets(scope)}
            scopes = tuple(self._scopes)
        if scopes:
            self._clock.at(now + timedelta(seconds=MINUTE), self._minute)
        wishes = [
            wish
            for scope in scopes
            for target in targets(scope).values()
            if (wish := tracking_wish(scope, target, now.timestamp())) is not None
        ]
        self._fulfil_soon(wishes)

    def _alarm(self, place: Place, name: str, state: str) -> None:
        """An alarm whose action is a step scaling policy went off."""
        if state != "ALARM":
            return
        alarm = cloudwatch_backends[place.account][place.region].alarms.get(name)
        actions = set(alarm.alarm_actions) if alarm is not None and alarm.actions_enabled else set()
        if not any(":scalingPolicy:" in action for action in actions):
            return
        scope = Scope(self.sandbox, place.account, place.region)
        wishes = [
            wish
            for target in targets(scope).values()
            for policy in policies(scope, target.resource_id)
            if policy.policy_arn in actions
            if (wish := step_wish(scope, target, policy, alarm, self._clock.time())) is not None
        ]
        self._fulfil_soon(wishes)

    def _fulfil_soon(self, wishes: Sequence[Wish]) -> None:
        """Beside the clock's thread, but before the clock moves on."""
        if wishes:
            self.sandbox.hosting.begin()
            self.sandbox.submit(self._fulfil, wishes)

    def _fulfil(self, wishes: Sequence[Wish]) -> None:
        try:
            for wish in wishes:
                self._try(wish)
        finally:
            self.sandbox.hosting.end()

    def _try(self, wish: Wish) -> None:
        try:
            self._scale(wish)
        except ServiceException as error:
            # Another update is under way: the next minute asks again.
            log.info("%s was not scaled: %s", wish.target.resource_id, error)

    def _scale(self, wish: Wish) -> None:
        found = variant_of(wish.scope, wish.target.resource_id)
        if found is None:
            return
        endpoint, variant = found
        target = wish.target
        count = min(max(wish.count, target.min_capacity), target.max_capacity)
        out = count > variant.desired_count
        suspended = (target.suspended_state or {}).get(
            f"DynamicScaling{'Out' if out else 'In'}Suspended"
        )
        if count == variant.desired_count or suspended or not self._may_act(wish, out):
            return
        changes = [capacity.Change(variant, count=count)]
        capacity.begin(endpoint, changes)
        capacity.perform(endpoint, changes)
        self._note(wish, count)

    def _may_act(self, wish: Wish, out: bool) -> bool:
        """Whether the cooldown of the last activity of this kind is over.

        Scaling out is not held up by an earlier scale-in ("Define cooldown periods").
        """
        now = self._clock.time()
        place = (wish.scope.account, wish.scope.region, wish.target.resource_id)
        wait = wish.cooldown_out if out else wish.cooldown_in
        kinds = (True,) if out else (True, False)
        last = max(self._acted.get((*place, kind), float("-inf")) for kind in kinds)
        if now - last < wait:
            return False
        self._acted[(*place, out)] = now
        return True

    def _note(self, wish: Wish, count: int) -> None:
        now = self._clock.time()
        activity = {
            "ActivityId": str(uuid.uuid4()),
            "ServiceNamespace": NAMESPACE,
            "ResourceId": wish.target.resource_id,
            "ScalableDimension": DIMENSION,
            "Description": f"Setting desired instance count to {count}.",
            "Cause": f"{wish.cause} triggered policy {wish.policy}",
            "StartTime": now,
            "EndTime": now,
            "StatusCode": "Successful",
            "StatusMessage": f"Successfully set desired instance count to {count}.",
        }
        place = (wish.scope.account, wish.scope.region)
        self._activities.setdefault(place, []).append(activity)
