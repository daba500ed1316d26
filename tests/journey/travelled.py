"""The journey from a set-up repo to predictions, and what it hands to its tests."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
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


def travel(repo: Path, url: str, asked: int) -> Travelled:
    """From a repo with its environment to what staging's endpoint predicts for so many rows."""
    journey = Journey(repo, url)
    for env in ("dev", "staging"):
        journey.apply(env)
    journey.publish(journey.push_image())
    package = journey.train()
    refusal = journey.self_approval(package)
    journey.approve(package, "Reviewed.")
    endpoint = journey.release(package)
    answers = journey.predict(journey.held_aside(asked))
    return Travelled(journey, package, refusal, endpoint, answers)
