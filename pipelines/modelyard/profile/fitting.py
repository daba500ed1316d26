"""The profile of training rows: what scales and categories later rows are counted on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from modelyard.data import Column, Label
from modelyard.profile import reading, scale
from modelyard.profile.columns import (
    CategoryProfile,
    ColumnProfile,
    Kind,
    NumberProfile,
    Profile,
    Role,
)
from modelyard.profile.counter import batches
from modelyard.profile.names import Names
from modelyard.project import Problem
from modelyard.tables import Arrays, is_numeric
from modelyard.values import as_text

PREDICTION = "(prediction)"
PROBABILITY = "(probability)"
# Numbers a scale is fitted on: more would not move its cells by a tenth of their width.
SAMPLE = 1 << 17

Array = npt.NDArray[Any]


class Sample:
    """Every 2**k-th number of a column, k such that at most SAMPLE are kept."""

    def __init__(self) -> None:
        self._parts: list[Array] = []
        self._stride, self._seen, self._size = 1, 0, 0

    def add(self, numbers: Array) -> None:
        """Keeps the numbers whose place in the column is a multiple of the stride."""
        kept = numbers[-self._seen % self._stride :: self._stride]
        self._seen += len(numbers)
        self._parts.append(kept.copy())
        self._size += len(kept)
        while self._size > SAMPLE:
            self._parts = [np.concatenate(self._parts)[::2]]
            self._size, self._stride = len(self._parts[0]), self._stride * 2

    def sorted(self) -> Array:
        """What was kept and is finite, in order."""
        kept = np.concatenate([np.empty(0), *self._parts])
        return np.sort(kept[np.abs(kept) < scale.LARGEST])


def fit(rows: Iterable[Any], columns: Sequence[Column]) -> Profile:
    """An empty profile on scales that suit the given record batches."""
    samples = {column.name: Sample() for column in columns if not column.categories}
    by_name = {column.name: column for column in columns}
    for batch in rows:
        for name, sample in samples.items():
            if name in batch.schema.names:
                array, column = batch.column(name), by_name[name]
                is_text = _kind(column) == "text"
                read = reading.lengths(array) if is_text else reading.numbers(array, column)
                sample.add(read.values)
    profiles: dict[str, ColumnProfile] = {}
    for column in columns:
        if column.categories:
            profiles[column.name] = _no_categories(column)
        else:
            profiles[column.name] = _no_numbers(column, scale.fit(samples[column.name].sorted()))
    return Profile(0, 0, profiles, Names.of({}))


def baseline(arrays: Arrays, columns: Sequence[Column]) -> Profile:
    """The profile of prepared training rows."""
    batch = as_batch(arrays, columns)
    return counted(batches([batch], fit([batch], columns), columns))


def predictions(problem: Problem, labels: Sequence[Label], scores: Array) -> Profile:
    """The profile of a model's answers: what is said and, of classes, how surely.

    The scores (rows x classes, or rows x 1) should be of rows the model was not fitted on: it is
    surer of those it has seen than it will be of any other.
    """
    if problem == "regression":
        said = Column(name=PREDICTION, kind="number", use="feature")
        return baseline({PREDICTION: scores[:, 0]}, [said])
    names = [as_text(label) for label in labels]
    said = Column(name=PREDICTION, kind="category", use="feature", categories=tuple(names))
    surely = Column(name=PROBABILITY, kind="number", use="feature")
    # The positive class of two, the surest class of many.
    leading = scores[:, 1] if problem == "binary" else scores.max(axis=1)
    chosen = np.array(names, dtype=object)[scores.argmax(axis=1)]
    return baseline({PREDICTION: chosen, PROBABILITY: leading}, [said, surely])


def counted(profile: Profile) -> Profile:
    """The profile of all training rows as what later rows are compared with.

    A scale is fitted on a sample; the range that later numbers are held against is that of all.
    """
    columns: dict[str, ColumnProfile] = {}
    for name, column in profile.columns.items():
        if isinstance(column, NumberProfile):
            ranged = replace(column.scale, least=column.min, most=column.max)
            column = replace(column, scale=ranged, below=0, above=0)
        columns[name] = column
    return replace(profile, columns=columns)


def as_batch(arrays: Arrays, columns: Sequence[Column]) -> Any:
    """Prepared rows as a record batch."""
    types = [pa.float64() if is_numeric(column) else pa.string() for column in columns]
    data = [
        pa.array(arrays[column.name], kind, from_pandas=False)
        for column, kind in zip(columns, types, strict=True)
    ]
    return pa.RecordBatch.from_arrays(data, names=[column.name for column in columns])


def _kind(column: Column) -> Kind:
    if column.categories:
        return "category"
    kinds: Mapping[str, Kind] = {
        "number": "number",
        "integer": "integer",
        "boolean": "boolean",
        "date": "date",
    }
    return kinds.get(column.kind, "text")


def _nothing(column: Column) -> dict[str, Any]:
    role: Role = "feature"
    if column.name in (PREDICTION, PROBABILITY):
        role = "prediction"
    elif column.use in ("target", "protected"):
        role = column.use
    counts = {"rows": 0, "null": 0, "malformed": 0, "absent": 0, "types": {}}
    return {"kind": _kind(column), "role": role, **counts}


def _no_numbers(column: Column, fitted: scale.Scale) -> NumberProfile:
    return NumberProfile(
        **_nothing(column),
        nan=0,
        infinite=0,
        empty=0,
        scale=fitted,
        counts=(0,) * (len(fitted.bounds) + 1),
        sum=0,
        squares=0,
        min=None,
        max=None,
        below=0,
        above=0,
    )


def _no_categories(column: Column) -> CategoryProfile:
    counts = dict.fromkeys(column.categories, 0)
    return CategoryProfile(**_nothing(column), counts=counts, other=0, new=Names.of({}))
