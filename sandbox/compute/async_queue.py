"""The queue of an asynchronous endpoint: requests wait for instances, and metrics say how many."""

from __future__ import annotations

import logging
import threading
from collections import deque
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sandbox.compute.async_requests import AsyncRequest, Processing
from sandbox.compute.fleet import Fleet
from sandbox.compute.variants import Variant
from sandbox.metrics import MINUTE

if TYPE_CHECKING:
    from sandbox.compute.endpoint import Endpoint

log = logging.getLogger(__name__)

# "If no value is provided, SageMaker chooses an optimal value" ("AsyncInferenceClientConfig").
AT_ONCE = 4
LOOK_AGAIN = 0.5  # real seconds, for instances that came without a request


class AsyncQueue:
    """Lives as long as its endpoint, across fleets and while there is no instance."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._scope = endpoint.scope
        self._waiting: deque[AsyncRequest] = deque()
        self._running: set[str] = set()
        self._changed = threading.Condition()
        self._closed = False
        threading.Thread(target=self._dispatch, daemon=True, name="async").start()
        self._publish(self._scope.sandbox.clock.now())

    @property
    def backlog(self) -> int:
        """Requests "that are currently being processed or yet to be processed"."""
        with self._changed:
            return len(self._waiting) + len(self._running)

    def put(self, request: AsyncRequest) -> None:
        """Queue a request."""
        with self._changed:
            self._waiting.append(request)
            self._changed.notify_all()

    def close(self) -> None:
        """Take nothing more from the queue: the endpoint is gone."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _dispatch(self) -> None:
        while True:
            with self._changed:
                while not self._closed and not (self._waiting and self._room()):
                    self._changed.wait(LOOK_AGAIN if self._waiting else None)
                if self._closed:
                    return
                fleet = self._endpoint.traffic.hold()
                variant = fleet.choose() if fleet else None
                if fleet is None or variant is None or not variant.enter():
                    if fleet is not None:
                        fleet.release()
                    self._changed.wait(LOOK_AGAIN)
                    continue
                request = self._waiting.popleft()
                self._running.add(request.id)
            self._scope.sandbox.submit(self._process, fleet, variant, request)

    def _room(self) -> bool:
        """Whether an instance can take one more request."""
        fleet = self._endpoint.fleet
        if fleet is None or fleet.count == 0:
            return False
        config = fleet.config.async_inference_config or {}
        client = config.get("ClientConfig") or {}
        each = client.get("MaxConcurrentInvocationsPerInstance", AT_ONCE)
        return len(self._running) < each * fleet.count

    def _process(self, fleet: Fleet, variant: Variant, request: AsyncRequest) -> None:
        config = fleet.config.async_inference_config
        try:
            Processing(self._scope, self._endpoint.endpoint_name, variant, config).process(request)
        except Exception:
            log.exception("asynchronous request %s failed inside the sandbox", request.id)
        finally:
            variant.leave()
            fleet.release()
            with self._changed:
                self._running.discard(request.id)
                self._changed.notify_all()

    def _publish(self, now: datetime) -> None:
        """Tell CloudWatch once a minute ("Monitor asynchronous endpoint")."""
        if self._closed:
            return
        with self._changed:
            backlog = len(self._waiting) + len(self._running)
            oldest = self._waiting[0].received if self._waiting else None
        fleet = self._endpoint.fleet
        instances = fleet.count if fleet else 0
        values = {
            "ApproximateBacklogSize": backlog,
            "ApproximateBacklogSizePerInstance": backlog / max(1, instances),
            "HasBacklogWithoutCapacity": int(backlog > 0 and instances == 0),
        }
        for name, value in values.items():
            self._put(name, value, "Count", now)
        if oldest is not None:
            age = (now - oldest).total_seconds()
            self._put("ApproximateAgeOfOldestRequest", age, "Seconds", now)
        following = now + timedelta(seconds=MINUTE)
        self._scope.sandbox.clock.at(following, self._publish)

    def _put(self, name: str, value: float, unit: str, when: datetime) -> None:
        dimensions = {"EndpointName": self._endpoint.endpoint_name}
        place = (self._scope.account, self._scope.region, "AWS/SageMaker")
        self._scope.sandbox.metrics.put(*place, name, value, unit, dimensions, when)
