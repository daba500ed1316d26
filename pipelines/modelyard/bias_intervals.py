"""How sure a bias metric is: 95 % intervals that stay honest in groups of a handful.

Shares have Wilson's score interval, differences of shares Newcombe's (1998, "Interval estimation
for the difference between independent proportions", method 10), the ratio of two shares the
log interval with half a case added (Walter 1975). What is none of these is drawn again: the
confusion table of each facet, with replacement, RESAMPLES times with a fixed seed; where a draw has
no value in more than one case of twenty, or a facet is a small group, there is no interval.
"""

import math
from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from modelyard.bias import SMALL_GROUP, Counts

RESAMPLES = 1000
_SEED = 20260101
_Z = 1.959963984540054
_DEFINED = 0.95

Interval = tuple[float, float]
Numbers = npt.NDArray[np.float64]
Part = tuple[int, int]


def share(part: int, whole: int) -> Interval | None:
    """Wilson's interval of a share; None of nobody."""
    if whole == 0:
        return None
    rate, spread = part / whole, _Z**2 / whole
    middle = (rate + spread / 2) / (1 + spread)
    half = _Z / (1 + spread) * math.sqrt(rate * (1 - rate) / whole + spread / (4 * whole))
    return max(0.0, middle - half), min(1.0, middle + half)


def difference(one: Part, other: Part) -> Interval | None:
    """Newcombe's interval of the first share minus the second."""
    first, second = share(*one), share(*other)
    if first is None or second is None:
        return None
    rates = one[0] / one[1], other[0] / other[1]
    below = math.hypot(rates[0] - first[0], second[1] - rates[1])
    above = math.hypot(first[1] - rates[0], rates[1] - second[0])
    return rates[0] - rates[1] - below, rates[0] - rates[1] + above


def ratio(one: Part, other: Part) -> Interval | None:
    """The interval of the first share over the second; half a case is added to each count."""
    if not one[1] or not other[1]:
        return None
    cells = [(part + 0.5, whole + 0.5) for part, whole in (one, other)]
    middle = math.log(cells[0][0] / cells[0][1]) - math.log(cells[1][0] / cells[1][1])
    spread = _Z * math.sqrt(sum(1 / part - 1 / whole for part, whole in cells))
    return math.exp(middle - spread), math.exp(middle + spread)


def pre_training(others: Counts, group: Counts) -> Mapping[str, Interval | None]:
    """The intervals of Clarify's metrics of the labels."""
    apart = difference((others.positives, others.rows), (group.positives, group.rows))
    size = share(group.rows, others.rows + group.rows)
    distance = _without_sign(apart)
    drawn = _Drawn(others, group)
    return {
        "CI": (1 - 2 * size[1], 1 - 2 * size[0]) if size else None,
        "DPL": apart,
        "KL": _from_zero(drawn.interval(_divergence), distance),
        "JS": _from_zero(drawn.interval(_jensen_shannon), distance),
        "LP": (math.sqrt(2) * distance[0], math.sqrt(2) * distance[1]) if distance else None,
        "TVD": distance,
        "KS": distance,
    }


def post_training(a: Counts, d: Counts) -> Mapping[str, Interval | None]:
    """The intervals of Clarify's metrics of the decisions, in the metrics' own directions."""
    drawn = _Drawn(a, d)
    return {
        "DPPL": difference((a.accepted, a.rows), (d.accepted, d.rows)),
        "DI": ratio((d.accepted, d.rows), (a.accepted, a.rows)),
        "DCA": drawn.interval(lambda one, two: _acceptance(one) - _acceptance(two)),
        "DCR": drawn.interval(lambda one, two: _rejection(two) - _rejection(one)),
        "RD": difference((a.tp, a.positives), (d.tp, d.positives)),
        "SD": difference((d.tn, d.negatives), (a.tn, a.negatives)),
        "DAR": difference((a.tp, a.accepted), (d.tp, d.accepted)),
        "DRR": difference((d.tn, d.rejected), (a.tn, a.rejected)),
        "AD": difference((a.tp + a.tn, a.rows), (d.tp + d.tn, d.rows)),
        "TE": drawn.interval(lambda one, two: two[:, 2] / two[:, 1] - one[:, 2] / one[:, 1]),
        "GE": drawn.interval(lambda one, two: _entropy(one + two)),
    }


class _Drawn:
    """Both facets' tables (tp, fp, fn, tn), drawn anew; labels alone count as tp and fp."""

    def __init__(self, one: Counts, other: Counts) -> None:
        self._small = min(one.rows, other.rows) < SMALL_GROUP
        dice = np.random.default_rng(_SEED)
        self._tables = () if self._small else tuple(_again(dice, each) for each in (one, other))

    def interval(self, metric: Callable[[Numbers, Numbers], Numbers]) -> Interval | None:
        """The middle 95 % of a metric over the draws."""
        if self._small:
            return None
        with np.errstate(divide="ignore", invalid="ignore"):
            values = metric(*self._tables)
        defined = values[np.isfinite(values)]
        if len(defined) < _DEFINED * RESAMPLES:
            return None
        low, high = np.percentile(defined, [2.5, 97.5])
        return float(low), float(high)


def _again(dice: np.random.Generator, counts: Counts) -> Numbers:
    cells = [counts.tp, counts.fp, counts.fn, counts.tn]
    if not any(cells):
        cells = [counts.positives, counts.negatives, 0, 0]
    total = sum(cells)
    return dice.multinomial(total, np.array(cells) / total, RESAMPLES).astype(float)


def _acceptance(table: Numbers) -> Numbers:
    tp, fp, fn, _ = table.T
    return (tp + fn) / (tp + fp)


def _rejection(table: Numbers) -> Numbers:
    _, fp, fn, tn = table.T
    return (fp + tn) / (fn + tn)


def _entropy(table: Numbers) -> Numbers:
    """Generalized entropy with alpha 2, of benefits 2 (fp), 1 (right) and 0 (fn)."""
    tp, fp, _, tn = table.T
    rows = table.sum(axis=1)
    mean = (2 * fp + tp + tn) / rows
    return ((4 * fp + tp + tn) / rows / mean**2 - 1) / 2


def _labels(table: Numbers) -> Numbers:
    return table[:, :2] / table[:, :2].sum(axis=1)[:, None]


def _divergence(one: Numbers, other: Numbers) -> Numbers:
    return _kullback_leibler(_labels(one), _labels(other))


def _jensen_shannon(one: Numbers, other: Numbers) -> Numbers:
    first, second = _labels(one), _labels(other)
    middle = (first + second) / 2
    return (_kullback_leibler(first, middle) + _kullback_leibler(second, middle)) / 2


def _kullback_leibler(one: Numbers, other: Numbers) -> Numbers:
    terms = np.where(one > 0, one * np.log(np.where(one > 0, one, 1) / other), 0)
    return np.asarray(terms.sum(axis=1))


def _from_zero(drawn: Interval | None, distance: Interval | None) -> Interval | None:
    """A divergence's draws never reach 0, even where the labels may be distributed alike."""
    if drawn is None or distance is None or distance[0] > 0:
        return drawn
    return 0.0, drawn[1]


def _without_sign(interval: Interval | None) -> Interval | None:
    if interval is None:
        return None
    low, high = sorted(map(abs, interval))
    return (0.0 if interval[0] <= 0 <= interval[1] else low), high
