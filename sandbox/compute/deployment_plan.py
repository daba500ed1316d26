"""How an update moves traffic: the steps that a DeploymentConfig asks for."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

WAIT, TERMINATION = "WaitIntervalInSeconds", "TerminationWaitInSeconds"


@dataclass(frozen=True)
class Step:
    """Turn traffic on for `active` of `total` instances of the new fleet, then bake."""

    active: int
    total: int
    bake: int = 0
    because: str = TERMINATION

    @property
    def share(self) -> float:
        """The part of all requests that the new fleet answers."""
        return self.active / self.total if self.total else 1.0

    @property
    def activating(self) -> str:
        """The message while traffic is turned on."""
        return f"Activating traffic on {self._capacity}."

    @property
    def baking(self) -> str:
        """The message while alarms are watched."""
        return f"Baking for {self.bake} seconds ({self.because}) with traffic enabled on " + (
            f"{self._capacity}."
        )

    @property
    def _capacity(self) -> str:
        size = "full" if self.active == self.total else "canary"
        return f"{size} capacity of {self.active} instance(s)"


@dataclass(frozen=True)
class Plan:
    """One deployment: its steps, the alarms that undo it, the time it may take."""

    steps: tuple[Step, ...]
    alarms: tuple[str, ...] = ()
    limit: int | None = None
    rolling: bool = False

    @property
    def waits(self) -> int:
        """All seconds of baking."""
        return sum(step.bake for step in self.steps)


def plan(config: Mapping[str, Any], total: int) -> Plan:
    """The plan that a DeploymentConfig makes for a new fleet of `total` instances."""
    alarms = tuple(
        alarm["AlarmName"]
        for alarm in (config.get("AutoRollbackConfiguration") or {}).get("Alarms") or ()
    )
    rolling = config.get("RollingUpdatePolicy")
    if rolling:
        batch = instances(rolling["MaximumBatchSize"], total)
        steps = _steps(batch, total, rolling[WAIT], rolling[WAIT], WAIT)
        return Plan(steps, alarms, rolling.get("MaximumExecutionTimeoutInSeconds"), True)
    policy = config.get("BlueGreenUpdatePolicy") or {}
    routing = policy.get("TrafficRoutingConfiguration") or {"Type": "ALL_AT_ONCE"}
    limit = policy.get("MaximumExecutionTimeoutInSeconds")
    last = policy.get(TERMINATION, 0)
    if routing["Type"] == "LINEAR":
        batch = instances(routing["LinearStepSize"], total)
        return Plan(_steps(batch, total, routing[WAIT], last, TERMINATION), alarms, limit)
    full = Step(total, total, last)
    if routing["Type"] == "CANARY":
        canary = instances(routing["CanarySize"], total)
        return Plan((Step(canary, total, routing[WAIT], WAIT), full), alarms, limit)
    return Plan((full,), alarms, limit)


def instances(size: Mapping[str, Any], total: int) -> int:
    """How many instances a CapacitySize is; a percentage is at least one whole instance."""
    if size["Type"] == "INSTANCE_COUNT":
        return int(size["Value"])
    return max(1, math.floor(total * size["Value"] / 100))


def _steps(batch: int, total: int, wait: int, last: int, because: str) -> tuple[Step, ...]:
    """Batch after batch until all instances answer."""
    sizes = [*range(batch, total, batch), total]
    between = [Step(size, total, wait, WAIT) for size in sizes[:-1]]
    return (*between, Step(total, total, last, because))
