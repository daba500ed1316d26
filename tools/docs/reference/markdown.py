"""Markdown that holds for any text: tables whose cells cannot break them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; cells are Markdown, kept on one line."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines) + "\n"


def code(text: object) -> str:
    """Text as it is typed, whatever it holds."""
    shown = str(text)
    ticks = "`" * (max((len(run) for run in re.findall("`+", shown)), default=0) + 1)
    return f"{ticks}{shown}{ticks}" if shown else ""


def listed(items: Iterable[object]) -> str:
    """Each as it is typed, with commas between."""
    return ", ".join(code(item) for item in items)


def escaped(text: str) -> str:
    """Prose in which nothing is taken for Markdown or HTML."""
    return re.sub(r"([\\`*_<>\[\]])", r"\\\1", text)


def prose(docstring: str) -> str:
    """A docstring as paragraphs; what it quotes in single backticks stays code."""
    parts = re.split(r"(`[^`\n]+`)", docstring.strip())
    return "".join(part if part.startswith("`") else escaped(part) for part in parts)


def _cell(text: str) -> str:
    # mkdocs takes a bar in code for itself, and would show the backslash.
    parts = re.split(r"(`+[^`]+`+)", " ".join(text.split()))
    return "".join(part if part.startswith("`") else part.replace("|", "\\|") for part in parts)
