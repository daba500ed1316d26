"""Bias between groups, by the names and formulas that SageMaker Clarify published.

Names, formulas and signs are those of AWS's pages "Pre-training Bias Metrics" and "Post-training
Data and Model Bias Metrics". Facet d is the group looked at, facet a everybody else. Where a
denominator is 0 Clarify answers 0 or infinity; here such a metric has no value, and says why.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

SMALL_GROUP = 30
# Flip test: as many neighbours as Clarify asks, one where the other group has fewer than ten rows.
_NEIGHBOURS, _ENOUGH_FOR_NEIGHBOURS = 5, 10

Flags = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Bias:
    """One metric: its value, or why there is none."""

    value: float | None
    reason: str | None = None


@dataclass(frozen=True)
class Counts:
    """The confusion table of one facet; rows without predictions leave tp, fp, fn and tn at 0."""

    rows: int
    positives: int
    tp: int = 0
    fp: int = 0
    fn: int = 0
    tn: int = 0

    @property
    def negatives(self) -> int:
        return self.rows - self.positives

    @property
    def accepted(self) -> int:
        return self.tp + self.fp

    @property
    def rejected(self) -> int:
        return self.fn + self.tn


class _UndefinedError(Exception):
    """A share of nothing."""


def count(facet: Flags, labels: Flags, predicted: Flags | None = None) -> Counts:
    """The confusion table of the rows in `facet`."""
    rows, positives = int(facet.sum()), int((facet & labels).sum())
    if predicted is None:
        return Counts(rows, positives)
    return Counts(
        rows=rows,
        positives=positives,
        tp=int((facet & labels & predicted).sum()),
        fp=int((facet & ~labels & predicted).sum()),
        fn=int((facet & labels & ~predicted).sum()),
        tn=int((facet & ~labels & ~predicted).sum()),
    )


def pre_training(
    facet: Flags, labels: Flags, strata: npt.NDArray[np.object_] | None = None
) -> Mapping[str, Bias]:
    """CI, DPL, KL, JS, LP, TVD, KS and, where strata are given, CDDL of binary labels."""
    others, group = count(~facet, labels), count(facet, labels)
    found = {
        "CI": _value(lambda: (others.rows - group.rows) / _some(others.rows + group.rows)),
        "DPL": _value(lambda: _share(others.positives, others) - _share(group.positives, group)),
        "KL": _value(lambda: _divergence(*_distributions(others, group))),
        "JS": _value(lambda: _jensen_shannon(*_distributions(others, group))),
        "LP": _value(lambda: float(np.linalg.norm(_apart(others, group)))),
        "TVD": _value(lambda: float(np.abs(_apart(others, group)).sum() / 2)),
        "KS": _value(lambda: float(np.abs(_apart(others, group)).max())),
    }
    if strata is not None:
        found["CDDL"] = _value(lambda: _conditional_disparity(facet, labels, strata))
    return _both_groups(found, others, group)


def post_training(
    facet: Flags,
    labels: Flags,
    predicted: Flags,
    features: Numbers | None = None,
    strata: npt.NDArray[np.object_] | None = None,
) -> Mapping[str, Bias]:
    """Clarify's metrics of a binary model's decisions.

    FT needs `features` (rows x numbers), CDDPL needs `strata`; without them they are left out.
    """
    a, d = count(~facet, labels, predicted), count(facet, labels, predicted)
    found = {
        "DPPL": _value(lambda: _share(a.accepted, a) - _share(d.accepted, d)),
        "DI": _value(lambda: _share(d.accepted, d) / _some(_share(a.accepted, a))),
        "DCA": _difference(a, d, lambda c: c.positives / _some(c.accepted)),
        "DCR": _difference(d, a, lambda c: c.negatives / _some(c.rejected)),
        "RD": _difference(a, d, lambda c: c.tp / _some(c.positives)),
        "SD": _difference(d, a, lambda c: c.tn / _some(c.negatives)),
        "DAR": _difference(a, d, lambda c: c.tp / _some(c.accepted)),
        "DRR": _difference(d, a, lambda c: c.tn / _some(c.rejected)),
        "AD": _difference(a, d, lambda c: (c.tp + c.tn) / _some(c.rows)),
        "TE": _difference(d, a, lambda c: c.fn / _some(c.fp)),
        "GE": _value(lambda: _generalized_entropy(labels, predicted)),
    }
    if strata is not None:
        found["CDDPL"] = _value(lambda: _conditional_disparity(facet, predicted, strata))
    if features is not None:
        found["FT"] = _value(lambda: _flip_test(features, facet, predicted))
    return _both_groups(found, a, d)


def _value(compute: Callable[[], float]) -> Bias:
    try:
        return Bias(float(compute()))
    except _UndefinedError as reason:
        return Bias(None, str(reason))


def _difference(one: Counts, other: Counts, rate: Callable[[Counts], float]) -> Bias:
    return _value(lambda: rate(one) - rate(other))


def _both_groups(found: Mapping[str, Bias], others: Counts, group: Counts) -> Mapping[str, Bias]:
    if others.rows and group.rows:
        return found
    return dict.fromkeys(found, Bias(None, "one of the two groups is empty"))


def _some(denominator: float) -> float:
    if denominator == 0:
        raise _UndefinedError("the denominator is 0")
    return denominator


def _share(part: int, counts: Counts) -> float:
    return part / _some(counts.rows)


def _distributions(others: Counts, group: Counts) -> tuple[Numbers, Numbers]:
    """The label distributions (negative, positive) of both facets."""
    return tuple(  # type: ignore[return-value]
        np.array([counts.negatives, counts.positives]) / _some(counts.rows)
        for counts in (others, group)
    )


def _apart(others: Counts, group: Counts) -> Numbers:
    one, other = _distributions(others, group)
    return one - other


def _divergence(one: Numbers, other: Numbers) -> float:
    """Kullback-Leibler in nats; without a value where `other` has none of what `one` has."""
    if ((one > 0) & (other == 0)).any():
        raise _UndefinedError("a label occurs in one group only")
    known = one > 0
    return float((one[known] * np.log(one[known] / other[known])).sum())


def _jensen_shannon(one: Numbers, other: Numbers) -> float:
    middle = (one + other) / 2
    return (_divergence(one, middle) + _divergence(other, middle)) / 2


def _conditional_disparity(facet: Flags, accepted: Flags, strata: npt.NDArray[np.object_]) -> float:
    """Over strata, weighted by size: the facet's share of rejections minus that of acceptances."""
    if accepted.all() or not accepted.any():
        raise _UndefinedError("everybody has the same outcome")
    total = 0.0
    for stratum in np.unique(strata.astype(str)):
        inside = strata.astype(str) == stratum
        rejected, passed = inside & ~accepted, inside & accepted
        of_rejected = (rejected & facet).sum() / rejected.sum() if rejected.any() else 0.0
        of_passed = (passed & facet).sum() / passed.sum() if passed.any() else 0.0
        total += inside.sum() * (of_rejected - of_passed)
    return float(total / len(facet))


def _generalized_entropy(labels: Flags, predicted: Flags) -> float:
    """With alpha 2: half the squared coefficient of variation of benefits."""
    benefits = predicted.astype(float) - labels.astype(float) + 1
    ratios = benefits / _some(float(benefits.mean()) if len(benefits) else 0.0)
    return math.fsum(ratios**2 - 1) / (2 * len(benefits))


def _flip_test(features: Numbers, facet: Flags, predicted: Flags) -> float:
    """How often the nearest of the other group are decided otherwise: up minus down, per row."""
    from sklearn.neighbors import KNeighborsClassifier

    neighbours = _NEIGHBOURS if (~facet).sum() >= _ENOUGH_FOR_NEIGHBOURS else 1
    nearest = KNeighborsClassifier(n_neighbors=neighbours).fit(features[~facet], predicted[~facet])
    as_others, as_decided = nearest.predict(features[facet]), predicted[facet]
    up, down = (as_decided & ~as_others).sum(), (~as_decided & as_others).sum()
    return float((up - down) / _some(int(facet.sum())))
