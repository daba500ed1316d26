"""Which repos to upgrade: git addresses, one a line, or what `modelyard fleet --json` wrote."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modelyard.errors import ModelyardError


class FleetListError(ModelyardError):
    """A list of repos that cannot be read."""


@dataclass(frozen=True)
class Repo:
    """A repo by the name of its folder here; without an address it cannot be cloned."""

    name: str
    address: str


def read(file: Path) -> list[Repo]:
    """The repos of a list, in its order and each once."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "is not UTF-8 text"
        raise FleetListError(f"{file}: {reason}; name a file with git addresses") from None
    found = list(dict.fromkeys(_stated(file, text)))
    if not found:
        raise FleetListError(f"{file}: names no repo; write one git address a line")
    return _named_apart(found)


def _stated(file: Path, text: str) -> Iterator[tuple[str, str]]:
    """Name and address of each entry."""
    if not text.lstrip().startswith("{"):
        for line in text.splitlines():
            address = line.partition("#")[0].strip()
            if address:
                yield _name(address), address
        return
    try:
        projects: list[dict[str, Any]] = json.loads(text)["projects"]
        for project in projects:
            address = str(project.get("repository") or "")
            yield str(project["name"]), "" if address == "unknown" else address
    except (ValueError, KeyError, TypeError, AttributeError):
        raise FleetListError(
            f"{file}: is not what `modelyard fleet --json` writes; write it anew, or one git "
            "address a line"
        ) from None


def _name(address: str) -> str:
    """The last word of an address, as `git clone` calls the folder."""
    return re.sub(r"(/?\.git)?/*$", "", address).rpartition("/")[2].rpartition(":")[2] or "repo"


def _named_apart(found: list[tuple[str, str]]) -> list[Repo]:
    """Two repos of one name get numbers."""
    seen: Counter[str] = Counter()
    repos = []
    for name, address in found:
        seen[name] += 1
        repos.append(Repo(name if seen[name] == 1 else f"{name}-{seen[name]}", address))
    return repos
