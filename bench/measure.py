"""What a measurement is, and how a table and bench.json are made of many."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Row:
    """One row: our figure and a peer's, from the same run.

    Attributes:
        ratio: how many times better ours is than the peer's (above 1 we are better); None without
            a peer.
    """

    name: str
    unit: str
    ours: float
    peer: float | None
    peer_name: str | None
    ratio: float | None


def lower_is_better(
    name: str, unit: str, ours: float, peer: float | None, peer_name: str | None
) -> Row:
    """A row in which the smaller figure wins (seconds, milliseconds)."""
    ratio = None if peer is None else round(peer / ours, 2)
    return Row(name, unit, round(ours, 4), peer and round(peer, 4), peer_name, ratio)


def higher_is_better(
    name: str, unit: str, ours: float, peer: float | None, peer_name: str | None
) -> Row:
    """A row in which the larger figure wins (requests a second)."""
    ratio = None if peer is None else round(ours / peer, 2)
    return Row(name, unit, round(ours, 2), peer and round(peer, 2), peer_name, ratio)


def machine() -> str:
    """The machine the figures hold for."""
    cores = os.cpu_count()
    return f"{cores} cores, {platform.machine()}, CPython {platform.python_version()}"


def table(rows: Sequence[Row]) -> str:
    """The rows as aligned text."""
    lines = [f"{'row':<22}{'ours':>12}{'peer':>12}{'better':>9}  unit, peer"]
    for row in rows:
        peer = "-" if row.peer is None else f"{row.peer:.4g}"
        ratio = "-" if row.ratio is None else f"{row.ratio:.1f}x"
        beside = f"{row.unit}, {row.peer_name or 'no comparable tool runs here'}"
        lines.append(f"{row.name:<22}{row.ours:>12.4g}{peer:>12}{ratio:>9}  {beside}")
    return "\n".join(lines)


def write(rows: Sequence[Row], file: Path) -> None:
    """Write the rows as JSON."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n")


def progress(text: str) -> None:
    """Say what is being measured now."""
    sys.stderr.write(f"bench: {text}\n")
    sys.stderr.flush()
