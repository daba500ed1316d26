"""modelyard upgrade at the keyboard and in CI: one line and an exit status that tells."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelyard.cli import main
from tests.modelyard.upgrade.conftest import Platform, git, write


def run(repo: Path, *words: str) -> int:
    return main(["upgrade", "--project", str(repo / "project.yaml"), *words])


def test_check_fails_when_the_repo_is_behind_and_changes_nothing(
    platform: Platform, repo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(repo, "--check") == 0
    platform.release("0.2.0")
    write(repo, {"README.md": "Half a thought"})
    assert run(repo, "--check") == 1
    said = capsys.readouterr().out.splitlines()
    assert said == [
        "up to date: this repo follows 0.1.0",
        "this repo follows 0.1.0; 0.2.0 is there; run `make upgrade`",
    ]
    assert git(repo, "branch", "--format=%(refname:short)") == "main"


def test_upgrade_succeeds_by_its_exit_status(platform: Platform, repo: Path) -> None:
    platform.release("0.2.0")
    assert run(repo) == 0


def test_mistake_is_one_line(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(repo, {".cruft.json": "{}"})
    assert run(repo, "--check") == 1
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert said[0].endswith("'template' is missing; restore it with `git checkout -- .cruft.json`")


def test_repo_that_says_nothing_of_its_platform_is_refused(
    repo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (repo / ".cruft.json").unlink()
    write(repo, {"requirements.txt": "modelyard==0.1.0\n"})
    assert run(repo, "--check") == 1
    assert "restore one of them" in capsys.readouterr().err
