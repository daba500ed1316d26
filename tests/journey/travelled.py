"""The journey from a set-up repo to predictions, and what it hands to its tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.journey import server
from sandbox.journey.commands import clean_environment, run
from sandbox.journey.demo import generate
from sandbox.journey.stages import PRODUCTION, Journey


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


@contextmanager
def mortgages(place: Path) -> Iterator[Travelled]:
    """The mortgage model released to staging, on a sandbox of its own."""
    with server.serving(place) as url:
        repo = generate(place)
        run(["make", "setup"], repo, clean_environment({}))
        yield travel(repo, url, 20)


def baking(journey: Journey, rollout: str) -> Journey:
    """The journey once production's workspace follows this rollout, which project.yaml states."""
    with (journey.repo / "project.yaml").open("a") as file:
        file.write(rollout)
    changed = Journey(journey.repo, journey.url, journey.sessions)
    changed.apply(PRODUCTION)
    return changed
