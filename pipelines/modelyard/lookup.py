"""A features step as a table: every made column is one column as it is, or a number per category.

Trees need no more than that, and then a request needs neither scikit-learn nor a frame, which cost
ten times what the trees do. `find` measures the table by asking the fitted step, and keeps it only
if it gives the step's output back bit for bit, on the training rows and on rows far outside them.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from modelyard import values
from modelyard.data import Column
from modelyard.scorer import Floats, stress_rows
from modelyard.tables import Arrays, is_numeric

FILE_NAME = "columns.json"
Transform = Callable[[Arrays], Floats]


@dataclass(frozen=True)
class Made:
    """One made column: a number with `other` for a gap, or a number per category."""

    name: str
    levels: Mapping[str, float] | None
    other: float

    def of(self, array: Any) -> Any:
        """Its values for the contract's column."""
        if self.levels is not None:
            return [self.levels.get(text, self.other) for text in array]
        return array if math.isnan(self.other) else np.where(np.isnan(array), self.other, array)


@dataclass(frozen=True)
class Lookup:
    """The made columns in their order."""

    made: tuple[Made, ...]

    def matrix(self, source: Any) -> Floats:
        """What the booster sees of arrays by column, or of a frame."""
        result = np.empty((len(source[self.made[0].name]), len(self.made)))
        for index, column in enumerate(self.made):
            result[:, index] = column.of(source[column.name])
        return result

    def document(self) -> list[dict[str, Any]]:
        """Plain data for columns.json, null for what is no number."""
        return [
            {
                "name": made.name,
                "levels": None
                if made.levels is None
                else {text: _known(level) for text, level in made.levels.items()},
                "other": _known(made.other),
            }
            for made in self.made
        ]


def parse(document: Sequence[Mapping[str, Any]]) -> Lookup:
    """The table that `document` wrote."""
    return Lookup(
        tuple(
            Made(
                made["name"],
                None
                if made["levels"] is None
                else {text: _number(level) for text, level in made["levels"].items()},
                _number(made["other"]),
            )
            for made in document
        )
    )


def find(
    transform: Transform,
    origins: Sequence[str | None] | None,
    arrays: Arrays,
    columns: Sequence[Column],
) -> Lookup | None:
    """The table behind a features step whose made columns come from `origins`, if it is one."""
    known = {column.name: column for column in columns if is_numeric(column) or column.categories}
    if not origins or any(origin not in known for origin in origins):
        return None
    usual = {column.name: arrays[column.name][:1] for column in columns}
    measured: dict[str, tuple[Sequence[Any], Any]] = {}
    for name in dict.fromkeys(map(str, origins)):
        asked = [values.NAN] if is_numeric(known[name]) else _levels(known[name])
        rows = {one: np.repeat(array, len(asked)) for one, array in usual.items()}
        rows[name] = np.array(asked, dtype=arrays[name].dtype)
        try:
            measured[name] = asked, transform(rows)
        except ValueError:
            return None  # scikit-learn refuses a gap it has no number for
    made = tuple(_made(str(origin), index, *measured[str(origin)])
                 for index, origin in enumerate(origins))  # fmt: skip
    found = Lookup(made)
    proofs = (arrays, stress_rows(arrays, columns, gaps=True))
    equal = (np.array_equal(found.matrix(rows), transform(rows), equal_nan=True) for rows in proofs)
    return found if all(equal) else None


def _made(name: str, index: int, asked: Sequence[Any], answers: Any) -> Made:
    told = [float(number) for number in answers[:, index]]
    if len(asked) == 1:
        return Made(name, None, told[0])
    levels = dict(zip(asked, told, strict=True))
    return Made(name, levels, levels[values.OTHER])


def _levels(column: Column) -> list[str]:
    return [*column.categories, values.MISSING, values.OTHER]


def _known(number: float) -> float | None:
    return None if math.isnan(number) else number


def _number(stated: float | None) -> float:
    return values.NAN if stated is None else float(stated)
