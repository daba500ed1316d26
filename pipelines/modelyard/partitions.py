"""Input partitions of batch scoring: files of rows, each known by what it holds."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modelyard.data import DataError
from modelyard.manifest import file_sha256
from modelyard.tables import cells, read_table

_TABLES = (".csv", ".tsv", ".txt", ".parquet", ".pq")
_LINES = (".jsonl", ".ndjson")


@dataclass(frozen=True)
class Partition:
    """One file; the same content is the same partition, whatever it is called."""

    name: str
    file: Path
    sha256: str


def partitions(folder: Path) -> list[Partition]:
    """Every file below a folder but hidden ones, each content once, by its first name."""
    files = sorted(
        file for file in folder.rglob("*") if file.is_file() and not file.name.startswith(".")
    )
    found: dict[str, Partition] = {}
    for file in files:
        digest = file_sha256(file)
        found.setdefault(digest, Partition(str(file.relative_to(folder)), file, digest))
    return list(found.values())


def rows(partition: Partition) -> list[Mapping[str, Any] | None]:
    """The rows, None for a line that is none; DataError when the file is not what it says."""
    suffix = partition.file.suffix.lower()
    if suffix in _LINES:
        return list(_json_lines(partition.file))
    if suffix not in _TABLES:
        known = ", ".join((*_TABLES, *_LINES))
        raise DataError(f"{partition.name}: is no kind of file that holds rows ({known})")
    frame = read_table(partition.file)
    columns = [cells(frame, name) for name in frame.columns]
    names = list(frame.columns)
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _json_lines(file: Path) -> Iterator[Mapping[str, Any] | None]:
    with file.open("rb") as stream:
        for line in stream:
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except (ValueError, RecursionError):
                row = None
            yield row if isinstance(row, dict) else None
