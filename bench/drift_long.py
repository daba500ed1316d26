"""`drift_rows_per_s_20m`, `drift_peak_mb_20m`, `drift_spark_rows_per_s`: more rows, and Spark.

The peer of the first two is our own pass over a million rows: growth is linear where the ratio
stays about 1, and memory bounded. Spark must give the bytes of the local profile.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
from pathlib import Path
from typing import Any

from bench import drift, drift_data
from bench.environments import PeerUnavailableError, python_of
from bench.measure import Row, higher_is_better, lower_is_better, progress
from modelyard import profile

MANY = 20 * drift_data.PIECE
RUNS = 3
SMALL = "ours, 1M rows"


def spark(baseline: Path, rows: Path, out: Path) -> dict[str, Any]:
    """Figures of Spark on two local workers, in an environment of its own."""
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        raise PeerUnavailableError("there is no Java here")
    root = drift.HERE.parent
    command = [str(python_of("spark")), str(drift.HERE / "drift_spark.py")]
    # The workers import what the driver does.
    path = {"PYTHONPATH": str(root / "pipelines"), "PYSPARK_PYTHON": command[0]}
    return drift.figures([*command, str(baseline), str(rows), str(out)], path)


def local(baseline: Path, rows: Path) -> str:
    """The bytes of the local profile."""
    stored = profile.parse(json.loads(baseline.read_text(encoding="utf-8")))
    found = profile.parquet(rows, stored)
    return json.dumps(profile.document(found), sort_keys=True, allow_nan=False)


def rows() -> list[Row]:
    """The rows of this file."""
    baseline = drift_data.FOLDER / "baseline.json"
    progress("rows for drift, twenty million")
    reference, few = drift_data.file(1), drift_data.file(2, shift=0.2)
    many = drift_data.file(3, MANY, shift=0.2)
    drift.ours("fit", reference, baseline)
    progress("drift of one and of twenty million rows")
    small = [drift.ours("score", baseline, few) for _ in range(RUNS)]
    large = [drift.ours("score", baseline, many) for _ in range(RUNS)]
    rates = [
        size / statistics.median(run["seconds"] for run in runs)
        for size, runs in ((drift_data.PIECE, small), (MANY, large))
    ]
    peaks = [max(run["peak_mb"] for run in runs) for runs in (small, large)]
    found = [
        higher_is_better("drift_rows_per_s_20m", "rows/s", rates[1], rates[0], SMALL),
        lower_is_better("drift_peak_mb_20m", "MB", peaks[1], peaks[0], SMALL),
    ]
    try:
        progress("a million rows by Spark")
        out = drift_data.FOLDER / "spark.json"
        seconds = spark(baseline, few, out)["seconds"]
        if out.read_text(encoding="utf-8") != local(baseline, few):
            raise RuntimeError("Spark's profile is not the local one")
        found.append(
            higher_is_better(
                "drift_spark_rows_per_s", "rows/s", drift_data.PIECE / seconds, None, None
            )
        )
    except PeerUnavailableError as reason:
        progress(f"no Spark: {reason}")
    return found
