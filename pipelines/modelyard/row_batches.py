"""Many rows of a request read column by column: what one row's reading gives, at array speed.

Most columns of a request are of one kind throughout; those are read whole, and only what is not so
goes value by value through the same readers as a single row.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from modelyard import values
from modelyard.data import Column
from modelyard.requests import Row, RowReader
from modelyard.tables import Arrays, is_numeric, reader

# A column of plain decimal texts, joined by line feeds: what CSV gives for most numbers.
_PLAIN = re.compile(r"(?:-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\n)+", re.ASCII)
_Cells = list[Any]


class BatchReader:
    """Reads rows to arrays by column; DataError names row and column as RowReader's does."""

    def __init__(self, columns: Sequence[Column], one_by_one: RowReader) -> None:
        self._one_by_one = one_by_one
        self._names = [column.name for column in columns]
        self._readers = [_column_reader(column) for column in columns]

    def read(self, rows: Sequence[Row]) -> Arrays:
        """The arrays of the model's columns."""
        try:
            arrays = {
                name: read([row[name] for row in rows])
                for name, read in zip(self._names, self._readers, strict=True)
            }
        except (KeyError, ValueError, TypeError, OverflowError):
            # Says which row it is; the batch is refused as a whole, as one row would be.
            for number, row in enumerate(rows, 1):
                self._one_by_one.read(row, number)
            raise
        for number, row in enumerate(rows, 1):
            if len(row) > len(self._names):
                self._one_by_one.check_names(row, number)
        return arrays


def _column_reader(column: Column) -> Callable[[_Cells], Any]:
    read, numeric = reader(column), is_numeric(column)
    plain = column.kind == "number" and column.format in (None, values.PLAIN)
    missing = frozenset(column.missing)

    def whole(cells: _Cells) -> Any:
        if plain and not missing:
            found = _numbers(cells)
            if found is not None:
                return found
        known = {cell: read(cell) for cell in set(cells)} if _are_texts(cells) else None
        listed = [read(cell) for cell in cells] if known is None else [known[c] for c in cells]
        return np.array(listed, dtype=np.float64 if numeric else object)

    return whole


def _numbers(cells: _Cells) -> Any | None:
    """Plain numbers at once; None where one of them is something else."""
    kinds = set(map(type, cells))
    if kinds <= {float, int}:
        found = np.array(cells, dtype=np.float64)
        return found if np.isfinite(found).all() else None
    if kinds == {str} and _PLAIN.fullmatch("\n".join(cells) + "\n"):
        found = np.array(list(map(float, cells)), dtype=np.float64)
        return found if np.isfinite(found).all() else None
    return None


def _are_texts(cells: _Cells) -> bool:
    return set(map(type, cells)) == {str}
