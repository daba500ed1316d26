"""Adopted repos, each made once per session and in this process, which loads the SDK once."""

from __future__ import annotations

import contextlib
import hashlib
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from modelyard.cli import main
from tests.modelyard.adopt import repos


@dataclass(frozen=True)
class Outcome:
    """What the command said of a repo, and the files before and after."""

    repo: Path
    code: int
    said: str
    complained: str
    before: Mapping[str, str]

    @property
    def after(self) -> dict[str, str]:
        return hashes(self.repo)

    def text(self, name: str) -> str:
        return (self.repo / name).read_text(encoding="utf-8")


def hashes(repo: Path) -> dict[str, str]:
    """Every file of a repo but git's, by content."""
    return {
        file.relative_to(repo).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in repo.rglob("*")
        if file.is_file() and ".git" not in file.relative_to(repo).parts
    }


def adopt(repo: Path, *options: str) -> Outcome:
    """Runs `modelyard adopt` on a repo, without questions."""
    before = hashes(repo)
    said, complained = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(complained):
        code = main(["adopt", str(repo), "--no-input", *options])
    return Outcome(repo, code, said.getvalue(), complained.getvalue(), before)


@pytest.fixture(scope="session")
def adopted(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Outcome]:
    """The outcome for one of the repos, with the options that its case is about."""
    done: dict[str, Outcome] = {}
    options = {"boosted": ("--makefile",), "house-prices": ("--protected", "")}

    def outcome(name: str) -> Outcome:
        if name not in done:
            repo = tmp_path_factory.mktemp("team") / name
            repo.mkdir()
            repos.make(repo, repos.REPOS[name])
            done[name] = adopt(repo, *options.get(name, ()))
        return done[name]

    return outcome
