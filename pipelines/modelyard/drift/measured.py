"""One column of two profiles, measured: every figure that a judgement needs, none judged yet."""

from dataclasses import dataclass

import numpy as np

from modelyard.drift import groups as grouping
from modelyard.drift import measures, significance
from modelyard.drift.groups import Groups
from modelyard.profile import CategoryProfile, ColumnProfile, NumberProfile


@dataclass(frozen=True)
class Measured:
    """What differs between a column then and now.

    Attributes:
        psi, ks, ks_error, js: of the rows with a value; None without such rows on either side.
        moved: the share of those rows that would have to be another.
        divergence: the PSI with missing and unreadable rows as groups of their own, less what
            chance alone would show.
        p_value, missing_p, new_p, outside_p: of values, missing rows, new categories, and numbers
            outside the baseline's range; not adjusted for the number of columns.
    """

    then: ColumnProfile
    now: ColumnProfile
    groups: Groups
    psi: float | None
    ks: float | None
    ks_error: float | None
    js: float | None
    moved: float
    divergence: float
    p_value: float | None
    missing_p: float | None
    new_share: float
    new_p: float | None
    outside_share: float
    outside_p: float | None

    @property
    def missing_change(self) -> float:
        """By how much the share of rows without a value rose."""
        return self.now.share(self.now.missing) - self.then.share(self.then.missing)


@dataclass(frozen=True)
class _Values:
    """What depends on what sort of values a column has."""

    groups: Groups
    ks: float | None = None
    ks_error: float | None = None
    ks_p: float | None = None
    new_share: float = 0.0
    new_p: float | None = None
    outside_share: float = 0.0
    outside_p: float | None = None


def measure(then: ColumnProfile, now: ColumnProfile) -> Measured:
    """Measures one column; both profiles count on the same scale or categories."""
    if isinstance(then, NumberProfile) and isinstance(now, NumberProfile):
        values = _numbers(then, now)
    elif isinstance(then, CategoryProfile) and isinstance(now, CategoryProfile):
        values = _categories(then, now)
    else:
        raise ValueError(f"a {then.kind} cannot be compared with a {now.kind}")
    groups = values.groups
    old, new = measures.shares(groups.then), measures.shares(groups.now)
    both = bool(then.known and now.known)
    return Measured(
        then=then,
        now=now,
        groups=groups,
        psi=measures.psi(old, new) if both else None,
        ks=values.ks,
        ks_error=values.ks_error,
        js=measures.js(old, new) if both else None,
        moved=measures.moved(old, new) if both else 0.0,
        divergence=_divergence(then, now, groups),
        p_value=significance.either(significance.chi_square(groups.then, groups.now), values.ks_p),
        missing_p=significance.rates(then.missing, then.rows, now.missing, now.rows),
        new_share=values.new_share,
        new_p=values.new_p,
        outside_share=values.outside_share,
        outside_p=values.outside_p,
    )


def _numbers(then: NumberProfile, now: NumberProfile) -> _Values:
    if then.scale != now.scale:
        raise ValueError("the profile was not counted on the baseline's scale; count it again")
    groups = grouping.of_numbers(then, now)
    if not then.known or not now.known:
        return _Values(groups)
    old, new = measures.shares(then.counts), measures.shares(now.counts)
    distance, outside = measures.ks(old, new), now.below + now.above
    return _Values(
        groups,
        ks=distance,
        ks_error=max(measures.ks_error(old, new, then.scale.points), then.scale.coarse),
        ks_p=significance.kolmogorov(distance, then.known, now.known),
        outside_share=outside / now.known,
        # Of as many undrifted rows two are outside on average: a new smallest, a new largest.
        outside_p=significance.rates(2, then.known + 2, outside, now.known),
    )


def _categories(then: CategoryProfile, now: CategoryProfile) -> _Values:
    groups = grouping.of_categories(then, now)
    if not then.known or not now.known:
        return _Values(groups)
    return _Values(
        groups,
        new_share=max(now.other / now.known - then.other / then.known, 0.0),
        new_p=significance.rates(then.other, then.known, now.other, now.known),
    )


def _divergence(then: ColumnProfile, now: ColumnProfile, groups: Groups) -> float:
    old = np.array([*groups.then, then.missing, then.rows - then.known - then.missing], dtype=float)
    new = np.array([*groups.now, now.missing, now.rows - now.known - now.missing], dtype=float)
    if not old.sum() or not new.sum():
        return 0.0
    found = measures.psi(measures.shares(old), measures.shares(new))
    return max(found - measures.psi_noise(old, new), 0.0)
