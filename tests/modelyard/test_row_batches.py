"""Many rows are read to the same bits as one, and refused for the same reasons."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelyard.data import DataContract, DataError
from modelyard.requests import PARSERS, Row, RowReader
from modelyard.row_batches import BatchReader

CONTRACT = DataContract.parse(
    {
        "columns": [
            {"name": "number", "kind": "number", "use": "feature"},
            {"name": "english", "kind": "number", "use": "feature", "format": "1,234.5"},
            {"name": "marked", "kind": "number", "use": "feature", "missing": ["999"]},
            {"name": "integer", "kind": "integer", "use": "feature"},
            {"name": "boolean", "kind": "boolean", "use": "feature"},
            {"name": "date", "kind": "date", "use": "feature"},
            {"name": "colour", "kind": "category", "use": "feature", "categories": ["a", "b"]},
            {"name": "text", "kind": "text", "use": "feature"},
            {"name": "target", "kind": "number", "use": "target"},
        ]
    }
)
COLUMNS = CONTRACT.feature_columns
NAMES = [column.name for column in COLUMNS]
ONE = RowReader(COLUMNS, [column.name for column in CONTRACT.columns])
MANY = BatchReader(COLUMNS, ONE)
GOOD: dict[str, Any] = {
    "number": 1.5, "english": "1,234.5", "marked": "999", "integer": 3, "boolean": True,
    "date": "2026-01-31", "colour": "a", "text": "x",
}  # fmt: skip
VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**30), 10**30), st.just(10**400),
    st.floats(allow_nan=False, allow_infinity=False), st.just([]), st.just({}),
    st.sampled_from(["", "1", "-2.50", "1e3", "1e999", "1_0", " 7 ", "nan", "a", "A", "yes", "1\n2",
                     "2026-01-31", "1,000", "٣", "999", "0.1", "\ud800"]),
)  # fmt: skip
ROWS = st.lists(
    st.builds(
        lambda changed: {**GOOD, **changed},
        st.dictionaries(st.sampled_from([*NAMES, "target", "strange"]), VALUES, max_size=2),
    ),
    min_size=1,
    max_size=20,
)


def alone(rows: list[Row]) -> list[list[Any]] | str:
    """Values row by row, or why not."""
    try:
        return [ONE.read(row, number) for number, row in enumerate(rows, 1)]
    except DataError as error:
        return str(error)


def together(rows: list[Row]) -> list[list[Any]] | str:
    """The same at once."""
    try:
        arrays = MANY.read(rows)
    except DataError as error:
        return str(error)
    return [list(row) for row in zip(*(arrays[name].tolist() for name in NAMES), strict=True)]


@settings(max_examples=300, deadline=None)
@given(ROWS)
def test_batch_reads_what_rows_read(rows: list[Row]) -> None:
    expected, found = alone(rows), together(rows)
    assert repr(found) == repr(expected)


def test_csv_numbers_are_read_at_once_and_alike() -> None:
    rows = [{**GOOD, "number": repr(x)} for x in np.random.default_rng(1).normal(size=100)]
    assert repr(together(rows)) == repr(alone(rows))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
@pytest.mark.parametrize("content_type", sorted(PARSERS))
def test_any_bytes_are_rows_or_a_data_error(content_type: str, body: bytes) -> None:
    try:
        asked = PARSERS[content_type](body)
    except DataError:
        return
    assert asked.rows


@settings(max_examples=200, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["instances", "explain", *NAMES]), inner, max_size=3)
        ),
        max_leaves=8,
    )
)
def test_any_json_is_rows_or_a_data_error(document: Any) -> None:
    try:
        asked = PARSERS["application/json"](json.dumps(document).encode())
    except DataError:
        return
    assert isinstance(alone(asked.rows), list | str)
