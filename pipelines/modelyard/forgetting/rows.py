"""A file without one person's rows: CSV with its other bytes untouched, Parquet, JSON lines."""

import codecs
import csv
import io
import json
from dataclasses import dataclass

from modelyard.data import DataError
from modelyard.forgetting.captured import without_records
from modelyard.forgetting.person import Person
from modelyard.table_files import delimiter_of, encoding_of, header

_TABLES = (".csv", ".tsv", ".txt")
_PARQUET = (".parquet", ".pq")
_LINES = (".jsonl", ".json", ".out", ".gz")
_NOTHING = frozenset[str]()


class UnreadableError(Exception):
    """A file in which nobody can be found; says why and never quotes the file."""


@dataclass(frozen=True)
class Cut:
    """A file without the person, and whether any row is left in it."""

    content: bytes
    rows: int
    is_empty: bool


def without(
    content: bytes, name: str, person: Person, sliced: frozenset[str] = _NOTHING
) -> Cut | None:
    """The file without the person's rows; None where there are none of them in it."""
    lower = name.lower()
    try:
        if content[:4] == b"PAR1" or lower.endswith(_PARQUET):
            return _without_parquet(content, person)
        if lower.endswith(_TABLES):
            return _without_csv(content, person)
        if lower.endswith(_LINES):
            return _without_lines(content, person, sliced)
    except (DataError, ValueError, OSError, EOFError, csv.Error) as error:
        # What libraries say may quote the content.
        reason = f"cannot be read as what its name says ({type(error).__name__})"
        raise UnreadableError(reason) from None
    raise UnreadableError("is of a kind that holds no rows we can read")


def _without_csv(content: bytes, person: Person) -> Cut | None:
    if not content.strip():
        return None
    encoding = encoding_of(io.BytesIO(content))
    text = content.decode(encoding)
    if encoding == "utf-8-sig" and not content.startswith(codecs.BOM_UTF8):
        encoding = "utf-8"
    lines = list(io.StringIO(text, newline=""))
    reader = csv.reader(lines, delimiter=delimiter_of(text[: 64 * 1024]))
    names = header(next(reader), "the file")
    _require_columns(names, person)
    start = beginning = reader.line_num
    kept, removed = lines[:start], 0
    for cells in reader:
        record, start = lines[start : reader.line_num], reader.line_num
        if person.has(dict(zip(names, cells, strict=False))):
            removed += 1
        else:
            kept += record
    if not removed:
        return None
    return Cut("".join(kept).encode(encoding), removed, len(kept) == beginning)


def _without_parquet(content: bytes, person: Person) -> Cut | None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(pa.BufferReader(content))
        _require_columns(table.column_names, person)
        named = table.select(person.looks_at(table.column_names)).to_pylist()
        about = [person.has(row) for row in named]
        if not any(about):
            return None
        rest, sink = table.filter(pa.array([not one for one in about])), pa.BufferOutputStream()
        pq.write_table(rest, sink)
    except pa.ArrowException as error:
        raise ValueError(type(error).__name__) from None
    return Cut(sink.getvalue().to_pybytes(), sum(about), rest.num_rows == 0)


def _require_columns(names: list[str], person: Person) -> None:
    """A table that names nobody cannot be searched, which is not the same as holding nobody."""
    if not person.looks_at(names):
        raise UnreadableError(
            f"has none of the columns {', '.join(sorted(person.columns))}: its rows say not whose"
        )


def _without_lines(content: bytes, person: Person, sliced: frozenset[str]) -> Cut | None:
    if b"\n" in content.strip():
        try:
            whole = json.loads(content)
        except ValueError:
            whole = None
        if whole is not None:
            if person.is_within(whole):
                raise UnreadableError("is one document about the person, which has to be read")
            return None
    found = without_records(content, person, sliced)
    return None if found is None else Cut(found[0], found[1], not found[0].strip())
