"""What docs/start tells a role to type first runs, as that role, on a finished journey."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sandbox.journey.stages import REGISTRY, SERVING
from tests.journey.travelled import Travelled

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
PERSONAS = {
    "data-scientist": (REGISTRY, "data-scientist"),
    "approver": (REGISTRY, "model-approver"),
    "operator": (SERVING, "model-operator"),
    "auditor": (SERVING, "auditor"),
}
# What changes something, or needs more than this journey has, is typed in tests of its own.
ELSEWHERE = {
    "approve": "sandbox/journey/stages.py",
    "run": "sandbox/journey/stages.py",
    "rollback": "docs/runbook.md",
    "monitor": "tests/journey/test_log_capture.py",
    "fleet": "tests/journey/test_fleet.py",
}


def lines(role: str, begins: str) -> list[str]:
    """The commands in a page's blocks that begin with a program."""
    text = (ROOT / "docs" / "start" / f"{role}.md").read_text()
    blocks = re.findall(r"^```\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.startswith(begins)]


def typed() -> list[Any]:
    """Each role's commands that only look."""
    return [
        pytest.param(role, line, id=f"{role}: {line}")
        for role in PERSONAS
        for line in lines(role, "modelyard ")
        if line.split()[1] not in ELSEWHERE
    ]


@pytest.mark.parametrize(("role", "line"), typed())
def test_role_may_type_what_its_page_shows(travelled: Travelled, role: str, line: str) -> None:
    journey = travelled.journey
    # The page's examples are of a later day: another version, and production.
    today = re.sub(r"\b3\b", "1", line).replace("--env prod", f"--env {SERVING}")
    today = today.replace("INFERENCE_ID", str(travelled.answers[0]["inference_id"]))
    env, persona = PERSONAS[role]
    if "--verify" in today:
        journey.modelyard(journey.session(env, persona), "report", "1")
    said = journey.modelyard(journey.session(env, persona), *shlex.split(today)[1:])
    assert said.strip()


@pytest.mark.parametrize(("command", "place"), ELSEWHERE.items())
def test_what_is_not_typed_here_is_typed_there(command: str, place: str) -> None:
    assert re.search(
        rf"modelyard {command}\b|\"{command}\"|\.{command}\(", (ROOT / place).read_text()
    )


def test_what_needs_no_account_runs_as_it_stands() -> None:
    for role in ("platform-engineer", "auditor"):
        for line in lines(role, ".venv/bin/python -m "):
            words = shlex.split(line)[1:]
            if "serve" not in words:
                done = subprocess.run(
                    [sys.executable, *words], cwd=ROOT, capture_output=True, text=True
                )
                assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
