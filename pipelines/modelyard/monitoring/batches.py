"""Rows as clients sent them, as columns: for the profile (Arrow) and the data contract (frame)."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from modelyard.requests import Row
from modelyard.values import as_text

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

# A client that sends a new name with each row must not fill the memory.
_MOST_COLUMNS = 2000


def record_batch(rows: Sequence[Row], predictions: Mapping[str, Sequence[Any]]) -> "pa.RecordBatch":
    """The rows' columns, those that some rows lack included, with the predictions beside them."""
    import pyarrow as pa

    names = list(dict.fromkeys(name for row in rows for name in row))[:_MOST_COLUMNS]
    columns = {name: _array([row.get(name) for row in rows]) for name in names}
    answered = {name: _array(values) for name, values in predictions.items()}
    return pa.RecordBatch.from_pydict({**columns, **answered})


def _array(values: Sequence[Any]) -> "pa.Array":
    """A column of one type; where clients sent several, their texts."""
    import pyarrow as pa

    try:
        array = pa.array(values)
    except (pa.ArrowException, OverflowError):
        array = None
    if array is not None and not pa.types.is_nested(array.type):
        return array
    return pa.array([None if value is None else as_text(value) for value in values], pa.string())


def frame(rows: Sequence[Row]) -> "pd.DataFrame":
    """The rows as the data contract checks them: the values as they were sent."""
    import pandas as pd

    names = list(dict.fromkeys(name for row in rows for name in row))[:_MOST_COLUMNS]
    return pd.DataFrame(
        {name: pd.Series([row.get(name) for row in rows], dtype=object) for name in names}
    )
