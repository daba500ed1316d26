"""A profile by Spark on two local workers; runs in Spark's own environment: BASELINE ROWS OUT.

Writes the profile's bytes, which must be those of the local one, and prints the seconds it took.
"""

import json
import sys
import time
from pathlib import Path

from pyspark.sql import SparkSession

from modelyard import profile, spark


def main() -> int:
    """Profiles the rows once to start the workers, and once to measure."""
    stored, rows, out = map(Path, sys.argv[1:])
    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.session.timeZone", "UTC")
        .getOrCreate()
    )
    try:
        baseline = profile.parse(json.loads(stored.read_text(encoding="utf-8")))
        frame = session.read.parquet(str(rows))
        spark.profile(frame.limit(1), baseline)
        begin = time.perf_counter()
        found = spark.profile(frame, baseline)
        seconds = time.perf_counter() - begin
    finally:
        session.stop()
    text = json.dumps(profile.document(found), sort_keys=True, allow_nan=False)
    out.write_text(text, encoding="utf-8")
    sys.stdout.write("\n" + json.dumps({"seconds": seconds}) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
