"""The cost stage of the demo: what stays on the bill when everybody has gone home."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from sandbox.journey.commands import clean_environment, run
from sandbox.journey.stages import Journey
from sandbox.journey.timeline import Timeline

CHECKOUT = Path(__file__).resolve().parents[2]


def price(timeline: Timeline, journey: Journey) -> dict[str, Any]:
    """Say what the workspaces cost while nothing runs; returns the sums of `sandbox cost`."""
    command = [sys.executable, "-m", "sandbox", "cost", "--json"]
    command += ["--project", str(journey.repo / "project.yaml")]
    with timeline.stage("cost", "pricing what the programs make") as stage:
        told: dict[str, Any] = json.loads(run(command, CHECKOUT, clean_environment({})))
        stage.outcome = (
            f"idle, the project costs {told['own_usd']:.2f} USD a month, "
            f"and all projects together {told['foundation_usd']:.2f} for what they share"
        )
    for env, usd in told["environments"].items():
        timeline.say(f"           {env:<8} {usd:.2f} USD a month while nothing runs")
    return {key: told[key] for key in ("own_usd", "foundation_usd", "environments")}
