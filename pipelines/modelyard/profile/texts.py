"""CSV and JSON-lines files as record batches, a block at a time; what cannot be read is counted."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import csv as arrow_csv
from pyarrow import json as arrow_json

from modelyard.profile.document import ProfileError

BLOCK_BYTES = 4 << 20


def json_batches(file: Path) -> Iterator[tuple[Any | None, int]]:
    """Batches of the objects of a JSON-lines file, each with how many lines were none."""
    for block in _blocks(file):
        yield from _json_block(block)


def rows_batch(rows: list[dict[str, Any]]) -> Any:
    """Objects as a record batch; a column of mixed types is one of texts."""
    names = dict.fromkeys(name for row in rows for name in row)
    arrays = [_array([row.get(name) for row in rows]) for name in names]
    return pa.RecordBatch.from_arrays(arrays, names=list(names))


def csv_batches(file: Path) -> Iterator[tuple[Any | None, int]]:
    """Batches of a CSV file, every value as text, each with how many lines were no rows."""
    skipped: list[int] = []

    def skip(_: Any) -> str:
        skipped.append(1)
        return "skip"

    try:
        options = {
            "read_options": arrow_csv.ReadOptions(block_size=BLOCK_BYTES),
            "parse_options": arrow_csv.ParseOptions(
                newlines_in_values=True, invalid_row_handler=skip
            ),
        }
        with arrow_csv.open_csv(file, **options) as header:
            names = header.schema.names
        skipped.clear()
        with arrow_csv.open_csv(
            file,
            **options,
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        ) as reader:
            for batch in reader:
                yield batch, len(skipped)
                skipped.clear()
        if skipped:
            yield None, len(skipped)
    except (pa.ArrowException, OSError) as error:
        raise ProfileError(f"{file}: is no readable CSV: {error}") from None


def _blocks(file: Path) -> Iterator[bytes]:
    """A file in blocks of whole lines."""
    with file.open("rb") as stream:
        while block := stream.read(BLOCK_BYTES):
            yield block + stream.readline()


def _json_block(block: bytes) -> Iterator[tuple[Any | None, int]]:
    try:
        # Dates stay texts: only the contract knows what they are.
        table = arrow_json.read_json(
            io.BytesIO(block),
            read_options=arrow_json.ReadOptions(use_threads=False, block_size=2 * len(block)),
        )
        if any(pa.types.is_timestamp(field.type) for field in table.schema):
            raise pa.ArrowInvalid("a text was taken for a time")
    except pa.ArrowException:
        yield _parsed(block)
        return
    for batch in table.combine_chunks().to_batches():
        yield batch, 0


def _parsed(block: bytes) -> tuple[Any | None, int]:
    """The block line by line, for lines that are not all objects of the same shape."""
    rows, unreadable = list[dict[str, Any]](), 0
    for line in block.splitlines():
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError:
            row = None
        if isinstance(row, dict):
            rows.append(row)
        else:
            unreadable += 1
    return (rows_batch(rows) if rows else None), unreadable


def _array(cells: list[Any]) -> Any:
    try:
        return pa.array(cells)
    except (pa.ArrowException, OverflowError):
        texts = [
            cell if cell is None or isinstance(cell, str) else json.dumps(cell) for cell in cells
        ]
        return pa.array(texts, pa.string())
