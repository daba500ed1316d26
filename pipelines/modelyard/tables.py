"""Rows and frames read by a data contract: one path for training, scoring and serving."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from modelyard import values
from modelyard.data import NUMERIC, Column, DataContract, DataError
from modelyard.table_files import header as header
from modelyard.table_files import read_table as read_table

if TYPE_CHECKING:
    import pandas as pd

Arrays = dict[str, npt.NDArray[Any]]


class Unreadable(NamedTuple):
    """A value that is not what its column holds; rows count from 0."""

    column: str
    row: int
    reason: str


def reader(column: Column) -> values.Reader:
    """Reads one value of a column: a float or a text; ValueError with the reason when it is not."""
    extra = frozenset(text.lower() for text in column.missing)
    missing: float | str
    read, missing = _kind_reader(column)

    def read_or_missing(value: Any) -> Any:
        if value is None or value != value:
            return missing
        if isinstance(value, str):
            text = value.strip().lower()
            if text in values.MISSING_TEXTS or text in extra:
                return missing
        return read(value)

    return read_or_missing


def _kind_reader(column: Column) -> tuple[values.Reader, float | str]:
    if column.kind == "category" or column.categories:
        return values.category_reader(frozenset(column.categories)), values.MISSING
    if column.kind == "number":
        return values.number_reader(column.format), values.NAN
    if column.kind == "integer":
        return values.integer_reader(column.format), values.NAN
    if column.kind == "boolean":
        return values.read_boolean, values.NAN
    if column.kind == "date":
        return values.date_reader(column.format), values.NAN
    return values.read_text, ""


def is_numeric(column: Column) -> bool:
    """Whether a frame holds the column as float64 (else as text)."""
    return column.kind in NUMERIC and not column.categories


def read_column(
    cells: Sequence[Any] | npt.NDArray[Any], column: Column
) -> tuple[npt.NDArray[Any], list[Unreadable]]:
    """A column's values by its contract, and what could not be read (left missing)."""
    read, unreadable = reader(column), list[Unreadable]()
    missing = values.NAN if is_numeric(column) else read(None)
    known: dict[str, Any] = {}
    result: list[Any] = []
    for row, cell in enumerate(cells):
        if isinstance(cell, str) and cell in known:
            result.append(known[cell])
            continue
        try:
            value = read(cell)
        except (ValueError, TypeError, OverflowError) as error:
            unreadable.append(Unreadable(column.name, row, str(error)))
            value = missing
        else:
            if isinstance(cell, str):
                known[cell] = value
        result.append(value)
    return np.array(result, dtype=np.float64 if is_numeric(column) else object), unreadable


def cells(frame: "pd.DataFrame", name: str) -> list[Any]:
    """A frame's column as plain Python values, None where missing."""
    series = frame[name]
    return [
        None if empty else value
        for value, empty in zip(series.astype(object).tolist(), series.isna(), strict=True)
    ]


def to_arrays(
    source: "pd.DataFrame | Sequence[Mapping[str, Any]]",
    columns: Sequence[Column],
) -> Arrays:
    """Rows or a frame as arrays by column; DataError names row and column of a wrong value."""
    arrays: Arrays = {}
    for column in columns:
        if isinstance(source, Sequence):
            raw = [_cell(row, column.name, number) for number, row in enumerate(source, 1)]
        elif column.name in source.columns:
            raw = cells(source, column.name)
        else:
            raise DataError(f"column '{column.name}' is missing")
        arrays[column.name], unreadable = read_column(raw, column)
        if unreadable:
            raise wrong_value(unreadable[0].row + 1, column.name, unreadable[0].reason)
    return arrays


def wrong_value(row: int, column: str, reason: object) -> DataError:
    """The error about one cell; rows count from 1."""
    return DataError(f"row {row}, column '{column}': {reason}")


def as_frame(arrays: Arrays, columns: Sequence[Column]) -> "pd.DataFrame":
    """Arrays as the frame a model sees."""
    import pandas as pd

    chosen = {column.name: arrays[column.name] for column in columns}
    return pd.DataFrame(
        {name: pd.Series(array, dtype=array.dtype) for name, array in chosen.items()}
    )


def to_frame(
    source: "pd.DataFrame | Sequence[Mapping[str, Any]]",
    contract: DataContract,
    columns: Sequence[Column] | None = None,
) -> "pd.DataFrame":
    """Rows or a frame as a model sees them; by default the features, or the columns given."""
    chosen = contract.feature_columns if columns is None else columns
    return as_frame(to_arrays(source, chosen), chosen)


def _cell(row: Mapping[str, Any], name: str, number: int) -> Any:
    if name not in row:
        raise DataError(f"row {number}: column '{name}' is missing; send null when it is unknown")
    return row[name]


def to_rows(arrays: Mapping[str, Any], columns: Sequence[Column]) -> list[dict[str, Any]]:
    """What `to_frame` would read back to the same values: the inverse, as JSON-ready rows."""
    listed = [[_original(value, column) for value in arrays[column.name]] for column in columns]
    names = [column.name for column in columns]
    return [dict(zip(names, row, strict=True)) for row in zip(*listed, strict=True)]


def _original(value: Any, column: Column) -> Any:
    if not is_numeric(column):
        return None if value in (values.MISSING, "") else value
    if value != value:
        return None
    if column.kind == "date":
        return values.date_text(float(value), column.format)
    if column.kind == "boolean":
        return bool(value)
    return int(value) if column.kind == "integer" else float(value)
