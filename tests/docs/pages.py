"""The site as mkdocs sees it: gathered pages, their headings' anchors and their links."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

_BLOCK = re.compile(r"^(`{3,})[^\n]*\n.*?^\1[ ]*$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def in_nav(root: Path) -> list[str]:
    """Every page that the navigation names, in its order."""

    def walk(entry: Any) -> Iterator[str]:
        if isinstance(entry, str):
            yield entry
        else:
            for inner in entry.values() if isinstance(entry, dict) else entry:
                yield from walk(inner)

    return list(walk(yaml.safe_load((root / "mkdocs.yml").read_text())["nav"]))


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as Python-Markdown makes them."""
    found: dict[str, int] = {}
    for heading in re.findall(r"^#+ (.+)$", _BLOCK.sub("", text), re.MULTILINE):
        shown = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        plain = unicodedata.normalize("NFKD", shown).encode("ascii", "ignore").decode()
        slug = re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", plain).strip().lower())
        found[slug] = found.get(slug, 0) + 1
    return {f"{slug}_{n}" if n else slug for slug, count in found.items() for n in range(count)}


def broken(folder: Path) -> list[str]:
    """Links between gathered pages that lead to no page, or to no heading of one."""
    pages = {str(file.relative_to(folder)): file.read_text() for file in folder.rglob("*.md")}
    headings = {name: anchors(text) for name, text in pages.items()}
    wrong = []
    for name, text in pages.items():
        for target in _LINK.findall(re.sub(r"`[^`\n]*`", "", _BLOCK.sub("", text))):
            if "://" in target or target.startswith("mailto:"):
                continue
            place, _, anchor = target.partition("#")
            path = PurePosixPath(name).parent / place if place else PurePosixPath(name)
            there = str((folder / path).resolve().relative_to(folder.resolve()))
            missing = not (folder / there).is_file()
            if missing or (anchor and anchor not in headings.get(there, ())):
                wrong.append(f"{name}: {target}")
    return wrong
