"""How many instances a scaling policy wants, from what its metric was (pure)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

# Target tracking's own alarms: above the target for 3 minutes, below 90 % of it for 15.
HIGH_MINUTES, LOW_MINUTES, LOW_SHARE = 3, 15, 0.9
COOLDOWN = 300  # seconds; the default of SageMaker's targets and of step scaling


def tracked(values: Sequence[float | None], target: float, current: int) -> int | None:
    """What target tracking wants after these minutes, the last one last; None changes nothing.

    A minute without data is neither high nor low: an idle endpoint that reports nothing stays
    as it is ("Target tracking scaling policies": insufficient data does not scale in).
    """
    recent = values[-HIGH_MINUTES:]
    latest = values[-1] if values else None
    if latest is None:
        return None
    wanted = math.ceil(max(current, 1) * latest / target)
    if len(recent) == HIGH_MINUTES and all(v is not None and v > target for v in recent):
        return max(wanted, current + 1)
    low = values[-LOW_MINUTES:]
    if len(low) == LOW_MINUTES and all(v is not None and v < LOW_SHARE * target for v in low):
        return min(wanted, current)
    return None


def stepped(config: Mapping[str, Any], breach: float, current: int) -> int | None:
    """What step scaling wants when its alarm's metric is this far beyond the threshold."""
    for step in config.get("StepAdjustments") or ():
        low = step.get("MetricIntervalLowerBound", -math.inf)
        high = step.get("MetricIntervalUpperBound", math.inf)
        if low <= breach < high:
            return _adjusted(config, step["ScalingAdjustment"], current)
    return None


def _adjusted(config: Mapping[str, Any], by: int, current: int) -> int:
    match config["AdjustmentType"]:
        case "ExactCapacity":
            return by
        case "ChangeInCapacity":
            return current + by
    change = math.trunc(current * by / 100) or (1 if by > 0 else -1)
    least = config.get("MinAdjustmentMagnitude", 1)
    return current + (max(change, least) if by > 0 else min(change, -least))
