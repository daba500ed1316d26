"""What an upgraded repo must pass: its own lint and tests, in an environment of the new version."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from modelyard.upgrade.source import HOME_FILE
from modelyard.upgrade.template import Release, Template

_FOREIGN = {"MAKEFLAGS", "MAKELEVEL", "MFLAGS", "VIRTUAL_ENV", "MODELYARD_HOME"}
_SHOWN = 30


@dataclass(frozen=True)
class Verdict:
    """Whether everything passed; else which command did not, and its last lines."""

    passed: bool
    command: str = ""
    said: str = ""


def settle_home(
    repo: Path, template: Template, release: Release, say: Callable[[str], None]
) -> Path | None:
    """The checkout to test in: one of that version; `.modelyard-home` names no other afterwards."""
    file = repo / HOME_FILE
    named = file.read_text(encoding="utf-8").strip() if file.is_file() else ""
    here = template.checkout
    if here is not None and template.newest.version == release.version:
        if named != str(here):
            file.write_text(f"{here}\n", encoding="utf-8")
        if named and named != str(here):
            say(f"{HOME_FILE} names {here} now; it named {named}")
        return here
    if named:
        file.unlink()
        say(f"{HOME_FILE} is gone: {named} is not at {release.version}, so make asks pip again")
    return None


def passes(repo: Path, home: Path | None) -> Verdict:
    """Render the pipeline anew, then lint and test."""
    for words in (("render",), ("lint", "test")):
        verdict = _made(repo, home, words)
        if not verdict.passed:
            return verdict
    return Verdict(True)


def _made(repo: Path, home: Path | None, words: tuple[str, ...]) -> Verdict:
    command = ["make", *words]
    environment = {key: value for key, value in os.environ.items() if key not in _FOREIGN}
    if home is not None:
        environment["MODELYARD_HOME"] = str(home)
    try:
        done = subprocess.run(
            command,
            cwd=repo,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
    except FileNotFoundError:
        return Verdict(False, " ".join(command), "make is not installed")
    tail = "\n".join(done.stdout.strip().splitlines()[-_SHOWN:])
    return Verdict(done.returncode == 0, " ".join(command), tail)
