"""Rows to R and scores back, as files: texts in JSON, numbers as the eight bytes they are."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from modelyard import values
from modelyard.data import Column, DataContract
from modelyard.scorer import Floats
from modelyard.tables import is_numeric

if TYPE_CHECKING:
    import pandas as pd


def write_rows(
    folder: Path,
    frame: "pd.DataFrame",
    contract: DataContract,
    answers: Any = None,
    weights: Any = None,
) -> None:
    """The features of a frame, and what they are fitted on where that is given."""
    numbers, texts = list[Floats](), dict[str, list[str]]()
    for column in contract.feature_columns:
        cells = frame[column.name].to_numpy()
        if is_numeric(column):
            numbers.append(cells.astype(np.float64))
        elif column.categories:
            numbers.append(_positions(cells, column))
        else:
            texts[column.name] = [str(cell) for cell in cells]
    numbers += [np.asarray(one, np.float64) for one in (answers, weights) if one is not None]
    about = {
        "rows": len(frame),
        "texts": texts,
        "answers": answers is not None,
        "weights": weights is not None,
    }
    (folder / "rows.json").write_text(json.dumps(about), encoding="utf-8")
    with (folder / "numbers.bin").open("wb") as stream:
        for array in numbers:
            stream.write(array.astype("<f8").tobytes())


def read_scores(folder: Path, rows: int) -> Floats:
    """One line per row, one column per output."""
    flat = np.fromfile(folder / "scores.bin", dtype="<f8").astype(np.float64)
    return flat.reshape(rows, -1, order="F")


def _positions(cells: Any, column: Column) -> Floats:
    """Categories as R numbers the levels of a factor: from 1, unknown ones last."""
    levels = (*column.categories, values.MISSING, values.OTHER)
    position = {level: float(number) for number, level in enumerate(levels, 1)}
    return np.array([position.get(cell, position[values.OTHER]) for cell in cells])
