"""Earlier windows by their summaries: trends, and since when something has been found."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SUMMARY = "summary.json"


@dataclass(frozen=True)
class Earlier:
    """What one earlier window came to."""

    start: str
    end: str
    verdict: str
    rows: int
    served: int | None
    metrics: dict[str, float]
    findings: frozenset[str]

    @property
    def is_silent(self) -> bool:
        return not self.served and not self.rows


def load(folder: Path, before: str) -> tuple[Earlier, ...]:
    """The summaries below a folder of windows that end by `before`, oldest first.

    Of a window that was judged twice one summary counts, and what is no summary is passed over:
    history colours a report, it must not prevent one.
    """
    found = {}
    for file in sorted(folder.rglob(SUMMARY)):
        try:
            earlier = _earlier(json.loads(file.read_text(encoding="utf-8")))
        except (ValueError, KeyError, TypeError):
            continue
        if earlier.end <= before:
            found[earlier.start, earlier.end] = earlier
    return tuple(found[key] for key in sorted(found))


def _earlier(summary: dict[str, Any]) -> Earlier:
    window = summary["window"]
    return Earlier(
        start=str(window["start"]),
        end=str(window["end"]),
        verdict=str(summary["verdict"]),
        rows=int(summary["rows"]),
        served=summary.get("served"),
        metrics={
            metric["name"]: float(metric["value"])
            for metric in summary["metrics"]
            if metric.get("value") is not None
        },
        findings=frozenset(
            finding["id"] for finding in summary["findings"] if finding["severity"] != "info"
        ),
    )


def since(history: Sequence[Earlier]) -> dict[str, str]:
    """For each finding of the last window, the start of the first in a row that had it."""
    if not history:
        return {}
    first = dict.fromkeys(history[-1].findings, history[-1].start)
    standing = set(first)
    for earlier in reversed(history[:-1]):
        standing &= earlier.findings
        first |= dict.fromkeys(standing, earlier.start)
    return first
