"""Whether a model keeps the reviewed bounds on Clarify's bias metrics, group by group.

A bound is met or failed where the metric's whole 95 % interval lies on one side of it, and unclear
where the interval spans it, the group is small, or there is no value. What lies outside its bound,
or has no value, is released only with a documented decision; the interval tells how sure that is.
Standard library only: the registrar and release functions carry this file.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from modelyard.gates import Bound, apart, bounds_of, number, value_of

Verdict = Literal["met", "failed", "unclear"]
Stated = Mapping[str, Mapping[str, Mapping[str, float]]]


@dataclass(frozen=True)
class FairnessResult:
    """One bound on one metric of one group against everybody else.

    Attributes:
        open: whether a person has to decide and say why before this model serves anyone.
    """

    attribute: str
    group: str
    metric: str
    bound: Bound
    limit: float
    rows: int
    value: float | None
    low: float | None
    high: float | None
    verdict: Verdict
    open: bool
    sentence: str

    @property
    def key(self) -> tuple[str, str, str, str, float]:
        """What a decision has to name to cover this result."""
        return self.attribute, self.group, self.metric, self.bound, self.limit


@dataclass(frozen=True)
class FairnessJudgement:
    """All bounds on all groups together."""

    results: tuple[FairnessResult, ...]

    @property
    def open(self) -> tuple[FairnessResult, ...]:
        """What needs a documented decision."""
        return tuple(result for result in self.results if result.open)

    @property
    def sentence(self) -> str:
        """What is open, or that nothing is."""
        if not self.results:
            return "no fairness gate applies"
        if self.open:
            return "; ".join(result.sentence for result in self.open)
        unclear = sum(result.verdict == "unclear" for result in self.results)
        return f"{len(self.results) - unclear} fairness gates met, {unclear} unclear"

    def document(self) -> dict[str, Any]:
        """Plain data for evaluation.json and for decisions."""
        return {
            "needs_decision": bool(self.open),
            "sentence": self.sentence,
            "results": [asdict(result) for result in self.results],
        }


def judge(stated: Stated, evaluation: Mapping[str, Any]) -> FairnessJudgement:
    """The judgement of an evaluation's bias metrics by inclusive bounds, by attribute."""
    reported = evaluation.get("fairness") or {}
    return FairnessJudgement(
        tuple(
            result
            for attribute, metrics in sorted(stated.items())
            for metric, bounds in sorted(metrics.items())
            for bound in bounds_of(bounds)
            for result in _groups(
                attribute, metric, bound, float(bounds[bound]), reported.get(attribute) or {}
            )
        )
    )


def _groups(
    attribute: str, metric: str, bound: Bound, limit: float, reported: Mapping[str, Any]
) -> Iterator[FairnessResult]:
    measured: Mapping[str, Any] = reported.get("bias") or {}
    unlabelled = reported.get("unlabelled") or {}
    if len(measured) < 2:
        yield _missing(attribute, "(all)", metric, bound, limit, "there is no second group")
    else:
        for group, found in sorted(measured.items()):
            yield _result(attribute, group, metric, bound, limit, found)
    for group, rows in sorted(unlabelled.items()):
        if group not in measured:
            why = f"none of its {rows} rows has a known outcome" if rows else "it has no rows"
            yield _missing(attribute, group, metric, bound, limit, why)


def _result(
    attribute: str, group: str, metric: str, bound: Bound, limit: float, found: Mapping[str, Any]
) -> FairnessResult:
    both = {**(found.get("pre_training") or {}), **(found.get("post_training") or {})}
    measured = both.get(metric) or {}
    value, rows = value_of(measured), int(found.get("rows", 0))
    if value is None:
        why = str(measured.get("reason") or "it was not measured")
        return _missing(attribute, group, metric, bound, limit, why, rows)
    low, high = measured.get("low"), measured.get("high")
    inside = _inside(value, bound, limit)
    sure = not found.get("small") and None not in (low, high)
    sure = sure and all(
        _inside(float(end), bound, limit) == inside for end in (low or 0, high or 0)
    )
    verdict: Verdict = ("met" if inside else "failed") if sure else "unclear"
    sentence = _sentence(f"{attribute}={group}: {metric}", value, bound, limit, inside=inside)
    if not sure:
        sentence += f" ({_doubt(low, high, rows, found)})"
    return FairnessResult(
        attribute, group, metric, bound, limit, rows, value, low, high, verdict, not inside,
        sentence,
    )  # fmt: skip


def _missing(
    attribute: str,
    group: str,
    metric: str,
    bound: Bound,
    limit: float,
    why: str,
    rows: int = 0,
) -> FairnessResult:
    sentence = f"{attribute}={group}: {metric} has no value, its {bound}imum is {number(limit)}"
    return FairnessResult(
        attribute, group, metric, bound, limit, rows, None, None, None, "unclear", True,
        f"{sentence}: {why}",
    )  # fmt: skip


def _inside(value: float, bound: Bound, limit: float) -> bool:
    return value >= limit if bound == "min" else value <= limit


def _sentence(what: str, value: float, bound: Bound, limit: float, *, inside: bool) -> str:
    word = "meets" if inside else "is below" if bound == "min" else "is above"
    shown, limit_shown = apart(value, limit)
    return f"{what} {shown} {word} the {bound}imum {limit_shown}"


def _doubt(low: Any, high: Any, rows: int, found: Mapping[str, Any]) -> str:
    if found.get("small"):
        return f"unclear: only {rows} rows"
    if low is None or high is None:
        return "unclear: no interval"
    return f"unclear: anything from {number(low)} to {number(high)} is plausible"
