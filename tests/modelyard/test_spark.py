"""Spark counts what one machine counts, byte for byte."""

import datetime
import json
import os
import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bench import drift_long
from bench.environments import is_made
from modelyard import profile
from modelyard.data import Column

COLUMNS = (
    Column(name="n", kind="number", use="feature"),
    Column(name="flag", kind="boolean", use="feature"),
    Column(name="when", kind="date", use="feature"),
    Column(name="c", kind="category", use="feature", categories=("red", "blue")),
    Column(name="t", kind="text", use="feature"),
)
ROWS = 20_000


@pytest.mark.spark
@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif(
    shutil.which("java") is None and "JAVA_HOME" not in os.environ, reason="there is no Java here"
)
@pytest.mark.skipif(
    not is_made("spark"), reason="no Spark here; `python -m bench --only drift_long` installs it"
)
def test_spark_and_local_profiles_are_the_same_bytes(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    numbers = random.lognormal(3, 2, ROWS) * np.where(random.random(ROWS) < 0.01, -1e9, 1)
    moments = [datetime.datetime(2026, 1, 1) + datetime.timedelta(hours=h) for h in range(ROWS)]
    table = pa.table(
        {
            "n": pa.array(numbers, mask=random.random(ROWS) < 0.1),
            "flag": pa.array(random.random(ROWS) < 0.3),
            "when": pa.array(moments, pa.timestamp("us", "UTC")),
            "c": pa.array(random.choice(["red", "blue", "green", ""], ROWS)),
            "t": pa.array(random.choice(["", "word", "two words", "n/a"], ROWS)),
            "unknown": pa.array(np.arange(ROWS)),
        }
    )
    rows = tmp_path / "rows"
    rows.mkdir()
    for part in range(8):
        pq.write_table(table[part * 2500 : part * 2500 + 2500], rows / f"part-{part}.parquet")
    stored = tmp_path / "baseline.json"
    baseline = profile.baseline_of_parquet(rows / "part-0.parquet", COLUMNS)
    stored.write_text(json.dumps(profile.document(baseline)))
    out = tmp_path / "spark.json"
    drift_long.spark(stored, rows, out)
    assert out.read_text() == drift_long.local(stored, rows)
