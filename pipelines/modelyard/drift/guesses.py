"""What probably happened upstream: another unit, other names for the same categories, a new name.

Each is a guess from counts, worded as one; a person decides.
"""

import difflib
import math
import re
from collections.abc import Iterable

import numpy as np

from modelyard.profile import CategoryProfile, NumberProfile

# What units differ by: powers of ten, time, length, weight, binary prefixes.
_BASES = (
    *(10.0**power for power in range(1, 10)),
    *(7.0, 12.0, 24.0, 30.4375, 52.1775, 60.0, 365.25, 1440.0, 3600.0, 86400.0),
    *(2.54, 0.3048, 0.9144, 1.609344, 2.204623, 28.34952, 3.785412),
    *(1024.0, 1048576.0),
)
FACTORS = tuple(sorted({*_BASES, *(1 / base for base in _BASES)}))
_LEAST_CHANGE = 1.5
_TOLERANCE = 0.08
_RECODED_SHARE = 0.5
_SHARES_APART = 0.1
_ALIKE = 0.7


def unit_factor(then: NumberProfile, now: NumberProfile) -> float | None:
    """What all values look multiplied by, when it is a change of units."""
    mean_then, mean_now, spread_then, spread_now = then.mean, now.mean, then.std, now.std
    if mean_then is None or mean_now is None or not spread_then or not spread_now:
        return None
    ratio = spread_now / spread_then
    if not math.isfinite(ratio) or max(ratio, 1 / ratio) < _LEAST_CHANGE:
        return None
    nearest = min(FACTORS, key=lambda factor: abs(math.log(factor / ratio)))
    # Where the mean is far from zero it must have moved by the same factor, else be about zero.
    expected, room = mean_then * nearest, abs(mean_then * nearest) * _TOLERANCE
    room += 4 * spread_now / math.sqrt(now.known) + 4 * nearest * spread_then / math.sqrt(
        then.known
    )
    if abs(math.log(nearest / ratio)) > _spread_room(then, now) or abs(mean_now - expected) > room:
        return None
    return nearest


def _spread_room(then: NumberProfile, now: NumberProfile) -> float:
    return _TOLERANCE + 2 / math.sqrt(now.known) + 2 / math.sqrt(then.known)


def recoding(then: CategoryProfile, now: CategoryProfile) -> dict[str, str]:
    """Which old category each new name seems to stand for; empty when it is no recoding."""
    if not then.known or now.other < _RECODED_SHARE * now.known or not now.new.counts:
        return {}
    new = now.new.counts
    by_spelling = {_spelling(name): name for name in then.counts}
    spelled = {name: by_spelling[_spelling(name)] for name in new if _spelling(name) in by_spelling}
    if sum(new[name] for name in spelled) >= 0.9 * now.other:
        return spelled
    gone = {n: c / then.known for n, c in then.counts.items() if c and not now.counts.get(n)}
    come = {name: count / now.known for name, count in new.items()}
    if len(gone) != len(come) or now.new.distinct != len(come):
        return {}
    old, fresh = (sorted(shares, key=lambda n: -shares[n]) for shares in (gone, come))
    apart = sum(abs(gone[a] - come[b]) for a, b in zip(old, fresh, strict=True)) / 2
    return dict(zip(fresh, old, strict=True)) if apart <= _SHARES_APART else {}


def renamed(absent: str, extra: Iterable[str]) -> str | None:
    """The unknown column that is most likely the absent one by another name."""
    names = list(extra)
    same = [name for name in names if _spelling(name) == _spelling(absent)]
    if same:
        return same[0]
    scores = {
        name: difflib.SequenceMatcher(None, _spelling(name), _spelling(absent)).ratio()
        for name in names
    }
    best = max(scores, key=lambda name: scores[name], default=None)
    return best if best is not None and scores[best] >= _ALIKE else None


def is_stuck(then: NumberProfile, now: NumberProfile) -> bool:
    """Whether a column that used to vary holds one value only."""
    return bool(now.known > 1 and now.min == now.max and then.min != then.max)


def direction(then: NumberProfile, now: NumberProfile) -> str:
    """How the numbers moved, in a word or two."""
    old, new = then.median, now.median
    if old is None or new is None or then.std is None or now.std is None:
        return "changed"
    reach = (then.quantile(0.75) or 0.0) - (then.quantile(0.25) or 0.0) or then.std
    if abs(new - old) >= 0.1 * (reach or 1e-300):
        return "shifted up" if new > old else "shifted down"
    if then.std and not 1 / 1.15 < now.std / then.std < 1.15:
        return "spreads wider" if now.std > then.std else "spreads less"
    return "changed shape"


def _spelling(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())


def is_beyond(number: float | None, then: NumberProfile) -> bool:
    """Whether a number lies where the scale has no cells to tell it by."""
    low, high = then.scale.least, then.scale.most
    if number is None or low is None or high is None:
        return True
    return bool(np.isnan(number)) or not low <= number <= high
