"""A linear model as plain arithmetic: found by its behaviour, proved on rows, saved as numbers.

Any pipeline whose decision is a sum of one term per column (linear in a number, a constant per
category, a constant for a gap) is this arithmetic, whatever steps it was made of. `find` measures
the terms by asking the fitted model, and keeps them only if they give its decisions back on every
training row and on rows far outside them. Scoring then needs neither scikit-learn nor pandas, and
one row gives the same bits as a million.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from modelyard import values
from modelyard.data import Column
from modelyard.tables import Arrays, is_numeric

Link = Literal["logistic", "softmax", "identity"]
Floats = npt.NDArray[np.float64]
Decide = Callable[[Arrays], Floats]

TOLERANCE = 1e-9
_STRESS_ROWS = 200
_FAR = 20.0


class GapError(ValueError):
    """A number is missing, and the model cannot do without it."""

    def __init__(self, name: str) -> None:
        super().__init__(f"column '{name}' is missing, and the model was not made for gaps")


@dataclass(frozen=True)
class Number:
    """(x - center) * slope for each output; `gap` where x is missing, None if it never may be."""

    name: str
    center: float
    slope: tuple[float, ...]
    gap: tuple[float, ...] | None

    def require_value(self, array: Floats) -> None:
        """GapError where a number is missing that the model cannot do without."""
        if self.gap is None and np.isnan(array).any():
            raise GapError(self.name)


@dataclass(frozen=True)
class Category:
    """A constant per category for each output; `other` for every category not listed."""

    name: str
    levels: Mapping[str, tuple[float, ...]]
    other: tuple[float, ...]


Term = Number | Category


@dataclass(frozen=True)
class Scorer:
    """The terms, added to `base` in their order."""

    link: Link
    base: tuple[float, ...]
    terms: tuple[Term, ...]

    def decide(self, arrays: Arrays, rows: int) -> Floats:
        """The decision of each row for each output, before the link."""
        decision = np.tile(np.array(self.base), (rows, 1))
        for term in self.terms:
            array = arrays[term.name]
            if isinstance(term, Number):
                moved = array - term.center
                gaps = np.isnan(array)
                term.require_value(array)
                for output, slope in enumerate(term.slope):
                    gap = term.gap[output] if term.gap else 0.0
                    decision[:, output] += np.where(gaps, gap, moved * slope)
            else:
                decision += np.array([term.levels.get(text, term.other) for text in array])
        return decision

    def decide_row(self, row: Sequence[Any]) -> list[float]:
        """The same for one row whose values come in the order of the terms: the same bits."""
        decision = list(self.base)
        for term, value in zip(self.terms, row, strict=True):
            if isinstance(term, Category):
                parts: Sequence[float] = term.levels.get(value, term.other)
            elif value != value:
                if term.gap is None:
                    raise GapError(term.name)
                parts = term.gap
            else:
                moved = value - term.center
                parts = [moved * slope for slope in term.slope]
            for output, part in enumerate(parts):
                decision[output] += part
        return decision

    def finish(self, decision: Sequence[float]) -> tuple[float, ...]:
        """Probabilities of the classes, or the value of a regression."""
        if self.link == "identity":
            return (decision[0],)
        if self.link == "logistic":
            positive = logistic(decision[0])
            return (1.0 - positive, positive)
        top = max(decision)
        powers = [math.exp(value - top) for value in decision]
        total = sum(powers)
        return tuple(power / total for power in powers)

    def document(self) -> dict[str, Any]:
        """Plain data for scorer.json."""
        terms: list[dict[str, Any]] = [
            {"name": t.name, "center": t.center, "slope": list(t.slope),
             "gap": None if t.gap is None else list(t.gap)}
            if isinstance(t, Number)
            else {"name": t.name, "levels": {k: list(v) for k, v in t.levels.items()},
                  "other": list(t.other)}
            for t in self.terms
        ]  # fmt: skip
        return {"link": self.link, "base": list(self.base), "terms": terms}


def parse(document: Mapping[str, Any]) -> Scorer:
    """The scorer that `document` wrote."""
    terms: list[Term] = []
    for term in document["terms"]:
        if "levels" in term:
            levels = {text: tuple(parts) for text, parts in term["levels"].items()}
            terms.append(Category(term["name"], levels, tuple(term["other"])))
        else:
            gap = None if term["gap"] is None else tuple(term["gap"])
            terms.append(Number(term["name"], term["center"], tuple(term["slope"]), gap))
    return Scorer(document["link"], tuple(document["base"]), tuple(terms))


def logistic(decision: float) -> float:
    """1 / (1 + exp(-x)) without overflow."""
    if decision >= 0:
        return 1.0 / (1.0 + math.exp(-decision))
    power = math.exp(decision)
    return power / (1.0 + power)


def find(decide: Decide, link: Link, arrays: Arrays, columns: Sequence[Column]) -> Scorer | None:
    """The arithmetic behind a model's decisions, or None where it is not of this form."""
    if any(not is_numeric(column) and not column.categories for column in columns):
        return None
    try:
        return _proved(decide, link, arrays, columns, gaps=True)
    except ValueError:
        # scikit-learn refuses gaps with a ValueError: the model has no term for one.
        try:
            return _proved(decide, link, arrays, columns, gaps=False)
        except ValueError:
            return None


def _proved(
    decide: Decide, link: Link, arrays: Arrays, columns: Sequence[Column], *, gaps: bool
) -> Scorer | None:
    scorer = _measure(decide, link, arrays, columns, gaps=gaps)
    proofs = (arrays, stress_rows(arrays, columns, gaps=gaps))
    return scorer if all(_agrees(scorer, decide, proof) for proof in proofs) else None


def _measure(
    decide: Decide, link: Link, arrays: Arrays, columns: Sequence[Column], *, gaps: bool
) -> Scorer:
    usual: dict[str, Any] = {}
    probes: list[tuple[str, Any]] = []
    for column in columns:
        if is_numeric(column):
            center, reach = _lever(arrays[column.name])
            usual[column.name] = center
            asked_of = (center - reach, center + reach, *([values.NAN] if gaps else []))
            probes += [(column.name, x) for x in asked_of]
        else:
            usual[column.name] = column.categories[0]
            probes += [(column.name, text) for text in _levels(column)]
    asked = {
        name: np.array(
            [start, *(value if name == probed else start for probed, value in probes)],
            dtype=arrays[name].dtype,
        )
        for name, start in usual.items()
    }
    answers = decide(asked)
    base, steps = answers[0], iter(answers[1:] - answers[0])
    terms: list[Term] = []
    for column in columns:
        if is_numeric(column):
            center, reach = _lever(arrays[column.name])
            below, above = next(steps), next(steps)
            gap = tuple(next(steps).tolist()) if gaps else None
            slope = (above - below) / (2 * reach)
            terms.append(Number(column.name, center, tuple(slope.tolist()), gap))
        else:
            levels = {text: tuple(next(steps).tolist()) for text in _levels(column)}
            terms.append(Category(column.name, levels, levels[values.OTHER]))
    return Scorer(link, tuple(base.tolist()), tuple(terms))


def _levels(column: Column) -> list[str]:
    return [*column.categories, values.MISSING, values.OTHER]


def _lever(array: Floats) -> tuple[float, float]:
    """Where to measure a number: its middle, and as far from it as the rows reach."""
    known = array[~np.isnan(array)]
    if not len(known):
        return 0.0, 1.0
    center = float(np.median(known))
    return center, float(np.abs(known - center).max()) or 1.0


def stress_rows(arrays: Arrays, columns: Sequence[Column], *, gaps: bool) -> Arrays:
    """Unknown categories, numbers far outside and gaps where they may be, in fixed random mix."""
    random = np.random.default_rng(0)
    stress: Arrays = {}
    for column in columns:
        if is_numeric(column):
            center, reach = _lever(arrays[column.name])
            numbers = center + reach * random.uniform(-_FAR, _FAR, _STRESS_ROWS)
            missing = random.random(_STRESS_ROWS) < (0.1 if gaps else 0.0)
            stress[column.name] = np.where(missing, np.nan, numbers)
        else:
            stress[column.name] = random.choice(
                np.array(_levels(column), dtype=object), _STRESS_ROWS
            )
    return stress


def _agrees(scorer: Scorer, decide: Decide, arrays: Arrays) -> bool:
    expected = decide(arrays)
    found = scorer.decide(arrays, len(expected))
    scale = 1.0 + np.abs(expected).max(axis=1, keepdims=True)
    return bool((np.abs(found - expected) <= TOLERANCE * scale).all())
