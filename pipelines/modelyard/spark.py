"""Profiles of Spark data frames: the kernel of modelyard.profile on every partition, and its merge.

    from modelyard import spark
    today = spark.profile(session.read.parquet("s3://..."), baseline)

The result is, byte for byte, what modelyard.profile.parquet gives for the same rows. Executors need
modelyard, numpy and pyarrow; a partition's rows are seen a batch at a time.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import reduce
from typing import Any

import pyarrow as pa

from modelyard import profile as profiles
from modelyard.data import Column

_SCHEMA = "profile string"
# More partitions than this are merged by the executors before the driver merges the rest.
_DRIVER_MERGES = 64

Batches = Iterator[Any]


def profile(
    frame: Any, baseline: profiles.Profile, columns: Sequence[Column] = ()
) -> profiles.Profile:
    """The profile of a pyspark.sql.DataFrame on the scales and categories of a baseline."""
    stored = _text(profiles.empty(baseline))
    parts = frame.mapInArrow(_counting(_text(baseline), tuple(columns)), _SCHEMA)
    if frame.rdd.getNumPartitions() > _DRIVER_MERGES:
        parts = parts.repartition(_DRIVER_MERGES).mapInArrow(_merging(stored), _SCHEMA)
    return _merged([row.profile for row in parts.collect()], stored)


def _counting(baseline: str, columns: Sequence[Column]) -> Callable[[Batches], Batches]:
    def count(batches: Batches) -> Batches:
        yield _row(profiles.batches(batches, profiles.parse(json.loads(baseline)), columns))

    return count


def _merging(stored: str) -> Callable[[Batches], Batches]:
    def merge(batches: Batches) -> Batches:
        yield _row(_merged((text for batch in batches for text in batch[0].to_pylist()), stored))

    return merge


def _merged(texts: Iterable[str], stored: str) -> profiles.Profile:
    parts = (profiles.parse(json.loads(text)) for text in texts)
    return reduce(profiles.merge, parts, profiles.parse(json.loads(stored)))


def _row(found: profiles.Profile) -> Any:
    return pa.RecordBatch.from_arrays([pa.array([_text(found)])], names=["profile"])


def _text(found: profiles.Profile) -> str:
    return json.dumps(profiles.document(found), sort_keys=True, allow_nan=False)
