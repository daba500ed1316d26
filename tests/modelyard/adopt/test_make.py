"""An adopted repo's own commands, for real: its checks, and the way to a served prediction."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.modelyard.adopt import repos
from tests.modelyard.adopt.conftest import Outcome

pytestmark = pytest.mark.slow
REPOS = ("boosted", "crowded")


def make(repo: Path, *words: str) -> str:
    """What make says in a repo, which must succeed."""
    done = subprocess.run(["make", *words], cwd=repo, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("name", REPOS)
def test_checks_pass_and_leave_no_trace(adopted: Callable[[str], Outcome], name: str) -> None:
    repo = adopted(name).repo
    before = repos.git(repo, "status", "--porcelain")
    assert " passed" in make(repo, "-f", "modelyard.mk", "test")
    assert repos.git(repo, "status", "--porcelain") == before


@pytest.mark.parametrize("name", REPOS)
def test_it_reaches_a_served_prediction(adopted: Callable[[str], Outcome], name: str) -> None:
    said = make(adopted(name).repo, "-f", "modelyard.mk", "try")
    assert "registered " in said
    assert '"prediction"' in said


def test_their_own_environment_is_left_alone(
    adopted: Callable[[str], Outcome], tmp_path: Path
) -> None:
    repo = adopted("crowded").repo
    (repo / ".venv").mkdir()
    (repo / ".venv" / "theirs").touch()
    make(repo, "-f", "modelyard.mk", "setup", "--always-make")
    assert [file.name for file in (repo / ".venv").iterdir()] == ["theirs"]
    commands = {file.name for file in (repo / ".venv-modelyard" / "bin").iterdir()}
    assert {"train", "serve", "modelyard", "python"} <= commands


def test_their_own_targets_stay_theirs(adopted: Callable[[str], Outcome]) -> None:
    repo = adopted("crowded").repo
    assert make(repo, "try") == "their try\n"
