"""Tables from files: CSV as teams export it, and Parquet."""

import codecs
import csv
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modelyard.data import DataError

if TYPE_CHECKING:
    import pandas as pd

_SAMPLE_BYTES = 64 * 1024


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
        encoding = encoding_of(stream)
    with file.open(encoding=encoding, newline="") as text:
        delimiter = delimiter_of(text.read(_SAMPLE_BYTES))
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


def encoding_of(stream: Any) -> str:
    """The encoding of a text file: UTF-8 where it can be, else Windows-1252."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for block in iter(lambda: stream.read(1 << 20), b""):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def delimiter_of(sample: str) -> str:
    """The mark that separates the cells of a CSV file, judged by its first lines."""
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
