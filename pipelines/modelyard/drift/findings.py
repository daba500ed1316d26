"""What was found, as sentences a person can act on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from modelyard.drift import guesses
from modelyard.drift.measured import Measured
from modelyard.drift.thresholds import Severity, Thresholds
from modelyard.drift.wording import listed, percent, short
from modelyard.profile import CategoryProfile, NumberProfile

Kind = Literal["drift", "missing", "category", "schema", "range", "prediction"]
SEVERITIES: Mapping[str, int] = {"info": 1, "warning": 2, "critical": 3}
# A name that fewer rows hold may be about a person; it is counted, not told.
_TOLD_FROM = 5


@dataclass(frozen=True)
class Finding:
    """One thing that changed.

    Attributes:
        share: of the rows that are affected; `importance`: of the column to the model, if known.
    """

    id: str
    kind: Kind
    severity: Severity
    column: str | None
    sentence: str
    value: float | None
    threshold: float | None
    share: float
    importance: float | None


def shifted(name: str, found: Measured) -> str:
    """The sentence about values that moved."""
    figures = _figures(found)
    if isinstance(found.then, CategoryProfile) and isinstance(found.now, CategoryProfile):
        return f"{name} changed: {_mover(found)} ({figures})"
    if not isinstance(found.then, NumberProfile) or not isinstance(found.now, NumberProfile):
        raise ValueError(f"a {found.now.kind} cannot be compared with a {found.then.kind}")
    then, now, kind = found.then, found.now, found.then.kind
    if guesses.is_stuck(then, now) and now.min is not None:
        return f"{name} is always {short(now.min, kind)} now; it used to vary ({figures})"
    factor = guesses.unit_factor(then, now)
    if factor is not None and then.mean is not None and now.mean is not None:
        return (
            f"{name} looks {_times(factor)}: mean {short(then.mean, kind)} -> "
            f"{short(now.mean, kind)}, and the spread with it; another unit? ({figures})"
        )
    what, old, new = "median", then.median, now.median
    if kind == "boolean" or then.min == then.max or guesses.is_beyond(new, then):
        what, old, new = "mean", then.mean, now.mean
    if old is None or new is None:
        return f"{name} changed ({figures})"
    subject = f"The length of {name}" if kind == "text" else name
    if kind == "boolean":
        return f"{name} changed: yes in {percent(old)} -> {percent(new)} of the rows ({figures})"
    how = guesses.direction(then, now)
    if how.startswith("spread") and then.std is not None and now.std is not None:
        what, old, new, kind = "standard deviation", then.std, now.std, "number"
    return f"{subject} {how}: {what} {short(old, kind)} -> {short(new, kind)} ({figures})"


def missing(name: str, found: Measured) -> str:
    """The sentence about rows without a value."""
    then, now = found.then.share(found.then.missing), found.now.share(found.now.missing)
    if now == 1:
        return f"{name} has no value in any row any more (missing {percent(then)} -> 100 %)"
    rises = "more" if now > then else "less"
    return f"{name} is missing {rises} often: {percent(then)} -> {percent(now)} of the rows"


def new_categories(name: str, found: Measured) -> str:
    """The sentence about categories that the training data did not have."""
    then, now = found.then, found.now
    if not isinstance(then, CategoryProfile) or not isinstance(now, CategoryProfile):
        raise ValueError(f"{name} has no categories")
    recoded = guesses.recoding(then, now)
    share = percent(found.new_share)
    if recoded:
        ordered = sorted(recoded, key=lambda new: -now.new.counts[new])
        pairs = ", ".join(f"'{recoded[new]}' -> '{new}'" for new in ordered[:3])
        return f"{name} looks recoded: {pairs} ({share} of the values are new)"
    told = [n for n, c in sorted(now.new.counts.items(), key=lambda i: -i[1]) if c >= _TOLD_FROM]
    names = f", such as {listed(told)}" if told else ""
    return f"{name} has categories the training data had not{names}: {share} of the values"


def out_of_range(name: str, found: Measured) -> str:
    """The sentence about numbers outside the baseline's range."""
    then, now = found.then, found.now
    if not isinstance(then, NumberProfile) or not isinstance(now, NumberProfile):
        raise ValueError(f"{name} has no range")
    low, high = then.scale.least or 0.0, then.scale.most or 0.0
    sides = [("below", now.below, low), ("above", now.above, high)]
    parts = [
        f"{percent(count / now.known)} {side} {short(bound, then.kind)}"
        for side, count, bound in sides
        if count
    ]
    return f"{name} leaves the range of the training data: {' and '.join(parts)}"


def malformed(name: str, found: Measured) -> str:
    """The sentence about values that are not what the column holds."""
    then, now = found.then, found.now
    usual = {"category": "text", "text": "text", "date": "date"}.get(then.kind, "number")
    came = [kind for kind in now.types if kind not in (usual, "nothing")]
    arrived = f" They arrive as {' or '.join(came)}." if came else ""
    share = percent(now.share(now.malformed))
    return f"{name} cannot be read as {_article(then.kind)} in {share} of the rows.{arrived}"


def absent(name: str, found: Measured, other: str | None) -> str:
    """The sentence about a column that did not come."""
    share = found.now.share(found.now.absent)
    rows = "the data any more" if share == 1 else f"{percent(share)} of the rows"
    guess = f"; an unknown column '{other}' is: renamed?" if other else ""
    return f"{name} is not in {rows}{guess}"


def _figures(found: Measured) -> str:
    parts = [f"PSI {found.psi:.2f}"] if found.psi is not None else []
    if found.ks is not None:
        parts.append(f"KS {found.ks:.2f}")
    elif found.js is not None:
        parts.append(f"JS {found.js:.2f}")
    return ", ".join(parts)


def _mover(found: Measured) -> str:
    """The category that gained or lost the most."""
    bar = max(found.groups.bars, key=lambda bar: abs(bar.now - bar.then))
    return f"'{bar.label}' {percent(bar.then)} -> {percent(bar.now)} of the values"


def _times(factor: float) -> str:
    return f"multiplied by {short(factor)}" if factor > 1 else f"divided by {short(1 / factor)}"


def _article(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeio" else f"a {kind}"


def severity_of(found: Measured, thresholds: Thresholds, p_value: float | None) -> Severity | None:
    """How serious it is that values moved."""
    if found.psi is None:
        return None
    size = found.psi / thresholds.psi
    if found.ks is not None:
        size = max(size, found.ks / thresholds.ks_size)
    elif found.js is not None:
        size = max(size, found.js / thresholds.js_size)
    return thresholds.noted(size, p_value)
