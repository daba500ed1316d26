"""Which features a person could change, in which direction, and among which plausible values.

The data contract says it (`actionable`). Where it does not, what names who somebody is, dates and
texts are taken never to change, and everything else to be changeable: `assumed` lists the latter,
because only people who know the data can say so. Values are plausible that the training rows hold.
Effort is the share of those rows that a change passes, the distance in their quantiles; of a
category or a yes, the share of people who are not in it. No number passes more than half of them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from modelyard.data import Column, DataContract
from modelyard.profile import CategoryProfile, NumberProfile, Profile
from modelyard.scorer import Floats
from modelyard.tables import is_numeric

_WHO_SOMEBODY_IS = frozenset((
    "age", "sex", "gender", "race", "racial", "ethnic", "ethnicity", "black", "white", "hispan",
    "hispanic", "asian", "male", "female", "birth", "born", "dob", "birthday", "nationality",
    "national", "citizen", "citizenship", "immigrant", "religion", "faith", "disability",
    "disabled", "health", "married", "marital", "single", "widowed", "divorced", "pregnant",
    "orientation", "dep", "deps", "dependent", "dependents", "child", "children", "kids",
    "family",
))  # fmt: skip
# What a change costs whatever its size, so that fewer changes are preferred.
ANY_CHANGE = 0.02
# A number that passes more than half of all people on its way is nobody's plausible change.
_FARTHEST = 0.5
_POINTS = 101


@dataclass(frozen=True)
class Lane:
    """The plausible values of one column, by effort for whoever has `current` now.

    Attributes:
        shares, points: what share of the training rows lies below each point; of categories, none.
        step: the distance between values that people would tell apart.
    """

    column: Column
    current: float | str
    values: tuple[float | str, ...]
    shares: Floats
    points: Floats
    step: float
    usual: dict[str, float]

    def effort(self, value: float | str) -> float:
        """What it takes to get there; 0 for staying."""
        if value == self.current:
            return 0.0
        if not self.usual:
            ends = np.interp([float(self.current), float(value)], self.points, self.shares)
            return ANY_CHANGE + float(abs(ends[1] - ends[0]))
        return ANY_CHANGE + 1.0 - self.usual.get(_named(value), 0.0)


def is_assumed(column: Column) -> bool:
    """Whether nobody said that the column can be changed, and it is taken to be so."""
    return column.actionable is None and _by_itself(column)


def changeable(contract: DataContract) -> tuple[Column, ...]:
    """The features that a person could change, as stated or assumed."""
    return tuple(
        column
        for column in contract.feature_columns
        if (column.actionable if column.actionable is not None else _by_itself(column))
    )


def _by_itself(column: Column) -> bool:
    words = re.split(r"[^a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", column.name).lower())
    return column.kind not in ("date", "text", "identifier") and not _WHO_SOMEBODY_IS & set(words)


def lane(column: Column, current: float | str, baseline: Profile) -> Lane | None:
    """The column's plausible values but the current one; None where there is no other."""
    profile = baseline.columns.get(column.name)
    if isinstance(profile, CategoryProfile) and not is_numeric(column):
        usual = {name: profile.share(count) for name, count in profile.counts.items() if count}
        named: tuple[float | str, ...] = tuple(
            name for name in usual if name in column.categories and name != current
        )
        empty = np.array([])
        return Lane(column, current, named, empty, empty, 0.0, usual) if named else None
    if not isinstance(profile, NumberProfile) or isinstance(current, str) or current != current:
        return None
    if column.kind == "boolean":
        share = profile.mean or 0.0
        other = (1.0 - current,)
        usual = {"0": 1.0 - share, "1": share}
        empty = np.array([])
        found = Lane(column, current, other, empty, empty, 1.0, usual)
        return found if usual[_named(other[0])] > 0 and _allowed(column, current, other) else None
    return _numbers(column, current, profile)


def _numbers(column: Column, current: float, profile: NumberProfile) -> Lane | None:
    if not profile.known or profile.min is None or profile.max is None:
        return None
    shares = np.linspace(0.0, 1.0, _POINTS)
    inner = [profile.quantile(float(share)) for share in shares[1:-1]]
    points = np.array([profile.min, *inner, profile.max], dtype=np.float64)
    low, high = float(points[0]), float(points[-1])
    step = 1.0 if column.kind == "integer" else _readable(high - low)
    tried = np.round(points) if column.kind == "integer" else points
    bounds = (column.min, column.max)
    tried = np.unique(
        tried[
            (tried >= max(low, low if bounds[0] is None else bounds[0]))
            & (tried <= min(high, high if bounds[1] is None else bounds[1]))
        ]
    )
    allowed = _allowed(column, current, [float(value) for value in tried if value != current])
    whole = Lane(column, current, allowed, shares, points, step, {})
    near = tuple(value for value in allowed if whole.effort(value) <= _FARTHEST + ANY_CHANGE)
    return replace(whole, values=near) if near else None


def _allowed(
    column: Column, current: float, candidates: Sequence[float]
) -> tuple[float | str, ...]:
    if column.actionable == "increase":
        return tuple(value for value in candidates if value > current)
    if column.actionable == "decrease":
        return tuple(value for value in candidates if value < current)
    return tuple(candidates)


def _readable(span: float) -> float:
    """A power of ten, a hundredth to a thousandth of a span."""
    return float(10.0 ** (np.floor(np.log10(span)) - 2)) if span > 0 else 1.0


def _named(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:g}"
