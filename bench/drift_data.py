"""Rows for measuring drift: 16 float64 columns of four sorts and 4 dictionary columns."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from modelyard.data import Column

FOLDER = Path(__file__).resolve().parent.parent / "build" / "bench"
PIECE = 1_000_000
NUMBERS = tuple(f"n{place}" for place in range(16))
CATEGORIES = {f"s{place}": tuple(f"c{n}" for n in range(5 + 10 * place)) for place in range(4)}
COLUMNS = (
    *(Column(name=name, kind="number", use="feature") for name in NUMBERS),
    *(
        Column(name=name, kind="category", use="feature", categories=names)
        for name, names in CATEGORIES.items()
    ),
)


def file(seed: int, rows: int = PIECE, shift: float = 0.0) -> Path:
    """A Parquet file of so many rows, a piece to a row group; made once."""
    path = FOLDER / f"drift-{seed}-{rows}-{shift:g}.parquet"
    if not path.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        random = np.random.default_rng(seed)
        first = piece(random, min(rows, PIECE), shift)
        with pq.ParquetWriter(part, first.schema) as writer:
            writer.write_table(first, row_group_size=PIECE)
            for _ in range(rows // PIECE - 1):
                writer.write_table(piece(random, PIECE, shift), row_group_size=PIECE)
        part.rename(path)
    return path


def piece(random: np.random.Generator, rows: int, shift: float) -> pa.Table:
    """Some rows; the first four columns are shifted."""
    columns: dict[str, pa.Array] = {}
    for place, name in enumerate(NUMBERS):
        moved = shift if place < 4 else 0.0
        if place % 4 < 2:
            values = random.normal(moved, 1, rows)
        elif place % 4 == 2:
            values = random.lognormal(10, 0.8, rows) * (1 + moved)
        else:
            values = random.integers(0, 100, rows).astype(float)
        columns[name] = pa.array(values)
    for name, names in CATEGORIES.items():
        falling = np.arange(len(names), 0, -1.0)
        chosen = random.choice(len(names), rows, p=falling / falling.sum())
        columns[name] = pa.DictionaryArray.from_arrays(
            pa.array(chosen.astype(np.int32)), pa.array(names)
        )
    return pa.table(columns)
