"""From what a report was made: commit, tools, and the hash of every file read. No clock."""

from __future__ import annotations

import hashlib
import platform
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
_TOOLS: Final = ("modelyard", "pulumi", "pulumi-aws", "pulumi-policy", "boto3", "botocore")
_POLICIES: Final = ("*.csv", "*.yaml", "*.json", "personas/*.json", "trust/*.json")


def provenance(project: Path, graphs: Mapping[str, Path]) -> dict[str, Any]:
    """The same for the same checkout, project and graphs."""
    commit = _git("rev-parse", "HEAD")
    changed = _git("status", "--porcelain", "--untracked-files=no")
    return {
        "commit": commit or None,
        "dirty": None if changed is None else bool(changed),
        "tools": {"python": platform.python_version(), **dict(_versions())},
        "inputs": [*_hashes({"project.yaml": project}), *_hashes(dict(_files()))],
        "graphs": _hashes(graphs),
    }


def _git(*arguments: str) -> str | None:
    """What git says of the checkout; None where there is none."""
    done = subprocess.run(
        ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() if done.returncode == 0 else None


def _versions() -> Iterator[tuple[str, str]]:
    for name in _TOOLS:
        try:
            yield name, version(name)
        except PackageNotFoundError:
            yield name, "not installed"


def _files() -> Iterable[tuple[str, Path]]:
    folder = Path(__file__).parent
    for pattern in _POLICIES:
        for file in sorted(folder.glob(pattern)):
            yield f"policies/{file.relative_to(folder)}", file


def _hashes(files: Mapping[str, Path]) -> list[dict[str, str]]:
    return [
        {"name": name, "sha256": hashlib.sha256(file.read_bytes()).hexdigest()}
        for name, file in sorted(files.items())
    ]
