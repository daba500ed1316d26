"""Tables from files and requests, read by a data contract: one path for training and serving."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from modelyard import values
from modelyard.data import NUMERIC, Column, DataContract, DataError

if TYPE_CHECKING:
    import pandas as pd

_SAMPLE_BYTES = 64 * 1024
Arrays = dict[str, npt.NDArray[Any]]


class Unreadable(NamedTuple):
    """A value that is not what its column holds; rows count from 0."""

    column: str
    row: int
    reason: str


def read_table(path: str | Path) -> "pd.DataFrame":
    """A CSV (every value as text) or Parquet file as a frame; DataError when it is none.

    Delimiter (comma, semicolon, tab, bar) and encoding (UTF-8, else Windows-1252) are detected.
    """
    file = Path(path)
    if not file.is_file():
        raise DataError(f"{path}: no such file; check the path")
    if file.stat().st_size == 0:
        raise DataError(f"{path}: is empty; export it again with a header row")
    with file.open("rb") as stream:
        magic = stream.read(4)
    if magic == b"PK\x03\x04" or magic == b"\xd0\xcf\x11\xe0":
        raise DataError(f"{path}: is a spreadsheet or an archive; save it as CSV or Parquet")
    frame = _read_parquet(file) if magic == b"PAR1" else _read_csv(file)
    if len(frame) == 0:
        raise DataError(f"{path}: has a header but no rows")
    return frame


def _read_parquet(file: Path) -> "pd.DataFrame":
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        frame = pq.read_table(file).to_pandas()
    except pa.ArrowException as error:
        raise DataError(f"{file}: is no readable Parquet file: {error}") from None
    frame.columns = pd.Index(header(frame.columns, str(file)), dtype=object)
    return frame


def _read_csv(file: Path) -> "pd.DataFrame":
    import pandas as pd

    with file.open("rb") as stream:
        encoding = _encoding(stream)
    with file.open(encoding=encoding, newline="") as text:
        delimiter = _delimiter(text.read(_SAMPLE_BYTES))
        text.seek(0)
        names = header(next(csv.reader(text, delimiter=delimiter), []), str(file))
    try:
        # The header is read as a row, so that the parser counts on its number of fields.
        frame = pd.read_csv(
            file,
            sep=delimiter,
            encoding=encoding,
            header=None,
            dtype=object,
            keep_default_na=False,
            on_bad_lines="error",
        )
    except pd.errors.ParserError as error:
        reason = str(error).strip().rpartition("C error: ")[2]
        raise DataError(f"{file}: is no readable CSV: {reason}") from None
    return frame.iloc[1:].reset_index(drop=True).set_axis(names, axis=1)


def _encoding(stream: Any) -> str:
    import codecs

    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for block in iter(lambda: stream.read(1 << 20), b""):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def _delimiter(sample: str) -> str:
    lines = sample.splitlines()[:20]
    first = lines[0] if lines else ""

    def fitness(mark: str) -> tuple[bool, bool, int]:
        counts = {len(row) for row in csv.reader(lines, delimiter=mark)}
        return mark in first, len(counts) == 1, first.count(mark)

    return max((mark for mark in ",;\t|"), key=fitness) if first else ","


def header(names: Iterable[Any], source: str) -> list[str]:
    """Column names without surrounding space; one without a name is called by its position."""
    found = [
        str(name).strip().removeprefix("\ufeff") or f"unnamed {position}"
        for position, name in enumerate(names, 1)
    ]
    twice = sorted({name for name in found if found.count(name) > 1})
    if twice:
        raise DataError(f"{source}: the column '{twice[0]}' appears twice; rename one")
    return found


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
    return values.as_text, ""


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
