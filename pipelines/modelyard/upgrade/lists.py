"""Conflicts that no person need decide: files that are lists, to which both sides added at the end.

Git sees neighbouring lines change on both sides; a list has no neighbours, only entries.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

_NAME = re.compile(r"[A-Za-z0-9][\w.-]*")


def requirements(old: str, ours: str, new: str) -> str | None:
    """requirements.txt by name of the package; None where both changed one package differently."""
    before, after, stated = _by_name(old), _by_name(new), _by_name(ours)
    lines = []
    for line in ours.splitlines():
        name = _name(line)
        if name is None:
            lines.append(line)
            continue
        was, becomes = before.get(name), after.get(name)
        if line == was:
            lines += [becomes] if becomes is not None else []
        elif becomes in (was, line):
            lines.append(line)
        else:
            return None
    added = (line for name, line in after.items() if name not in before and name not in stated)
    return "\n".join([*lines, *added]) + "\n"


def patterns(old: str, ours: str, new: str) -> str:
    """.gitignore and the like: the team's entries, then the template's that are new."""
    before, after = old.splitlines(), new.splitlines()
    kept = [line for line in ours.splitlines() if line not in before or line in after]
    added = [line for line in after if line not in before and line not in kept]
    return "".join(f"{line}\n" for line in [*kept, *added])


def _by_name(text: str) -> dict[str, str]:
    return {name: line for line in text.splitlines() if (name := _name(line)) is not None}


def _name(line: str) -> str | None:
    """The package that a line requires, as indexes compare names."""
    found = _NAME.match(line)
    return re.sub(r"[-_.]+", "-", found[0]).lower() if found else None


LISTS: Mapping[str, Callable[[str, str, str], str | None]] = {
    "requirements.txt": requirements,
    ".gitignore": patterns,
    ".dockerignore": patterns,
}
