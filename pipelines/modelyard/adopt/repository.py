"""What git says of the team's repo; it is only ever asked."""

from __future__ import annotations

import subprocess
from pathlib import Path


def git(repo: Path, *arguments: str) -> str | None:
    """What git prints; None where there is no git, or no repository."""
    try:
        done = subprocess.run(
            ["git", "-C", str(repo), *arguments], capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        return None
    return done.stdout if done.returncode == 0 else None


def is_part(repo: Path) -> bool:
    """Whether the folder is one of several in a larger repository."""
    top = (git(repo, "rev-parse", "--show-toplevel") or "").strip()
    return bool(top) and Path(top).resolve() != repo.resolve()
