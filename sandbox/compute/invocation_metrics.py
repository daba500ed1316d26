"""What CloudWatch hears of each invocation ("Amazon SageMaker AI metrics in CloudWatch")."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sandbox.compute.operations import Scope
from sandbox.metrics import MINUTE, Metric, Place

INVOCATIONS = "AWS/SageMaker"


@dataclass(frozen=True)
class Invocation:
    """How one request to a variant went."""

    status: int  # the model's own; 500 where it did not answer
    model_seconds: float
    overhead_seconds: float = 0.0

    def errors(self) -> dict[str, int]:
        """1 for each kind of error that this is, else 0: so that averages are rates."""
        return {
            "Invocation4XXErrors": int(400 <= self.status < 500),
            "Invocation5XXErrors": int(self.status >= 500),
            "InvocationModelErrors": int(not 200 <= self.status < 300),
        }


class Meter:
    """Puts one variant's metrics, for the variant and for the fleet of its configuration.

    The dimension EndpointConfigName tells a new fleet from the old one while both serve
    ("Auto-Rollback Configuration and Monitoring").
    """

    def __init__(self, scope: Scope, endpoint: str, config: str, variant: str) -> None:
        self._metrics = scope.sandbox.metrics
        self._clock = scope.sandbox.clock
        self._place = Place(scope.account, scope.region)
        self._dimensions = {"EndpointName": endpoint, "VariantName": variant}
        self._views = (self._dimensions, self._dimensions | {"EndpointConfigName": config})
        self._known: dict[str, tuple[Metric, ...]] = {}

    def count(self, invocation: Invocation, instances: int) -> None:
        """Tell of one request; never fails it."""
        now = self._clock.now()
        self.put("Invocations", 1, when=now)
        self.put("InvocationsPerInstance", 1 / max(1, instances), when=now)
        self.count_queued(invocation, instances, now)
        overhead = round(invocation.overhead_seconds * 1e6)
        self.put("OverheadLatency", overhead, "Microseconds", now)

    def count_queued(
        self, invocation: Invocation, instances: int, when: datetime | None = None
    ) -> None:
        """The same of an asynchronous request, which is no invocation to CloudWatch
        ("Monitor asynchronous endpoint")."""
        when = when or self._clock.now()
        for name, value in invocation.errors().items():
            self.put(name, value, when=when)
        self.put("ModelLatency", round(invocation.model_seconds * 1e6), "Microseconds", when)

    def put(
        self, name: str, value: float, unit: str = "None", when: datetime | None = None
    ) -> None:
        """One value of a metric of this variant."""
        for metric in self._named(name):
            self._metrics.change(
                self._place, metric, unit, when, MINUTE, lambda samples: samples.add(value)
            )

    def _named(self, name: str) -> tuple[Metric, ...]:
        if name not in self._known:
            made = tuple(Metric.of(INVOCATIONS, name, view) for view in self._views)
            self._known[name] = made
        return self._known[name]
