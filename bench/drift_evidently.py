"""Evidently's side of `bench.drift`; runs in Evidently's own environment: REFERENCE ROWS."""

import json
import resource
import sys
import time

import pandas as pd
from evidently import Dataset, Report
from evidently.presets import DataDriftPreset


def main() -> int:
    """Prints seconds to score (it fits nothing beforehand) and peak memory."""
    begin = time.perf_counter()
    reference, rows = (pd.read_parquet(file) for file in sys.argv[1:])
    report = Report([DataDriftPreset(method="psi")])
    report.run(Dataset.from_pandas(rows), Dataset.from_pandas(reference)).dict()
    figures = {
        "seconds": time.perf_counter() - begin,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    sys.stdout.write("\n" + json.dumps(figures) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
