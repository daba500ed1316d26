"""Profiles of files of any size: what is in memory at a time is a batch of rows for each thread."""

import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from modelyard.data import Column
from modelyard.profile import fitting
from modelyard.profile.columns import CategoryProfile, Profile, merge
from modelyard.profile.counter import Counter
from modelyard.profile.document import ProfileError
from modelyard.profile.numbers import CHUNK
from modelyard.profile.texts import csv_batches, json_batches

Paths = str | Path | Iterable[str | Path]
# A column's pages are read through a buffer of this size, not as a whole.
_BUFFER_BYTES = 1 << 20


class _Part(NamedTuple):
    """Some columns of one row group."""

    path: Path
    group: int
    names: tuple[str, ...]


def parquet(
    paths: Paths, baseline: Profile, columns: Sequence[Column] = (), threads: int | None = None
) -> Profile:
    """The profile of Parquet files, read by several threads; only the baseline's columns are."""
    files, parts = _files(paths), SimpleQueue[_Part]()
    workers = threads or min(os.cpu_count() or 1, 8)
    counter = Counter(baseline, columns)
    groups: list[tuple[Path, int]] = []
    for file in files:
        with _opened(file, ()) as opened:
            counter.add_rows(opened.metadata.num_rows, opened.schema_arrow.names)
            groups += [(file, group) for group in range(opened.num_row_groups)]
    blocks = _blocks(counter.names, 1 if len(groups) >= 4 * workers else 2 * workers)
    for file, group in groups:
        for block in blocks:
            parts.put(_Part(file, group, block))
    with ThreadPoolExecutor(workers) as pool:
        found = [pool.submit(_count, parts, baseline, columns) for _ in range(workers)]
    # Threads count different columns of the same rows: only their columns add up.
    result = counter.profile()
    for future in found:
        result = merge(result, future.result())
    return result


def _count(parts: "SimpleQueue[_Part]", baseline: Profile, columns: Sequence[Column]) -> Profile:
    counter = Counter(baseline, columns)
    listed = [n for n, column in baseline.columns.items() if isinstance(column, CategoryProfile)]
    opened: tuple[Path, Any] | None = None
    try:
        while True:
            part = parts.get_nowait()
            if opened is None or opened[0] != part.path:
                if opened is not None:
                    opened[1].close()
                opened = part.path, _opened(part.path, listed)
            _count_part(counter, opened[1], part)
    except Empty:
        return counter.profile()
    finally:
        if opened is not None:
            opened[1].close()


def _count_part(counter: Counter, opened: Any, part: _Part) -> None:
    present = set(opened.schema_arrow.names)
    names = [name for name in part.names if name in present]
    rows = opened.metadata.row_group(part.group).num_rows
    for name in part.names:
        if name not in present:
            counter.skip(name, rows)
    if names:
        for batch in opened.iter_batches(CHUNK, [part.group], names, use_threads=False):
            counter.add_columns(batch, names)


def _blocks(names: Sequence[str], number: int) -> list[tuple[str, ...]]:
    return [block for start in range(number) if (block := tuple(names[start::number]))]


def baseline_of_parquet(paths: Paths, columns: Sequence[Column]) -> Profile:
    """The baseline of training rows in Parquet files: one pass for the scales, one to count."""
    names = [column.name for column in columns if not column.categories]
    fitted = fitting.fit(_batches(paths, names), columns)
    return fitting.counted(parquet(paths, fitted, columns))


def json_lines(paths: Paths, baseline: Profile, columns: Sequence[Column] = ()) -> Profile:
    """The profile of files with one JSON object a line; lines that are none are counted."""
    counter = Counter(baseline, columns)
    for file in _files(paths):
        _count_all(counter, json_batches(file))
    return counter.profile()


def csv(paths: Paths, baseline: Profile, columns: Sequence[Column] = ()) -> Profile:
    """The profile of CSV files with a header row."""
    counter = Counter(baseline, columns)
    for file in _files(paths):
        _count_all(counter, csv_batches(file))
    return counter.profile()


def _count_all(counter: Counter, found: Iterable[tuple[Any | None, int]]) -> None:
    for batch, unreadable in found:
        counter.unreadable(unreadable)
        if batch is not None:
            counter.add(batch)


def _batches(paths: Paths, names: Sequence[str]) -> Iterator[Any]:
    for file in _files(paths):
        with _opened(file, ()) as opened:
            yield from opened.iter_batches(CHUNK, columns=list(names), use_threads=True)


def _opened(file: Path, listed: Sequence[str]) -> Any:
    try:
        return pq.ParquetFile(
            file, read_dictionary=list(listed), buffer_size=_BUFFER_BYTES, pre_buffer=False
        )
    except (pa.ArrowException, OSError) as error:
        raise ProfileError(f"{file}: is no readable Parquet file: {error}") from None


def _files(paths: Paths) -> list[Path]:
    """The files a path means: itself, or what a folder holds."""
    given = [paths] if isinstance(paths, str | Path) else list(paths)
    found: list[Path] = []
    for path in map(Path, given):
        if path.is_dir():
            found += sorted(file for file in path.rglob("*.parquet") if file.is_file())
        else:
            found.append(path)
    return found
