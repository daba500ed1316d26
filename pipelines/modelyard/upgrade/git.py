"""Git, run in a repository of ours and in none that a hook may be running for."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from modelyard.errors import ModelyardError

_FOREIGN = {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"}
_STAND_IN = {
    "GIT_AUTHOR_NAME": "Modelyard",
    "GIT_AUTHOR_EMAIL": "modelyard@localhost",
    "GIT_COMMITTER_NAME": "Modelyard",
    "GIT_COMMITTER_EMAIL": "modelyard@localhost",
}


class GitError(ModelyardError):
    """Git could not do what was asked; its own last words say why."""


def tried(
    folder: Path, *words: str, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """What became of a git command; never asks for a password."""
    inherited = {key: value for key, value in os.environ.items() if key not in _FOREIGN}
    settled = {**inherited, "GIT_TERMINAL_PROMPT": "0", **(environment or {})}
    command = ["git", "-C", str(folder), *words]
    try:
        return subprocess.run(command, capture_output=True, text=True, env=settled, check=False)
    except FileNotFoundError:
        raise GitError("git is not installed: install it and run this again") from None


def git(folder: Path, *words: str, environment: Mapping[str, str] | None = None) -> str:
    """What git prints; GitError where it fails."""
    done = tried(folder, *words, environment=environment)
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines() or ["no reason given"]
        raise GitError(f"git {words[0]} in {folder}: {said[-1]}")
    return done.stdout.strip()


def knows(folder: Path, commit: str) -> bool:
    """Whether a repository holds a commit."""
    return bool(commit) and not tried(folder, "cat-file", "-e", f"{commit}^{{commit}}").returncode


def author(folder: Path) -> dict[str, str]:
    """A stand-in author where git knows none, as on a machine of CI."""
    return _STAND_IN if tried(folder, "var", "GIT_AUTHOR_IDENT").returncode else {}
