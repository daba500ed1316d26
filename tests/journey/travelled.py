"""What a finished journey hands to its tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandbox.journey.stages import Journey


@dataclass(frozen=True)
class Travelled:
    """A journey that reached its end, and what it met on the way."""

    journey: Journey
    package: str
    refusal: str
    endpoint: str
    answers: list[dict[str, Any]]
