"""The cookiecutter command itself: from a checkout, from a git address, twice the same."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.project_template.conftest import Generate


def test_checkout_gives_the_example_without_a_question(command: Generate, tmp_path: Path) -> None:
    done = command(tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"Next: cd {tmp_path / 'loans'} && make try\n"
    status = ["git", "-C", str(tmp_path / "loans"), "status", "--porcelain"]
    assert subprocess.run(status, capture_output=True, text=True).stdout == ""


@pytest.mark.slow
def test_git_address_with_a_directory_gives_the_same(
    command: Generate, root: Path, tmp_path: Path
) -> None:
    """Cookiecutter clones the commit; the environment is that of the checkout in MODELYARD_HOME."""
    config = tmp_path / "config.yaml"
    config.write_text(f"cookiecutters_dir: {tmp_path / 'c'}\nreplay_dir: {tmp_path / 'r'}\n")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "cookiecutter", "--config-file", str(config), "--no-input"),
            *(f"git+{root.as_uri()}", "--directory", "project_template", "problem=regression"),
        ],
        cwd=tmp_path,
        env={**os.environ, "MODELYARD_HOME": str(root)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    made = tmp_path / "loans"
    assert (made / ".modelyard-home").read_text().strip() == str(root)
    commit = subprocess.run(
        ["git", "-C", str(root), "rev-parse", "HEAD"], capture_output=True, text=True
    ).stdout.strip()
    assert f"@{commit}#subdirectory=pipelines" in (made / "requirements.txt").read_text()
