"""Rows, columns and the comparisons the tests of profiles share."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from modelyard import profile
from modelyard.data import Column

NUMBER = Column(name="n", kind="number", use="feature")
COLOUR = Column(name="c", kind="category", use="feature", categories=("red", "blue"))
NOTE = Column(name="t", kind="text", use="feature")
DAY = Column(name="d", kind="date", use="feature")
COLUMNS = (NUMBER, COLOUR, NOTE, DAY)


def batch(**columns: Any) -> Any:
    """A record batch of arrays or lists."""
    arrays = [c if isinstance(c, pa.Array) else pa.array(c) for c in columns.values()]
    return pa.RecordBatch.from_arrays(arrays, names=list(columns))


def number_baseline(numbers: Sequence[float] | Any, kind: Any = "number") -> profile.Profile:
    """The baseline of one column `n`."""
    column = Column(name="n", kind=kind, use="feature")
    return profile.baseline({"n": np.asarray(numbers, dtype=float)}, [column])


def numbers_of(baseline: profile.Profile, array: Any, **column: Any) -> Any:
    """The profile of the column `n` of one array."""
    columns = [Column(name="n", use="feature", **column)] if column else []
    return profile.batches([batch(n=array)], baseline, columns).columns["n"]


def text(found: profile.Profile) -> str:
    """A profile's bytes."""
    return json.dumps(profile.document(found), sort_keys=True, allow_nan=False)


def rows_batch(rows: Sequence[Mapping[str, Any]]) -> Any:
    """Rows of all example columns as a batch."""
    kinds = {"n": pa.float64(), "c": pa.string(), "t": pa.string(), "d": pa.timestamp("us", "UTC")}
    arrays = [pa.array([row[n] for row in rows], k, from_pandas=False) for n, k in kinds.items()]
    return pa.RecordBatch.from_arrays(arrays, names=list(kinds))
