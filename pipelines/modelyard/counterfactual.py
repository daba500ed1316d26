"""What would have changed a decision: the smallest plausible changes of one or two features.

    found = search(model, row, profile.parse(baseline))
    found.options[0].changes          # column, before, after, effort

Asked is the model itself. Every plausible value of each changeable column is tried alone, and of
the ten most promising ones in pairs; a number is then brought back as close to what it was as the
decision allows, by halving the distance: exact for a linear model, and for trees the next threshold
between two of a hundred quantiles. An option that more effort than a simpler one buys is left out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any

import numpy as np
import numpy.typing as npt

from modelyard.actionable import Lane, changeable, is_assumed, lane
from modelyard.errors import ModelyardError
from modelyard.model import Model
from modelyard.profile import Profile
from modelyard.tables import Arrays, is_numeric, to_arrays, to_rows

MOST = 5
_PROMISING = 10
_IN_PAIRS = 12
_HALVINGS = 24

Point = dict[str, float | str]


class CounterfactualError(ModelyardError):
    """There is no decision that could have been another."""


@dataclass(frozen=True)
class Change:
    """One column's value, as the data write it, and what it takes to get there."""

    column: str
    before: Any
    after: Any
    effort: float


@dataclass(frozen=True)
class Option:
    """Changes that together change the decision, and what it would be then."""

    changes: tuple[Change, ...]
    effort: float
    answer: Mapping[str, Any]


@dataclass(frozen=True)
class Counterfactuals:
    """The options, least effort first; `reason` says why there is none.

    Attributes:
        assumed: columns that were taken to be changeable because nobody said.
    """

    options: tuple[Option, ...]
    reason: str | None
    changeable: tuple[str, ...]
    assumed: tuple[str, ...]


def search(model: Model, row: Mapping[str, Any], baseline: Profile) -> Counterfactuals:
    """The options for one row as the data write it."""
    if not model.labels:
        raise CounterfactualError("a regression tells a number and decides nothing")
    arrays = to_arrays([row], model.contract.feature_columns)
    columns = changeable(model.contract)
    lanes = [
        found
        for c in columns
        if (found := lane(c, arrays[c.name].tolist()[0], baseline)) is not None
    ]
    asked = _Asked(model, arrays)
    points = _alone(asked, lanes)
    points += _in_pairs(asked, lanes, points)
    options = sorted((asked.option(lanes, point) for point in points), key=lambda o: o.effort)
    kept = tuple(option for option in options if option.changes)[:MOST]
    return Counterfactuals(
        options=kept,
        reason=None if kept else _why_none(columns),
        changeable=tuple(column.name for column in columns),
        assumed=tuple(column.name for column in columns if is_assumed(column)),
    )


def _why_none(columns: Sequence[Any]) -> str:
    if not columns:
        return "no feature can be changed by the person"
    return (
        "no plausible change of one or two of the features that can be changed "
        f"({', '.join(column.name for column in columns)}) changes this decision"
    )


class _Asked:
    """The model, asked about one row with changes."""

    def __init__(self, model: Model, arrays: Arrays) -> None:
        self._model, self._arrays = model, arrays
        self.decided = int(model.scores(arrays)[0].argmax())

    def against(self, points: Sequence[Point]) -> npt.NDArray[np.float64]:
        """How far each changed row is from the decision there is: above 0 it is another one."""
        if not points:
            return np.empty(0)
        changed = {name: np.repeat(array, len(points)) for name, array in self._arrays.items()}
        for index, point in enumerate(points):
            for name, value in point.items():
                changed[name][index] = value
        scores = self._model.scores(changed)
        others = np.delete(scores, self.decided, axis=1).max(axis=1)
        # Equal scores decide for the first class.
        another = scores.argmax(axis=1) != self.decided
        margin = others - scores[:, self.decided]
        return np.where(another, np.maximum(margin, np.finfo(float).tiny), np.minimum(margin, 0.0))

    def flips(self, points: Sequence[Point]) -> npt.NDArray[np.bool_]:
        """Whether each changed row is decided otherwise."""
        return self.against(points) > 0

    def option(self, lanes: Iterable[Lane], point: Point) -> Option:
        """A point as people read it; without changes where it does not hold when read back."""
        columns = self._model.contract.feature_columns
        changed = {name: array.copy() for name, array in self._arrays.items()}
        for name, value in point.items():
            changed[name][0] = value
        before, after = (to_rows(arrays, columns)[0] for arrays in (self._arrays, changed))
        read = to_arrays([after], columns)
        if int(self._model.scores(read)[0].argmax()) == self.decided:
            return Option((), 0.0, {})
        by_name = {each.column.name: each for each in lanes}
        changes = tuple(
            Change(name, before[name], after[name], by_name[name].effort(value))
            for name, value in point.items()
        )
        effort = sum(change.effort for change in changes)
        ordered = tuple(sorted(changes, key=lambda change: -change.effort))
        return Option(ordered, effort, self._model.predict([after])[0])


def _effort(lanes: Mapping[str, Lane], point: Point) -> float:
    return sum(lanes[name].effort(value) for name, value in point.items())


def _alone(asked: _Asked, lanes: Sequence[Lane]) -> list[Point]:
    """For each column the change of least effort that suffices by itself."""
    by_name = {each.column.name: each for each in lanes}
    points: list[list[Point]] = [[{each.column.name: v} for v in each.values] for each in lanes]
    found = _cheapest(asked, by_name, points)
    return _closer(asked, by_name, found)


def _in_pairs(asked: _Asked, lanes: Sequence[Lane], alone: Sequence[Point]) -> list[Point]:
    """Pairs of changes that together take less effort than each of them alone."""
    by_name = {each.column.name: each for each in lanes}
    single = {name: _effort(by_name, point) for point in alone for name in point}
    points: list[list[Point]] = [
        [
            {one.column.name: first, other.column.name: second}
            for first, second in product(_few(one), _few(other))
        ]
        for one, other in combinations(_promising(asked, lanes), 2)
    ]
    found = _cheapest(asked, by_name, points)
    found.sort(key=lambda point: _effort(by_name, point))
    closer = _closer(asked, by_name, found[: 2 * MOST])
    return [
        point
        for point in closer
        if all(_effort(by_name, point) < single.get(name, np.inf) for name in point)
    ]


def _cheapest(
    asked: _Asked, lanes: Mapping[str, Lane], groups: Sequence[Sequence[Point]]
) -> list[Point]:
    """Of each group the point of least effort that changes the decision, if any does."""
    flips = iter(asked.flips([point for group in groups for point in group]).tolist())
    enough = [[point for point in group if next(flips)] for group in groups]
    return [min(group, key=lambda point: _effort(lanes, point)) for group in enough if group]


def _promising(asked: _Asked, lanes: Sequence[Lane]) -> list[Lane]:
    """The columns whose values come closest to another decision."""
    points: list[Point] = [{each.column.name: v} for each in lanes for v in _few(each)]
    against = iter(asked.against(points).tolist())
    reached = [max(next(against) for _ in _few(each)) for each in lanes]
    order = sorted(range(len(lanes)), key=lambda index: -reached[index])
    return [lanes[index] for index in order[:_PROMISING]]


def _few(each: Lane) -> Sequence[float | str]:
    if len(each.values) <= _IN_PAIRS:
        return each.values
    chosen = np.linspace(0, len(each.values) - 1, _IN_PAIRS).astype(int)
    return [each.values[index] for index in chosen]


def _closer(asked: _Asked, lanes: Mapping[str, Lane], points: Sequence[Point]) -> list[Point]:
    """The points with every number as near to what it was as the decision allows."""
    result = [dict(point) for point in points]
    for turn in range(2):
        turns = [
            (index, list(point)[turn]) for index, point in enumerate(result) if len(point) > turn
        ]
        numeric = [(i, name) for i, name in turns if _is_movable(lanes[name])]
        for (index, name), value in zip(
            numeric, _halved(asked, lanes, result, numeric), strict=True
        ):
            result[index][name] = value
    return result


def _is_movable(each: Lane) -> bool:
    return is_numeric(each.column) and not each.usual


def _halved(
    asked: _Asked,
    lanes: Mapping[str, Lane],
    points: Sequence[Point],
    numeric: Sequence[tuple[int, str]],
) -> list[float]:
    """For each point and column the nearest number that still changes the decision."""
    if not numeric:
        return []
    inside = [float(points[index][name]) for index, name in numeric]
    outside = [
        _before(lanes[name], value) for (_, name), value in zip(numeric, inside, strict=True)
    ]
    whole = [lanes[name].column.kind in ("integer", "date") for _, name in numeric]
    for _ in range(_HALVINGS):
        tried = [
            _middle(low, high, is_whole)
            for low, high, is_whole in zip(outside, inside, whole, strict=True)
        ]
        flips = asked.flips(_moved(points, numeric, tried))
        for place, flipped in enumerate(flips):
            (inside if flipped else outside)[place] = tried[place]
    tidy = [_rounded(lanes[name], value) for (_, name), value in zip(numeric, inside, strict=True)]
    flips = asked.flips(_moved(points, numeric, tidy))
    return [
        neat if flipped and _is_plausible(lanes[name], neat) else exact
        for (_, name), neat, exact, flipped in zip(numeric, tidy, inside, flips, strict=True)
    ]


def _moved(
    points: Sequence[Point], numeric: Sequence[tuple[int, str]], numbers: Sequence[float]
) -> list[Point]:
    return [
        {**points[index], name: value}
        for (index, name), value in zip(numeric, numbers, strict=True)
    ]


def _before(each: Lane, value: float) -> float:
    """The plausible value next to this one on the way from the current value, or that itself."""
    current = float(each.current)
    between = [
        float(v) for v in each.values if min(current, value) < float(v) < max(current, value)
    ]
    if between:
        return max(between) if value > current else min(between)
    return float(np.clip(current, each.points[0], each.points[-1]))


def _middle(outside: float, inside: float, is_whole: bool) -> float:
    middle = (outside + inside) / 2
    if not is_whole:
        return middle
    return float(np.ceil(middle) if inside > outside else np.floor(middle))


def _rounded(each: Lane, value: float) -> float:
    """The number as people would write it, a little further away rather than nearer."""
    away = np.ceil if value > float(each.current) else np.floor
    return float(np.round(away(value / each.step) * each.step, 12))


def _is_plausible(each: Lane, value: float) -> bool:
    start = float(np.clip(float(each.current), each.points[0], each.points[-1]))
    reached = [start, *map(float, each.values)]
    return value != float(each.current) and min(reached) <= value <= max(reached)
