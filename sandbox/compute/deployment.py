"""One deployment: a new fleet comes up and takes the traffic in steps, or gives it back.

The old fleet answers until the traffic is gone from it and its last request is answered.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from moto.core.exceptions import ServiceException
from moto.core.utils import utcnow

from sandbox.compute import endpoint_events as events
from sandbox.compute.deployment_plan import Plan, Step
from sandbox.compute.failures import RunError, shorten
from sandbox.compute.fleet import Fleet
from sandbox.compute.rollback_alarms import AlarmWatch

if TYPE_CHECKING:
    from sandbox.compute.endpoint import Endpoint

log = logging.getLogger(__name__)


class Deployment:
    """CreateEndpoint (without an old fleet) or UpdateEndpoint, from request to end."""

    def __init__(self, endpoint: Endpoint, green: Fleet, plan: Plan) -> None:
        self._endpoint, self._green, self._plan = endpoint, green, plan
        self._blue = endpoint.fleet
        self._old = endpoint.traffic.fleets  # more than one after a rollback that failed
        self._clock = endpoint.scope.sandbox.clock
        self._began, self._deadline = utcnow(), float("inf")
        if plan.limit is not None:
            self._deadline = self._clock.monotonic() + plan.limit
        self._active = 0

    def run(self) -> None:
        """All of it; each way it can end leaves an endpoint that says what happened."""
        watch = AlarmWatch(self._endpoint.scope, self._role(), self._plan.alarms)
        try:
            self._launch()
            watch.start()
            for step in self._plan.steps:
                self._check(watch)  # before any traffic moves
                self._activate(step)
                self._bake(step, watch)
                self._check(watch)
        except Exception as error:
            if not isinstance(error, (RunError, ServiceException)):
                log.exception("%s failed inside the sandbox", self._endpoint.arn)
            self._give_up(shorten(str(error)))
        else:
            self._complete()
        finally:
            watch.stop()

    def summary(self) -> dict[str, Any]:
        """The PendingDeploymentSummary."""
        green = self._green
        return {
            "EndpointConfigName": green.config_name,
            "StartTime": self._began,
            "ProductionVariants": [item.pending(self._active) for item in green.variants.values()],
        } | (
            {"ShadowProductionVariants": [i.pending(i.count) for i in green.shadows.values()]}
            if green.shadows
            else {}
        )

    def _role(self) -> str:
        return str(next(iter(self._green.variants.values())).made.role)

    def _launch(self) -> None:
        self._note("Creating", f"Launching {self._green.count} instance(s).")
        self._green.start()

    def _activate(self, step: Step) -> None:
        """Turn traffic on; from here on the new fleet answers its share."""
        self._active = step.active
        self._note("ActivatingTraffic", step.activating)
        endpoint = self._endpoint
        if self._blue is None:
            endpoint.traffic.shift((self._green, 1.0))
            return
        endpoint.traffic.shift((self._blue, 1 - step.share), (self._green, step.share))
        if self._plan.rolling:
            self._shrink(step)

    def _shrink(self, step: Step) -> None:
        """A rolling deployment terminates as many old instances as took over."""
        for variant in self._blue.variants.values() if self._blue else ():
            left = max(0, variant.desired_count - step.active)
            variant.note("Deleting", f"Terminating {variant.count - left} instance(s).")
            variant.count = left
        events.deployment_changed(self._endpoint)

    def _bake(self, step: Step, watch: AlarmWatch) -> None:
        if step.bake:
            self._note("Baking", step.baking)
            ends = min(step.bake, max(0.0, self._deadline - self._clock.monotonic()))
            self._clock.sleep(ends, watch.tripped)

    def _check(self, watch: AlarmWatch) -> None:
        """Go no further once an alarm is on or the time is up."""
        if watch.tripped.is_set():
            raise RunError(watch.reason)
        if self._clock.monotonic() >= self._deadline:
            raise RunError(
                f"The deployment did not complete within MaximumExecutionTimeoutInSeconds "
                f"({self._plan.limit} seconds)"
            )

    def _complete(self) -> None:
        endpoint, blue = self._endpoint, self._blue
        for variant in self._green.everything:
            variant.settle()
        if blue is not None:
            for variant in blue.variants.values():
                variant.note("Deleting", f"Terminating {variant.count} instance(s).")
            events.deployment_changed(endpoint)
        endpoint.finish(self._green, "InService", None)
        for fleet in self._old:
            endpoint.scope.sandbox.submit(fleet.stop)

    def _give_up(self, reason: str) -> None:
        """Back to what served before; an endpoint that never served has failed."""
        endpoint, blue = self._endpoint, self._blue
        if blue is None:
            endpoint.finish(None, "Failed", reason)
            self._green.stop()
            return
        endpoint.roll_back(reason)
        if self._plan.rolling and not self._restore(blue):
            endpoint.finish(blue, "UpdateRollbackFailed", reason)
            return
        endpoint.traffic.shift((blue, 1.0))
        for fleet in self._old:
            if fleet is not blue:
                endpoint.scope.sandbox.submit(fleet.stop)
        endpoint.finish(blue, "InService", reason)
        endpoint.scope.sandbox.submit(self._green.stop)

    def _restore(self, blue: Fleet) -> bool:
        """Bring the old fleet's terminated instances back; whether they answer.

        "UpdateRollbackFailed: Both the rolling deployment and auto-rollback failed. Your endpoint
        is in service with a mix of the old and new endpoint configurations" ("DescribeEndpoint").
        """
        if not all(variant.healthy() for variant in blue.variants.values()):
            return False
        for variant in blue.variants.values():
            variant.count = variant.desired_count
        return True

    def _note(self, status: str, message: str) -> None:
        for variant in self._green.variants.values():
            variant.note(status, message)
        events.deployment_changed(self._endpoint)
