"""Captured JSON lines as partitioned Parquet, for questions nobody foresaw (Athena, notebooks).

    converted = convert(file, "loans-prod/main/2026/01/02/12/a.jsonl", folder, contract.columns)

Each captured object becomes files of its own, day=.../hour=.../<digest of its key>.parquet, of the
same bytes whenever it is converted: what was converted before is left alone, what is converted
twice is replaced by itself, and an object that arrives late adds files. In memory are CHUNK rows.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from modelyard.captures import Account, Period, Record, read
from modelyard.data import Column, DataContract, DataError
from modelyard.tables import is_numeric, reader

CHUNK = 8192
_ALWAYS = Period(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
_PASSPORT = (
    ("inference_id", pa.string()),
    ("inference_row", pa.int32()),
    ("inference_time", pa.timestamp("us", "UTC")),
    ("inference_model", pa.string()),
    ("inference_variant", pa.string()),
    ("inference_prediction", pa.string()),
    ("inference_probability", pa.float64()),
    # What could not be read as its column's kind, as it came: a JSON object by column.
    ("inference_unreadable", pa.string()),
)

_Row = tuple[Record, int]


@dataclass(frozen=True)
class Converted:
    """What became of one captured object: its files, their rows, and lines that were no records."""

    files: tuple[str, ...]
    rows: int
    unusable: int


def schema(columns: Sequence[Column]) -> Any:
    """The columns of every file: the passport, the answer, and what was sent."""
    sent = [(c.name, pa.float64() if is_numeric(c) else pa.string()) for c in columns]
    return pa.schema([*_PASSPORT, *sent])


def convert(source: Path, key: str, folder: Path, columns: Sequence[Column]) -> Converted:
    """Converts one captured object; `columns` are those a client sends, `key` is its name in S3."""
    digest = hashlib.sha256(key.encode()).hexdigest()[:24]
    done = folder / "_converted" / f"{digest}.json"
    if done.is_file():
        stored = json.loads(done.read_text(encoding="utf-8"))
        return Converted(tuple(stored["files"]), stored["rows"], stored["unusable"])
    account, rows = Account(), 0
    writers: dict[str, Any] = {}
    try:
        found = _rows(read([source], _ALWAYS, account))
        while chunk := list(islice(found, CHUNK)):
            rows += len(chunk)
            for partition, part in _partitioned(chunk).items():
                if partition not in writers:
                    writers[partition] = _writer(folder / partition, digest, columns)
                writers[partition].write_batch(_batch(part, columns))
    finally:
        for writer in writers.values():
            writer.close()
    files = tuple(f"{partition}/{digest}.parquet" for partition in sorted(writers))
    for name in files:
        (folder / name).with_suffix(".part").replace(folder / name)
    # Last: only what is complete counts as converted.
    done.parent.mkdir(parents=True, exist_ok=True)
    converted = Converted(files, rows, account.unusable)
    done.write_text(json.dumps({"key": key, **asdict(converted)}, sort_keys=True) + "\n", "utf-8")
    return converted


def convert_folder(captured: Path, folder: Path, columns: Sequence[Column]) -> list[Converted]:
    """Converts what a folder of captured objects holds beyond what was converted before."""
    sources = sorted(
        file for file in captured.rglob("*") if file.name.endswith((".jsonl", ".jsonl.gz"))
    )
    return [convert(file, str(file.relative_to(captured)), folder, columns) for file in sources]


def main(arguments: Sequence[str] | None = None) -> int:
    """Converts a folder; prints what became of it."""
    parser = argparse.ArgumentParser(
        prog="python -m modelyard.captured_parquet", description=__doc__
    )
    parser.add_argument("captured", type=Path, help="the captured objects, as in the bucket")
    parser.add_argument("output", type=Path, help="the Parquet data set")
    parser.add_argument("--contract", type=Path, default=Path("data_contract.yaml"))
    options = parser.parse_args(arguments)
    try:
        contract = DataContract.load(options.contract)
    except DataError as error:
        parser.error(str(error))
    found = convert_folder(options.captured, options.output, contract.feature_columns)
    rows, unusable = sum(one.rows for one in found), sum(one.unusable for one in found)
    sys.stdout.write(f"{rows} rows of {len(found)} objects; {unusable} lines were no records\n")
    return 0


def _rows(records: Iterable[Record]) -> Iterator[_Row]:
    for record in records:
        for place in range(len(record.rows)):
            yield record, place


def _partitioned(rows: Iterable[_Row]) -> Mapping[str, list[_Row]]:
    parts: dict[str, list[_Row]] = {}
    for row in rows:
        partition = row[0].time.astimezone(UTC).strftime("day=%Y-%m-%d/hour=%H")
        parts.setdefault(partition, []).append(row)
    return parts


def _writer(folder: Path, digest: str, columns: Sequence[Column]) -> Any:
    folder.mkdir(parents=True, exist_ok=True)
    return pq.ParquetWriter(folder / f"{digest}.part", schema(columns), compression="zstd")


def _batch(rows: Sequence[_Row], columns: Sequence[Column]) -> Any:
    answers = [record.predictions[place] for record, place in rows]
    aside: list[dict[str, Any]] = [{} for _ in rows]
    cells = {c.name: [record.rows[place].get(c.name) for record, place in rows] for c in columns}
    sent = [_column(cells[column.name], column, aside) for column in columns]
    arrays = [
        [record.inference_id for record, _ in rows],
        [place for _, place in rows],
        [record.time for record, _ in rows],
        [record.model_package for record, _ in rows],
        [record.variant for record, _ in rows],
        [_text(answer.get("prediction")) for answer in answers],
        [_probability(answer) for answer in answers],
        [json.dumps(one, sort_keys=True) if one else None for one in aside],
        *sent,
    ]
    kinds = schema(columns)
    data = [pa.array(array, field.type) for array, field in zip(arrays, kinds, strict=True)]
    return pa.RecordBatch.from_arrays(data, schema=kinds)


def _column(cells: Iterable[Any], column: Column, aside: Sequence[dict[str, Any]]) -> list[Any]:
    """Values as the contract reads numbers, texts as they came; what is neither is kept aside."""
    read, result = reader(column), list[Any]()
    for row, cell in enumerate(cells):
        if cell is None:
            result.append(None)
        elif not is_numeric(column):
            result.append(_text(cell))
        else:
            try:
                number = read(cell)
            except (ValueError, TypeError, OverflowError):
                aside[row][column.name] = cell
                number = None
            result.append(None if number is None or number != number else number)
    return result


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, sort_keys=True)


def _probability(answer: Mapping[str, Any]) -> float | None:
    """The positive class's of two, the surest class's of many; a regression has none."""
    single, several = answer.get("probability"), answer.get("probabilities")
    if isinstance(single, int | float):
        return float(single)
    if isinstance(several, Mapping):
        numbers = [value for value in several.values() if isinstance(value, int | float)]
        return float(max(numbers)) if numbers else None
    return None


if __name__ == "__main__":
    sys.exit(main())
