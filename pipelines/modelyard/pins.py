"""The versions that a generated repo installs: those this checkout of the platform is tested with.

Read from the checkout's own files, so that any commit says what it said when it was new.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

PINNED = re.compile(r"^([\w.-]+)(?:\[[\w,-]+\])?==(\S+)", re.MULTILINE)
# A distribution that is made for other machines has its twin's version.
TWINS = {"xgboost": "xgboost-cpu"}


def release(checkout: Path) -> str:
    """The platform's version: that of the package, and of the template."""
    stated = tomllib.loads((checkout / "pipelines" / "pyproject.toml").read_text())
    return str(stated["project"]["version"])


def needed(checkout: Path) -> list[str]:
    """What modelyard itself needs, by name."""
    stated = tomllib.loads((checkout / "pipelines" / "pyproject.toml").read_text())
    return sorted(re.split(r"[<>=!~; ]", line)[0] for line in stated["project"]["dependencies"])


def lines(checkout: Path, chosen: Sequence[str]) -> Iterator[str]:
    """Lines of requirements.txt: what modelyard needs, then what was chosen."""
    versions = dict(PINNED.findall((checkout / "requirements.txt").read_text()))
    for line in [*needed(checkout), *chosen]:
        name, semicolon, condition = line.partition(";")
        if "==" in name:
            yield line
            continue
        bare = name.partition("[")[0]
        yield f"{name}=={versions[TWINS.get(bare, bare)]}{semicolon}{condition}"
