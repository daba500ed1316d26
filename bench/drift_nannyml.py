"""NannyML's side of `bench.drift`; runs in NannyML's own environment: REFERENCE ROWS."""

import json
import resource
import sys
import time

import nannyml
import pandas as pd


def main() -> int:
    """Prints seconds to fit and to score, peak memory and the KS or JS distance of each column."""
    reference_file, rows_file = sys.argv[1:]
    begin = time.perf_counter()
    reference = pd.read_parquet(reference_file)
    names = list(reference.columns)
    calculator = nannyml.UnivariateDriftCalculator(
        column_names=names,
        continuous_methods=["kolmogorov_smirnov"],
        categorical_methods=["jensen_shannon"],
        chunk_number=1,
    )
    calculator.fit(reference)
    fitted = time.perf_counter()
    del reference
    result = calculator.calculate(pd.read_parquet(rows_file))
    scored = time.perf_counter()
    table = result.filter(period="analysis").to_df()
    found = {
        name: float(table[(name, method, "value")].iloc[0])
        for name in names
        for method in ("kolmogorov_smirnov", "jensen_shannon")
        if (name, method, "value") in table.columns
    }
    figures = {
        "fit_seconds": fitted - begin,
        "seconds": scored - fitted,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "distances": found,
    }
    sys.stdout.write("\n" + json.dumps(figures) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
