"""The variants of one endpoint configuration; ends when its last request is answered."""

from __future__ import annotations

import random
import threading
from collections.abc import Mapping
from typing import Any

from sandbox.compute.operations import Scope
from sandbox.compute.variants import Variant

# An asynchronous request may run for an hour ("Asynchronous inference"); others for a minute.
LONGEST_REQUEST = 3600


class Fleet:
    """Everything that serves one configuration of one endpoint."""

    def __init__(self, scope: Scope, endpoint: str, config: Any) -> None:
        self.config = config
        self.config_name: str = config.endpoint_config_name
        self.capture_config: Mapping[str, Any] = config.data_capture_config or {}
        self.variants = _variants(scope, endpoint, config, config.production_variants)
        shadows = getattr(config, "shadow_production_variants", None) or ()
        self.shadows = _variants(scope, endpoint, config, shadows)
        self._requests = 0
        self._idle = threading.Condition()

    @property
    def everything(self) -> tuple[Variant, ...]:
        """Production variants and shadows."""
        return (*self.variants.values(), *self.shadows.values())

    @property
    def count(self) -> int:
        """Instances that answer."""
        return sum(variant.count for variant in self.variants.values())

    def start(self) -> None:
        """Bring every variant up; a RunError says which does not come."""
        for variant in self.everything:
            variant.start()
            variant.scale(variant.count)

    def choose(self) -> Variant:
        """A variant for one request, by weight."""
        variants = list(self.variants.values())
        if len(variants) == 1:
            return variants[0]
        return random.choices(variants, [variant.weight for variant in variants])[0]

    def retain(self, old: Fleet, excluded: frozenset[str]) -> None:
        """Keep the properties that were changed on the old fleet's variants of the same name."""
        for name, variant in self.variants.items():
            before = old.variants.get(name)
            if before is None:
                continue
            if "DesiredWeight" not in excluded:
                variant.weight = variant.desired_weight = before.desired_weight
            if "DesiredInstanceCount" not in excluded:
                variant.count = variant.desired_count = before.desired_count

    def hold(self) -> Fleet:
        """Keep the fleet alive for one request."""
        with self._idle:
            self._requests += 1
        return self

    def release(self) -> None:
        """The request is answered."""
        with self._idle:
            self._requests -= 1
            self._idle.notify_all()

    def stop(self) -> None:
        """Let running requests finish, store what was captured, end the servers."""
        with self._idle:
            self._idle.wait_for(lambda: self._requests == 0, LONGEST_REQUEST)
        for variant in self.everything:
            variant.stop()


def _variants(scope: Scope, endpoint: str, config: Any, given: Any) -> dict[str, Variant]:
    made = (Variant(scope, endpoint, config, specification) for specification in given)
    return {variant.name: variant for variant in made}
