"""`make smoke-aws` runs nothing before it has said its price and been told to."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

RUN = Path(__file__).with_name("run.py")
PROJECT = str(Path(__file__).parents[1] / "sandbox" / "provider" / "project.yaml")


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({}, "name an administrator's AWS profile"),
        ({"MODELYARD_SMOKE_PROFILE": "p", "MODELYARD_SMOKE_PROJECT": "gone"}, "no project file"),
        ({"MODELYARD_SMOKE_PROFILE": "p", "MODELYARD_SMOKE_PROJECT": PROJECT}, "nothing was run"),
    ],
)
def test_nothing_runs_without_consent(environment: dict[str, str], message: str) -> None:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("MODELYARD_")}
    done = subprocess.run(
        [sys.executable, str(RUN)],
        input="no\n",
        env={**clean, **environment},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert message in done.stderr
    assert ("USD" in done.stdout) == ("nothing was run" in done.stderr)
