"""What changed between two versions, and which commit a version was, in the changelog's words.

A section begins `## 0.1.0 (2026-11-21, commit e91cc48)`; the newest does not know its commit yet.
"""

from __future__ import annotations

import re

from modelyard.fleet.versions import Version, parse

_SECTION = re.compile(r"^## (\d+\.\d+\.\d+)(?:.*commit ([0-9a-f]{7,40})\))?.*$", re.MULTILINE)


def between(text: str, old: Version, new: Version) -> str:
    """The sections after one version, up to and with another; newest first."""
    found = list(_SECTION.finditer(text))
    ends = [section.start() for section in found[1:]] + [len(text)]
    wanted = []
    for section, end in zip(found, ends, strict=True):
        number = parse(section[1])
        if number is not None and old < number <= new:
            wanted.append(text[section.start() : end].strip())
    return "\n\n".join(wanted)


def commits(text: str) -> dict[str, str]:
    """The commits of past versions, newest first."""
    return {section[1]: section[2] for section in _SECTION.finditer(text) if section[2]}
