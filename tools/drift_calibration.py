"""How often drift is called where there is none, and how often it is noticed where there is.

    .venv/bin/python tools/drift_calibration.py            # print both tables
    .venv/bin/python tools/drift_calibration.py --write    # and put them into docs/monitoring.md

Windows are drawn by a seeded generator from columns of every sort, profiled and compared by the
defaults of `modelyard.drift.Thresholds`, as the monitoring job does.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from modelyard import drift, profile
from modelyard.data import Column

PAGE = Path(__file__).resolve().parent.parent / "docs" / "monitoring.md"
BEGIN, END = "<!-- calibration: begin -->", "<!-- calibration: end -->"
TRAINING_ROWS = 10_000
WINDOWS = (200, 1_000, 5_000, 20_000)
WIDTHS = (5, 20, 50)
REPEATS = 200
# Windows held against one drawn training set.
_WINDOWS_EACH = 10
SEED = 20260101

Array = npt.NDArray[Any]
Draw = Callable[[np.random.Generator, int], Array]


class Sort(NamedTuple):
    """A sort of column, and how its undrifted values are drawn."""

    kind: Any
    categories: tuple[str, ...]
    draw: Draw


class Change(NamedTuple):
    """A change of one column, whose undrifted values are of a sort."""

    name: str
    sort: str
    apply: Callable[[np.random.Generator, Array], Array]


def _chosen(shares: Sequence[float]) -> Draw:
    names = np.array([f"c{number}" for number in range(len(shares))], dtype=object)
    bounds = np.cumsum(shares)[:-1]
    return lambda random, rows: names[np.searchsorted(bounds, random.random(rows))]


_TWENTY = tuple(np.geomspace(1, 0.02, 20) / np.geomspace(1, 0.02, 20).sum())
SORTS: Mapping[str, Sort] = {
    "normal": Sort("number", (), lambda random, rows: random.normal(0, 1, rows)),
    "skewed": Sort("number", (), lambda random, rows: random.lognormal(8, 1, rows)),
    "counts": Sort("integer", (), lambda random, rows: random.poisson(2, rows).astype(float)),
    "flag": Sort("boolean", (), lambda random, rows: (random.random(rows) < 0.1).astype(float)),
    "category": Sort("category", ("c0", "c1", "c2", "c3"), _chosen((0.4, 0.3, 0.2, 0.1))),
    "many categories": Sort(
        "category", tuple(f"c{number}" for number in range(20)), _chosen(_TWENTY)
    ),
}


def _swapped(random: np.random.Generator, values: Array) -> Array:
    swap = {"c0": "c3", "c3": "c0"}
    return np.array([swap.get(value, value) for value in values], dtype=object)


def _holes(random: np.random.Generator, values: Array) -> Array:
    return np.where(random.random(len(values)) < 0.05, np.nan, values)


def _newcomers(random: np.random.Generator, values: Array) -> Array:
    return np.where(random.random(len(values)) < 0.03, "new", values).astype(object)


CHANGES = (
    Change("mean + 0.1 sd", "normal", lambda _, values: values + 0.1),
    Change("mean + 0.25 sd", "normal", lambda _, values: values + 0.25),
    Change("mean + 0.5 sd", "normal", lambda _, values: values + 0.5),
    Change("spread x 1.5", "normal", lambda _, values: values * 1.5),
    Change("amounts + 20 %", "skewed", lambda _, values: values * 1.2),
    Change("unit x 1000", "skewed", lambda _, values: values * 1000),
    Change("two categories swapped", "category", _swapped),
    Change("3 % in a new category", "category", _newcomers),
    Change("5 % more missing", "normal", _holes),
)
SEVERITIES = ("info", "warning", "critical")


def columns(width: int) -> tuple[Column, ...]:
    """So many columns, of all sorts in turn."""
    names = list(SORTS)
    return tuple(
        Column(
            name=f"{names[place % len(names)]} {place // len(names)}",
            kind=SORTS[names[place % len(names)]].kind,
            use="feature",
            categories=SORTS[names[place % len(names)]].categories,
        )
        for place in range(width)
    )


def drawn(random: np.random.Generator, chosen: Sequence[Column], rows: int) -> dict[str, Array]:
    """Undrifted rows."""
    return {c.name: SORTS[c.name.rpartition(" ")[0]].draw(random, rows) for c in chosen}


def outcomes(width: int, rows: int, repeats: int, change: Change | None = None) -> dict[str, float]:
    """In which share of the windows anything is told, by how serious it is at least."""
    random, chosen = np.random.default_rng((SEED, width, rows)), columns(width)
    told = dict.fromkeys(SEVERITIES, 0)
    for repeat in range(repeats):
        if repeat % _WINDOWS_EACH == 0:
            baseline = profile.baseline(drawn(random, chosen, TRAINING_ROWS), chosen)
        window = drawn(random, chosen, rows)
        if change is not None:
            name = f"{change.sort} 0"
            window[name] = change.apply(random, window[name])
        current = profile.batches([profile.as_batch(window, chosen)], baseline, chosen)
        report = drift.compare(baseline, current)
        found = {
            finding.severity
            for finding in report.findings
            if change is None or finding.column == f"{change.sort} 0"
        }
        worst = max((SEVERITIES.index(severity) for severity in found), default=-1)
        for severity in SEVERITIES[: worst + 1]:
            told[severity] += 1
    return {severity: count / repeats for severity, count in told.items()}


def false_alarms(repeats: int = REPEATS) -> str:
    """The share of undrifted windows in which anything at all is told."""
    lines = [
        "| rows in the window | " + " | ".join(f"{width} columns" for width in WIDTHS) + " |",
        "|---:|" + "---:|" * len(WIDTHS),
    ]
    for rows in WINDOWS:
        cells = [_cell(outcomes(width, rows, repeats)) for width in WIDTHS]
        lines.append(f"| {rows:,} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def detections(repeats: int = REPEATS // 4) -> str:
    """The share of windows in which a change of one column of twenty is told."""
    lines = [
        "| change | " + " | ".join(f"{rows:,} rows" for rows in WINDOWS) + " |",
        "|---|" + "---:|" * len(WINDOWS),
    ]
    for change in CHANGES:
        cells = [_cell(outcomes(20, rows, repeats, change)) for rows in WINDOWS]
        lines.append(f"| {change.name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(shares: Mapping[str, float]) -> str:
    return " / ".join(f"{100 * shares[severity]:.3g}" for severity in SEVERITIES)


def written(page: str, alarms: str, noticed: str) -> str:
    """The page with its tables replaced."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{PAGE.name}: has no '{BEGIN}' ... '{END}'; put the markers back")
    text = (
        f"Share of undrifted windows, in percent, in which something is noted / warned of / called"
        f" critical ({REPEATS} windows a cell):\n\n{alarms}\n\nShare of windows, in percent, in"
        f" which a change of one of twenty columns is noted / warned of / called critical"
        f" ({REPEATS // 4} windows a cell):\n\n{noticed}"
    )
    return f"{before}{BEGIN}\n{text}\n{end}{after}"


def main() -> int:
    """Draws, compares, prints and, if asked to, writes."""
    parser = argparse.ArgumentParser(prog="tools/drift_calibration.py", description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the tables into the docs")
    options = parser.parse_args()
    alarms = false_alarms()
    sys.stdout.write(f"{alarms}\n\n")
    noticed = detections()
    sys.stdout.write(f"{noticed}\n")
    if options.write:
        PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), alarms, noticed), "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
