"""The demo's end: a prediction traced back, its model built once more, and the report of it all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sandbox.journey.commands import JourneyError
from sandbox.journey.stages import PRODUCTION, Journey
from sandbox.journey.timeline import Timeline

PAGE = "report.html"


def traced(timeline: Timeline, journey: Journey, inference_id: str) -> dict[str, Any]:
    """Follow a prediction of production to its data, and the data to all it taught.

    Returns the summary's `trace`.
    """
    operator = journey.session(PRODUCTION, "model-operator")
    auditor = journey.session(PRODUCTION, "auditor")
    with timeline.stage("trace", f"tracing prediction {inference_id} back to its data") as stage:
        asked = ("trace", inference_id, "--env", PRODUCTION, "--json")
        found = json.loads(journey.modelyard(operator, *asked))
        version = _version(found["model_package_arn"])
        back = ("trace", "--version", version, "--env", PRODUCTION, "--json")
        taught = json.loads(journey.modelyard(auditor, *back))["models"]
        stage.outcome = (
            f"answered by version {version}, built from commit {found['code_commit'][:12]} "
            f"and {len(found['dataset_versions'])} data file(s), each by its S3 version"
        )
    models = ", ".join(str(model["version"]) for model in taught)
    timeline.say(f"           and back: these data taught version(s) {models}")
    names = ("inference_id", "model_package_arn", "dataset_versions", "code_commit")
    return {name: found[name] for name in names}


def reproduced(timeline: Timeline, journey: Journey, arn: str) -> str:
    """Build a registered version once more in a fresh process; returns how it compares."""
    with timeline.stage("reproduce", f"building version {_version(arn)} once more") as stage:
        asked = ("reproduce", _version(arn), "--json")
        found = json.loads(journey.modelyard(journey.steward(), *asked))
        stage.outcome = f"{found['verdict']}: {found['sentence']}"
    return str(found["verdict"])


def reported(timeline: Timeline, journey: Journey, arn: str, place: Path) -> dict[str, Any]:
    """Write the evidence report of a version as the auditor; its page and its verdict."""
    auditor = journey.session(PRODUCTION, "auditor")
    folder = place / "report"
    with timeline.stage("report", "the auditor collects the evidence") as stage:
        asked = ("report", _version(arn), "--out", str(folder), "--json")
        found = json.loads(journey.modelyard(auditor, *asked))
        page = folder / PAGE
        if not page.is_file():
            raise JourneyError(f"{page} was not written")
        stage.outcome = str(found["verdict"])
    return {"page": page, "verdict": found["verdict"]}


def _version(arn: str) -> str:
    return arn.rsplit("/", 1)[1]
