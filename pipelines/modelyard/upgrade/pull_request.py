"""Opens a pull or merge request with the forge's own command, signed in as whoever runs it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from modelyard.errors import ModelyardError
from modelyard.upgrade.git import git


class PullRequestError(ModelyardError):
    """The branch is pushed, but no request could be opened."""


def opened(folder: Path, branch: str, title: str) -> str:
    """The address of the request; the branch's last commit says what it brings."""
    body = git(folder, "log", "-1", "--format=%b")
    command = _command(git(folder, "remote", "get-url", "origin"), branch, title, body)
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    said = (done.stdout.strip() or done.stderr.strip()).splitlines() or ["no reason given"]
    if done.returncode:
        raise PullRequestError(f"{branch} is pushed, but {command[0]} refuses: {said[-1]}")
    return said[-1]


def _command(address: str, branch: str, title: str, body: str) -> Sequence[str]:
    """gh or glab, whichever fits the address and is installed."""
    request = ("--title", title)
    gh = ("gh", "pr", "create", *request, "--head", branch, "--body", body)
    glab = ("glab", "mr", "create", *request, "--source-branch", branch, "--description", body)
    by_address = [(*glab, "--yes"), gh] if "gitlab" in address else [gh, (*glab, "--yes")]
    for command in by_address:
        if shutil.which(command[0]):
            return command
    raise PullRequestError(
        f"{branch} is pushed, but neither gh nor glab is installed: open the request by hand"
    )
