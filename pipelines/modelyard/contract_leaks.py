"""Columns that are the answer in disguise, or a protected attribute in other words.

A column determines another when each of its values occurs with one value of the other only. With
few distinct values, each seen often, that is no coincidence: whoever wrote the column knew.
"""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from itertools import combinations, groupby
from typing import Any

from modelyard import values

_MAX_DISTINCT = 50
_ROWS_PER_VALUE = 5
_MIN_ROWS = 20
_ALMOST = 0.99999

Cells = Sequence[Any]


def leak(name: str, cells: Cells, target: str, answers: Cells, continuous: bool) -> str | None:
    """Why a column gives the target away, or None; missing cells are None."""
    known = [
        (cell, answer) for cell, answer in zip(cells, answers, strict=True) if answer is not None
    ]
    if len(known) < _MIN_ROWS:
        return None
    left, right = [_key(cell) for cell, _ in known], [_key(answer) for _, answer in known]
    if continuous:
        return _rescaled(known, target) or _banded(left, right, target)
    if _rare(right):
        return None
    present = [(a, b) for a, b in zip(left, right, strict=True) if a is not None]
    filled = len(present) >= 0.8 * len(left)
    pure = determines(*_columns(present)) if filled and present else determines(left, right)
    if pure:
        return f"its values determine the target '{target}'"
    gaps = [cell is None for cell in left]
    if not _rare(gaps) and len(set(gaps)) == 2 and determines(gaps, right):
        return f"whether it is filled in determines the target '{target}'"
    return None


def protected_echo(cells: Cells, protected: Mapping[str, Cells]) -> str | None:
    """Why a column repeats protected attributes, or None."""
    left = [_key(cell) for cell in cells]
    if len(left) < _MIN_ROWS or len(set(left)) < 2 or _rare(left):
        return None
    coded = {name: [_key(cell) for cell in column] for name, column in protected.items()}
    for name, codes in coded.items():
        if len(set(codes)) > 1 and not _rare(codes) and determines(left, codes):
            return f"its values determine the protected column '{name}'"
    few = {name: codes for name, codes in coded.items() if len(set(codes)) <= 20}
    for size in range(1, min(len(few), 4) + 1):
        for names in combinations(few, size):
            if determines(list(zip(*(few[name] for name in names), strict=True)), left):
                return f"is determined by the protected columns {', '.join(names)}"
    for name, codes in coded.items():
        if name not in few and _banded(left, codes, name):
            return f"is a banding of the protected column '{name}'"
    return None


def determines(left: Sequence[Hashable], right: Sequence[Hashable]) -> bool:
    """Whether each of few, frequent values on the left comes with one value on the right."""
    seen: dict[Hashable, Hashable] = {}
    for value, other in zip(left, right, strict=True):
        if seen.setdefault(value, other) != other:
            return False
        if len(seen) > _MAX_DISTINCT:
            return False
    return len(set(seen.values())) > 1 and len(left) >= _ROWS_PER_VALUE * len(seen)


def _rare(codes: Sequence[Hashable]) -> bool:
    """Whether all but the most frequent value together occur too seldom to judge by."""
    return len(codes) - Counter(codes).most_common(1)[0][1] < _ROWS_PER_VALUE


def _banded(left: Sequence[Hashable], right: Sequence[Any], target: str) -> str | None:
    """Sorted by the target, a banding of it changes its value once per band and never returns."""
    pairs = sorted(
        ((b, a) for a, b in zip(left, right, strict=True) if b is not None),
        key=lambda pair: pair[0],
    )
    codes = [code for _, code in pairs]
    distinct = len(set(codes))
    if not 2 <= distinct <= min(_MAX_DISTINCT, len(codes) / _ROWS_PER_VALUE) or _rare(codes):
        return None
    if sum(1 for _ in groupby(codes)) == distinct:
        return f"is a banding of the target '{target}'"
    return None


def _rescaled(known: Sequence[tuple[Any, Any]], target: str) -> str | None:
    import numpy as np

    pairs = [pair for pair in known if isinstance(pair[0], float)]
    if len(pairs) < _MIN_ROWS:
        return None
    x, y = np.array(pairs, dtype=float).T
    if x.std() == 0 or y.std() == 0:
        return None
    if abs(np.corrcoef(x, y)[0, 1]) > _ALMOST:
        return f"is the target '{target}' on another scale"
    return None


def _columns(pairs: Sequence[tuple[Any, Any]]) -> tuple[list[Any], list[Any]]:
    return [a for a, _ in pairs], [b for _, b in pairs]


def _key(cell: Any) -> Any:
    return cell if cell is None or isinstance(cell, float) else values.as_text(cell)
