"""`drift_rows_per_s`, `drift_over_floor` and their companions: 1M x 20 Parquet against peers.

Every figure is of a fresh process, imports not counted. What a window costs is `drift_rows_per_s`:
ours against the baseline that training left, NannyML's as it is run, reading and fitting its
reference first. `drift_scored_rows_per_s` leaves the fit out on both sides, and
`drift_with_fit_rows_per_s` counts it on both; Evidently fits with every report.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench import drift_data
from bench.environments import PeerUnavailableError, python_of
from bench.measure import Row, higher_is_better, lower_is_better, progress

RUNS = 5
HERE = Path(__file__).resolve().parent
NANNYML, EVIDENTLY = "nannyml 0.13", "evidently 0.7"
FLOOR = "one-pass floor"
# Peers do not report their use while they are measured.
QUIET = {"NML_DISABLE_USAGE_LOGGING": "1", "DO_NOT_TRACK": "1"}
# NannyML too computes KS on bins when the reference is large.
AGREES_WITHIN = 0.005


def figures(command: list[str], environment: Mapping[str, str] | None = None) -> dict[str, Any]:
    """What a process prints last."""
    variables = {**os.environ, **(environment or {})}
    done = subprocess.run(command, capture_output=True, text=True, cwd=HERE.parent, env=variables)
    if done.returncode:
        raise PeerUnavailableError(done.stderr.strip()[-500:])
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def ours(action: str, first: Path, second: Path) -> dict[str, Any]:
    """Figures of one run of our side."""
    return figures([sys.executable, "-m", "bench.drift_ours", action, str(first), str(second)])


def floor(rows: Path) -> float:
    """Seconds of one bare pass."""
    return float(figures([sys.executable, "-m", "bench.drift_floor", str(rows)])["seconds"])


def peer(name: str, reference: Path, rows: Path) -> dict[str, Any]:
    """Figures of a peer; empty when it cannot run here."""
    try:
        progress(f"drift of a million rows with {name}")
        script = str(HERE / f"drift_{name}.py")
        return figures([str(python_of(name)), script, str(reference), str(rows)], QUIET)
    except PeerUnavailableError as reason:
        progress(f"no peer: {reason}")
        return {}


def apart(mine: dict[str, Any], theirs: dict[str, Any]) -> float:
    """By how much the distances that two tools find differ at most."""
    return max(abs(mine["distances"][n] - value) for n, value in theirs["distances"].items())


def rows() -> list[Row]:
    """The rows of this file."""
    progress("rows for drift")
    reference, current = drift_data.file(1), drift_data.file(2, shift=0.2)
    baseline = drift_data.FOLDER / "baseline.json"
    progress("drift of a million rows")
    fits = [ours("fit", reference, baseline) for _ in range(3)]
    scores, floors = [], []
    for _ in range(RUNS):
        # In turn, so that what else runs on the machine weighs on both.
        scores.append(ours("score", baseline, current))
        floors.append(floor(current))
    score, bare = (
        statistics.median(run["seconds"] for run in scores),
        statistics.median(floors),
    )
    fit = statistics.median(run["seconds"] for run in fits)
    peak = max(run["peak_mb"] for run in scores)
    nannyml = peer("nannyml", reference, current)
    evidently = peer("evidently", reference, current)
    if nannyml:
        difference = apart(scores[0], nannyml)
        progress(f"distances differ from NannyML's by at most {difference:.4f}")
        if difference > AGREES_WITHIN:
            raise RuntimeError(f"our distances are not NannyML's: {difference:.4f} apart")
    theirs = nannyml.get("seconds")
    whole = nannyml["seconds"] + nannyml["fit_seconds"] if nannyml else None
    other = evidently.get("seconds")
    return [
        _rate("drift_rows_per_s", score, whole, f"{NANNYML}, whole run"),
        lower_is_better("drift_over_floor", "x the floor", score / bare, 1.0, FLOOR),
        lower_is_better("drift_floor_s", "s", bare, None, None),
        _rate("drift_scored_rows_per_s", score, theirs, f"{NANNYML}, fitted before"),
        _rate("drift_with_fit_rows_per_s", score + fit, whole, f"{NANNYML}, whole run"),
        _rate("drift_evidently_rows_per_s", score + fit, other, f"{EVIDENTLY}, whole run"),
        lower_is_better("drift_peak_mb", "MB", peak, nannyml.get("peak_mb"), NANNYML),
    ]


def _rate(name: str, seconds: float, theirs: float | None, peer_name: str) -> Row:
    size = drift_data.PIECE
    return higher_is_better(name, "rows/s", size / seconds, theirs and size / theirs, peer_name)
