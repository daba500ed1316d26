"""Answers of the model, with the groups of those they were about and, where known, the truth."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from modelyard.data import Column
from modelyard.tables import Arrays, is_numeric
from modelyard.values import MISSING


@dataclass
class Answers:
    """The scores of some rows, with the protected attributes that came along."""

    scores: Any
    groups: Arrays
    labels: Any = None

    def __len__(self) -> int:
        return len(self.scores)


@dataclass
class Kept:
    """Scores, groups and labels as they come, block by block."""

    scores: list[Any] = field(default_factory=list)
    groups: list[Arrays] = field(default_factory=list)
    labels: list[Any] = field(default_factory=list)

    def finished(self, classes: int, protected: Sequence[Column]) -> Answers:
        """All of them together."""
        scores = np.concatenate(self.scores) if self.scores else np.empty((0, classes))
        groups = {
            column.name: np.concatenate([part[column.name] for part in self.groups])
            if self.groups
            else unknown(column, 0)
            for column in protected
        }
        return Answers(scores, groups, np.array(self.labels))

    def add(self, chosen: Any, scores: Any, arrays: Arrays, protected: Sequence[Column]) -> None:
        """The chosen rows of a block; a group that no client named is unknown."""
        if not chosen.any():
            return
        self.scores.append(scores[chosen])
        self.groups.append(
            {
                column.name: arrays[column.name][chosen]
                if column.name in arrays
                else unknown(column, int(chosen.sum()))
                for column in protected
            }
        )


def unknown(column: Column, size: int) -> Any:
    """The groups of rows whose client did not say."""
    return np.full(size, np.nan) if is_numeric(column) else np.full(size, MISSING, dtype=object)
