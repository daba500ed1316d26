"""The least one pass can cost, in a process of its own: what no profile of these rows can undercut.

Decodes every column, adds up moments, counts numbers into 64 even bins whose range is known, and
counts categories, with as many threads as there are cores.
"""

from __future__ import annotations

import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

BINS, BATCH = 64, 1 << 16


def count(path: str, names: list[str], low: float, high: float) -> dict[str, object]:
    """Moments and counts of some columns."""
    file = pq.ParquetFile(path, read_dictionary=[name for name in names if name.startswith("s")])
    found: dict[str, object] = {}
    counts: dict[str, np.ndarray] = {}
    moments = {name: np.array([0.0, 0.0, np.inf, -np.inf]) for name in names}
    scratch = np.empty(BATCH)
    for batch in file.iter_batches(BATCH, columns=names, use_threads=False):
        for name, column in zip(names, batch.columns, strict=True):
            if pa.types.is_dictionary(column.type):
                size = len(column.dictionary)
                here = np.bincount(column.indices.to_numpy(), minlength=size)
            else:
                values = column.to_numpy()
                total = moments[name]
                total[0] += values.sum()
                total[1] += np.einsum("i,i", values, values)
                total[2] = min(total[2], values.min())
                total[3] = max(total[3], values.max())
                bins = np.subtract(values, low, out=scratch[: len(values)])
                np.multiply(bins, BINS / (high - low), out=bins)
                np.clip(bins, 0, BINS - 1, out=bins)
                here = np.bincount(bins.astype(np.intp), minlength=BINS)
            counts[name] = counts[name] + here if name in counts else here
    for name in names:
        found[name] = (counts[name].tolist(), moments[name].tolist())
    return found


def main() -> int:
    """Prints the seconds one pass took."""
    path, threads = sys.argv[1], os.cpu_count() or 1
    names = pq.read_schema(path).names
    # The first conversion loads pandas, which is no part of the pass.
    pa.array([0.0]).to_numpy()
    begin = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        blocks = [names[start::threads] for start in range(threads)]
        done = [pool.submit(count, path, block, -5.0, 100.0) for block in blocks]
        for future in done:
            future.result()
    sys.stdout.write(json.dumps({"seconds": time.perf_counter() - begin}) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
