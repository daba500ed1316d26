"""What docs/r.md lets a team type on its first day works, word for word."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from modelyard.r import process
from sandbox.journey.commands import clean_environment

pytestmark = [pytest.mark.slow, pytest.mark.r, pytest.mark.timeout(1200)]

BLOCK = re.compile(r"^```\n(\.venv/bin/cookiecutter .*?)^```", re.MULTILINE | re.DOTALL)


def test_first_day_in_r_ends_with_a_served_prediction(root: Path, tmp_path: Path) -> None:
    reason = process.lacking()
    if reason is not None:
        pytest.skip(reason)
    block = BLOCK.search((root / "docs" / "r.md").read_text(encoding="utf-8"))
    assert block is not None
    for name in (".venv", "project_template"):
        (tmp_path / name).symlink_to(root / name)
    done = subprocess.run(
        ["bash", "-e", "-c", block[1]],
        cwd=tmp_path,
        env=clean_environment({}),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert 'prediction: {"prediction": ' in done.stdout
    assert "src/wine_in_r/model.R" in done.stdout
