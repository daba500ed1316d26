"""Could chance have done it? p-values without scipy, and their control over many columns."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

# Cells in which fewer rows are expected are pooled: below, chi-square is no approximation.
MIN_EXPECTED = 5.0

Array = npt.NDArray[Any]


def chi_square(then: Array, now: Array) -> float | None:
    """p-value that two sets of counts come from the same shares; None where there is no test."""
    table = _pooled(np.asarray(then, dtype=float), np.asarray(now, dtype=float))
    rows, columns, total = table.sum(axis=1), table.sum(axis=0), table.sum()
    if table.shape[1] < 2 or not rows.all():
        return None
    expected = rows[:, None] * columns[None, :] / total
    statistic = float(((table - expected) ** 2 / expected).sum())
    return upper_gamma((table.shape[1] - 1) / 2, statistic / 2)


def rates(then: int, rows_then: int, now: int, rows_now: int) -> float | None:
    """p-value that two rates are the same, twice the smaller tail.

    Chi-square where enough is expected; else the hypergeometric distribution (Fisher 1935).
    """
    if not rows_then or not rows_now:
        return None
    total, marked = rows_then + rows_now, then + now
    if min(marked, total - marked) * min(rows_then, rows_now) / total >= MIN_EXPECTED:
        return chi_square(np.array([then, rows_then - then]), np.array([now, rows_now - now]))
    if now * total < marked * rows_now:
        # The lower tail of what is marked is the upper one of what is not.
        now, marked = rows_now - now, total - marked
    return min(1.0, 2 * _upper_tail(now, marked, rows_now, total))


def _upper_tail(least: int, marked: int, drawn: int, total: int) -> float:
    """The probability to draw at least so many of those marked, without replacement."""
    log = math.lgamma
    term = math.exp(
        (log(marked + 1) - log(least + 1) - log(marked - least + 1))
        + (log(total - marked + 1) - log(drawn - least + 1))
        - log(total - marked - drawn + least + 1)
        - (log(total + 1) - log(drawn + 1) - log(total - drawn + 1))
    )
    tail = 0.0
    for found in range(least, min(marked, drawn) + 1):
        tail += term
        if term < tail * 1e-17:
            break
        unmarked = total - marked - drawn + found + 1
        term *= (marked - found) * (drawn - found) / ((found + 1) * unmarked)
    return tail


def kolmogorov(distance: float, then: int, now: int) -> float | None:
    """p-value of a Kolmogorov-Smirnov distance between so many rows (Stephens 1970)."""
    if not then or not now:
        return None
    root = math.sqrt(then * now / (then + now))
    reach = (root + 0.12 + 0.11 / root) * distance
    if reach < 0.2:
        return 1.0
    total, sign = 0.0, 1.0
    for k in range(1, 101):
        term = math.exp(-2 * (k * reach) ** 2)
        total += sign * term
        if term < 1e-17:
            break
        sign = -sign
    return min(max(2 * total, 0.0), 1.0)


def either(*found: float | None) -> float | None:
    """The p-value of the best of several tests (Bonferroni)."""
    known = [value for value in found if value is not None]
    return min(1.0, len(known) * min(known)) if known else None


def adjusted(found: Sequence[float | None]) -> list[float | None]:
    """p-values after Benjamini and Hochberg (1995).

    Of all that are called significant where the adjusted value is below a, a share of a is false
    on average; where nothing drifted at all, anything is called so with probability a.
    """
    known = sorted((value, place) for place, value in enumerate(found) if value is not None)
    result: list[float | None] = [None] * len(found)
    least = 1.0
    for rank in range(len(known), 0, -1):
        value, place = known[rank - 1]
        least = min(least, value * len(known) / rank)
        result[place] = least
    return result


def upper_gamma(a: float, x: float) -> float:
    """The regularised upper incomplete gamma function Q(a, x).

    By its series below a + 1, else by its continued fraction (Abramowitz and Stegun 6.5.29,
    6.5.31; modified Lentz).
    """
    if x <= 0:
        return 1.0
    scale = math.exp(a * math.log(x) - x - math.lgamma(a))
    if x < a + 1:
        term = total = 1 / a
        step = a
        while abs(term) > abs(total) * 1e-16:
            step += 1
            term *= x / step
            total += term
        return min(max(1 - scale * total, 0.0), 1.0)
    tiny = 1e-300
    b = x + 1 - a
    c, d = 1 / tiny, 1 / b
    h = d
    for i in range(1, 10_000):
        numerator = -i * (i - a)
        b += 2
        d = 1 / _off_zero(numerator * d + b, tiny)
        c = _off_zero(b + numerator / c, tiny)
        h *= d * c
        if abs(d * c - 1) < 1e-15:
            break
    return min(max(scale * h, 0.0), 1.0)


def _off_zero(number: float, tiny: float) -> float:
    return number if abs(number) > tiny else tiny


def _pooled(then: Array, now: Array) -> Array:
    """The counts as a table of two rows, cells of which little is expected taken together."""
    total = then + now
    expected = total * min(then.sum(), now.sum()) / max(total.sum(), 1.0)
    few = expected < MIN_EXPECTED
    table = np.array([then[~few], now[~few]]).reshape(2, -1)
    rest = np.array([[then[few].sum()], [now[few].sum()]])
    if not rest.sum():
        return table
    smaller = rest.sum() * min(then.sum(), now.sum()) / total.sum()
    if smaller >= MIN_EXPECTED or not table.shape[1]:
        return np.hstack((table, rest))
    # What is still too little joins the smallest of the others.
    table[:, int(table.sum(axis=0).argmin())] += rest[:, 0]
    return table
