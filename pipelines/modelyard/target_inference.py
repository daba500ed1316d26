"""The target of a data contract: its labels or range, or why no model can be made of it."""

from collections import Counter
from typing import Any

from modelyard import values
from modelyard.column_facts import bounds, natural, tolerated
from modelyard.data import Column, DataError
from modelyard.kind_inference import Guess, guess_kind

_POSITIVE = frozenset(("true", "yes", "y", "t", "1", "positive", "approved", "approve", "accepted"))
_MAX_LABELS = 100


def target_column(name: str, column: list[Any], problem: str) -> Column:
    present = [cell for cell in column if cell is not None]
    if not present:
        raise DataError(f"the target '{name}' is empty in every row")
    guess = guess_kind(name, present)
    counts = Counter(values.as_text(cell) for cell in present)
    if len(counts) == 1:
        raise DataError(
            f"the target '{name}' is constant: every row says {values.shown(present[0])}; "
            "a model needs rows of at least two kinds"
        )
    if problem == "regression":
        return _regression_target(name, column, guess)
    labels = _labels(name, counts, problem)
    whole = all(text.lstrip("-").isdigit() and str(int(text)) == text for text in labels)
    truth = set(labels) == {"true", "false"}
    return Column(
        name=name,
        kind="integer" if whole else "boolean" if truth else "category",
        use="target",
        categories=labels,
        missing_rate=_tolerated_in_target(column),
    )


def _tolerated_in_target(cells: list[Any], words: tuple[str, ...] = ()) -> float:
    """A target without gaps stays without; rows that lack theirs are of no use."""
    return tolerated(cells, words) if words or None in cells else 0.0


def _regression_target(name: str, cells: list[Any], guess: Guess) -> Column:
    present = [cell for cell in cells if cell is not None]
    column = Column(
        name=name,
        kind="number",
        use="target",
        format=guess.format,
        missing=guess.missing,
        missing_rate=_tolerated_in_target(cells, guess.missing),
    )
    try:
        if guess.kind == "date":
            raise ValueError(f"{values.shown(present[0])} is a date")
        observed = bounds(column, present)
    except ValueError as error:
        raise DataError(
            f"the target '{name}' is not numeric ({error}); a regression needs numbers, "
            "classes need problem: binary or multiclass"
        ) from None
    return column.model_copy(update=observed)


def _labels(name: str, counts: Counter[str], problem: str) -> tuple[str, ...]:
    lowered = {text.lower(): text for text in counts}
    if set(lowered) == {"true", "false"}:
        counts = Counter({text.lower(): count for text, count in counts.items()})
    labels = sorted(counts, key=natural)
    shown = ", ".join(labels[:8]) + (", ..." if len(labels) > 8 else "")
    if problem == "binary" and len(labels) != 2:
        raise DataError(
            f"the target '{name}' has {len(labels)} values ({shown}); binary needs two: "
            "use problem: multiclass or regression"
        )
    if len(labels) > min(_MAX_LABELS, max(2, counts.total() // 2)):
        raise DataError(
            f"the target '{name}' has {len(labels)} different values ({shown}); "
            "that looks like a number: use problem: regression"
        )
    rare = [label for label in labels if counts[label] < 2]
    if rare:
        raise DataError(
            f"the target '{name}' has a class with one row only ({rare[0]}); "
            "collect more, or merge classes"
        )
    if problem == "binary":
        positive = [text for text in labels if text.lower() in _POSITIVE]
        last = positive[0] if len(positive) == 1 else min(labels, key=lambda text: counts[text])
        labels = [text for text in labels if text != last] + [last]
    return tuple(labels)
