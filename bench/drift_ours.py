"""Our side of `bench.drift`, in its own process: `fit ROWS BASELINE` or `score BASELINE ROWS`."""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

from bench.drift_data import COLUMNS
from modelyard import drift, profile


def main() -> int:
    """Prints seconds, peak memory and, when scoring, the KS or JS distance of each column."""
    action, first, second = sys.argv[1:]
    begin = time.perf_counter()
    found: dict[str, float | None] = {}
    if action == "fit":
        baseline = profile.baseline_of_parquet(first, COLUMNS)
        Path(second).write_text(json.dumps(profile.document(baseline), sort_keys=True))
    else:
        baseline = profile.parse(json.loads(Path(first).read_text()))
        report = drift.compare(baseline, profile.parquet(second, baseline, COLUMNS))
        found = {c.name: c.js if c.kind == "category" else c.ks for c in report.columns}
    seconds = time.perf_counter() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(json.dumps({"seconds": seconds, "peak_mb": peak, "distances": found}) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
