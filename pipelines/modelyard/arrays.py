"""Prepared rows on disk: Parquet holding exactly what a contract's columns are read to."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from modelyard.data import Column, DataContract, DataError
from modelyard.tables import Arrays, is_numeric

FILE_NAME = "data.parquet"


def prepared_columns(contract: DataContract) -> tuple[Column, ...]:
    """What prepared rows hold: everything but the dropped columns."""
    return contract.used("feature", "target", "protected", "key")


def write(arrays: Arrays, contract: DataContract, folder: Path) -> None:
    """Writes the prepared columns; the same rows give the same bytes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = prepared_columns(contract)
    types = [pa.float64() if is_numeric(column) else pa.string() for column in columns]
    data = [
        pa.array(arrays[column.name], type, from_pandas=False)
        for column, type in zip(columns, types, strict=True)
    ]
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(data, names=[c.name for c in columns]), folder / FILE_NAME)


def read(folder: Path, columns: Sequence[Column]) -> Arrays:
    """The given columns of prepared rows: float64 where numeric, otherwise text objects."""
    import pyarrow.parquet as pq

    file = folder / FILE_NAME
    if not file.is_file():
        raise DataError(f"{file}: no such file; it is what the prepare job writes")
    table = pq.read_table(file, columns=[column.name for column in columns])
    return {
        column.name: np.asarray(
            table.column(column.name).to_pylist(),
            dtype=np.float64 if is_numeric(column) else object,
        )
        for column in columns
    }


def take(arrays: Arrays, rows: Sequence[int]) -> Arrays:
    """The given rows, in the given order."""
    index = np.asarray(rows, dtype=np.intp)
    return {name: array[index] for name, array in arrays.items()}


def target_values(arrays: Arrays, contract: DataContract) -> Any:
    """What a model is fitted on: positions of the labels, or the numbers of a regression."""
    column = contract.target_column
    if not column.categories:
        return arrays[column.name]
    position = {label: index for index, label in enumerate(column.categories)}
    return np.array([position[label] for label in arrays[column.name]], dtype=np.int64)
