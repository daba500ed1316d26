"""How far two sets of counts over the same cells are apart."""

import math
from typing import Any

import numpy as np
import numpy.typing as npt

# A share below counts as this much, so that an empty cell does not make a measure infinite.
FLOOR = 1e-4

Array = npt.NDArray[Any]


def shares(counts: Any) -> Array:
    """Counts as shares of their sum."""
    found = np.asarray(counts, dtype=np.float64)
    total = found.sum()
    return found / total if total else found


def psi(then: Array, now: Array) -> float:
    """Population stability index of two sets of shares: sum of (q - p) ln(q / p).

    It is also the symmetric Kullback-Leibler divergence (Jeffreys 1946): how much further a
    likelihood ratio lies for rows of the one than for rows of the other, on average.
    """
    p, q = np.maximum(then, FLOOR), np.maximum(now, FLOOR)
    return float(((q - p) * np.log(q / p)).sum())


def psi_noise(then: Array, now: Array) -> float:
    """The PSI that undrifted rows show on average, because there are only so many of them.

    Counts, not shares: (cells - 1) (1/n + 1/m) (Yurdakul and Naranjo 2020).
    """
    used = int(((then + now) > 0).sum())
    if used < 2 or not then.sum() or not now.sum():
        return 0.0
    return (used - 1) * (1 / float(then.sum()) + 1 / float(now.sum()))


def ks(then: Array, now: Array) -> float:
    """Kolmogorov-Smirnov distance of two sets of shares, at the ends of the cells."""
    return float(np.abs(np.cumsum(then - now)).max()) if len(then) else 0.0


def ks_error(then: Array, now: Array, points: Array) -> float:
    """How much larger the distance of the rows themselves can be than `ks` of their cells.

    Inside a cell the distance cannot exceed what it was before plus the cell's share in one set,
    nor what it is after plus its share in the other; a point has no inside.
    """
    apart = np.concatenate(([0.0], np.cumsum(then - now)))
    before, after = apart[:-1], apart[1:]
    above = np.minimum(before + then, after + now)
    below = np.minimum(now - before, then - after)
    inside = np.where(points, 0.0, np.maximum(above, below))
    return max(float(inside.max()) - ks(then, now), 0.0) if len(then) else 0.0


def js(then: Array, now: Array) -> float:
    """Jensen-Shannon distance: the root of the divergence, to base 2; 1 for disjoint sets."""
    middle = (then + now) / 2
    halves = 0.0
    for share in (then, now):
        held = share > 0
        halves += float((share[held] * np.log2(share[held] / middle[held])).sum()) / 2
    return math.sqrt(max(halves, 0.0))


def moved(then: Array, now: Array) -> float:
    """The share of rows that would have to be another for the sets to agree (total variation)."""
    return float(np.abs(then - now).sum()) / 2


def separability(divergence: float) -> float:
    """2 AUC - 1 of the best classifier that tells rows of two sets apart, by their divergence.

    For a log-likelihood ratio that is normal with equal variance in both sets, AUC is
    Phi(sqrt(J / 2)) with J the symmetric divergence (Simpson and Fitter 1973: d' squared is J), so
    2 AUC - 1 = erf(sqrt(J) / 2). 0: nothing to tell; 1: every row tells.
    """
    return math.erf(math.sqrt(max(divergence, 0.0)) / 2)
