"""CloudWatch metrics: what is put, by whomever, and who must hear of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from moto.cloudwatch.models import cloudwatch_backends

from sandbox.cloudwatch.samples import Samples
from sandbox.cloudwatch.series import Series

if TYPE_CHECKING:
    from sandbox.clock import Clock

MINUTE = 60


@dataclass(frozen=True)
class Metric:
    """What identifies a metric: dimensions match exactly or not at all."""

    namespace: str
    name: str
    dimensions: frozenset[tuple[str, str]] = frozenset()

    @classmethod
    def of(cls, namespace: str, name: str, dimensions: Mapping[str, str]) -> Metric:
        """The metric with these dimensions."""
        return cls(namespace, name, frozenset(dimensions.items()))


@dataclass(frozen=True)
class Place:
    """An account's CloudWatch in one region."""

    account: str
    region: str


Listener = Callable[[Place, Metric, float], None]


class Metrics:
    """The metrics of all accounts. They live with moto's backends, and go with its reset."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.RLock()
        self._listeners: list[Listener] = []

    def listen(self, listener: Listener) -> None:
        """Have new data of any metric told."""
        self._listeners.append(listener)

    def put(
        self,
        account: str,
        region: str,
        namespace: str,
        name: str,
        value: float,
        unit: str = "None",
        dimensions: Mapping[str, str] | None = None,
        when: datetime | None = None,
    ) -> None:
        """One value, as AWS's own services put theirs: at the resolution of a minute."""
        metric = Metric.of(namespace, name, dimensions or {})
        self.change(Place(account, region), metric, unit, when, MINUTE, lambda s: s.add(value))

    def change(
        self,
        place: Place,
        metric: Metric,
        unit: str,
        when: datetime | None,
        resolution: int,
        add: Callable[[Samples], None],
    ) -> None:
        """Let `add` put something into the samples of a moment."""
        moment = when.timestamp() if when else self._clock.time()
        with self._lock:
            add(self._all(place).setdefault(metric, Series()).at(moment, unit, resolution))
        for listener in self._listeners:
            listener(place, metric, moment)

    def series(self, place: Place, metric: Metric) -> Series:
        """A metric's data; empty when nothing was put."""
        return self._all(place).get(metric) or Series()

    def list(self, place: Place) -> Iterator[tuple[Metric, Series]]:
        """Every metric of a place."""
        with self._lock:
            return iter(list(self._all(place).items()))

    def _all(self, place: Place) -> dict[Metric, Series]:
        backend = cloudwatch_backends[place.account][place.region]
        held: dict[Metric, Series] = backend.__dict__.setdefault("modelyard_series", {})
        return held
