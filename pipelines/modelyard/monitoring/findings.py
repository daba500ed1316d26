"""Findings: what a person should know, in a plain sentence, worst first."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from modelyard.monitoring.severity import ORDER, Severity, worst

Kind = Literal[
    "drift",
    "missing",
    "category",
    "schema",
    "range",
    "prediction",
    "quality",
    "estimate",
    "bias",
    "explanation",
    "service",
    "capture",
]
Verdict = Literal["ok", "warning", "critical", "insufficient", "failed"]

_ADVICE: Mapping[str, str] = {
    "drift": "Ask the owner of each drifted column what changed; if it stays so, train anew.",
    "missing": "Ask the source why values are missing; the model fills the gaps with guesses.",
    "category": "Find out what the new values mean; add them to the data contract or map them.",
    "schema": "Compare what clients send with data_contract.yaml; one of the two must change.",
    "range": "Check the unit and the source of the column before believing any prediction.",
    "prediction": "Look at the drifted columns first; predictions move because inputs moved.",
    "quality": "Train anew on recent labelled data, or go back: `modelyard rollback --env {env}`.",
    "estimate": "It is an estimate: bring labels to know (docs/monitoring.md, Ground truth).",
    "bias": "Have the risk owner judge the gap before more decisions are made.",
    "explanation": "The model decides by other columns than it was approved with; look at them.",
    "service": "Look closer: `modelyard status --env {env}`; or `modelyard rollback --env {env}`.",
    "capture:labels": "Have the source of the labels settle which of them is true.",
    "service:4xx": "Compare what clients send with data_contract.yaml; refusals name the column.",
    "capture": "Ask which door captures and since when: `modelyard doctor --env {env}`.",
}


@dataclass(frozen=True)
class Finding:
    """One thing found, by an id that stays the same from window to window.

    Attributes:
        share: the share of rows or requests it concerns, 0 to 1.
        importance: of a column, its share of all contributions; None where nobody knows.
        since: the start of the first window in a row that found it.
    """

    id: str
    kind: Kind
    severity: Severity
    sentence: str
    column: str | None = None
    value: float | None = None
    threshold: float | None = None
    share: float = 1.0
    importance: float | None = None
    since: str | None = None
    cause: str | None = None

    def document(self) -> dict[str, Any]:
        return asdict(self)


def ranked(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Worst first; among equals by what it touches, importance and distance beyond the limit."""
    return tuple(sorted(findings, key=_rank))


# What people feel first: wrong and failed answers, then who is hurt, then why, then what is likely.
_TIERS: tuple[frozenset[str], ...] = (
    frozenset({"quality", "service"}),
    frozenset({"bias"}),
    frozenset({"schema", "missing", "category", "range", "drift"}),
    frozenset({"prediction", "estimate", "explanation"}),
    frozenset({"capture"}),
)


def _rank(finding: Finding) -> tuple[int, int, float, float, str]:
    excess = 0.0
    if finding.value is not None and finding.threshold:
        excess = abs(finding.value) / abs(finding.threshold)
    weight = 1.0 if finding.importance is None else finding.importance
    tier = next(place for place, kinds in enumerate(_TIERS) if finding.kind in kinds)
    return ORDER[finding.severity], tier, -weight * min(excess, 10.0), -excess, finding.id


def verdict(findings: Sequence[Finding], rows: int, minimum: int, failed: bool) -> Verdict:
    """What the findings come to; too few rows are never called fine."""
    if failed:
        return "failed"
    found = worst(finding.severity for finding in findings)
    if found in ("critical", "warning"):
        return found
    return "insufficient" if rows < minimum else "ok"


def advice(finding: Finding, environment: str) -> str:
    """What to do about it."""
    return (_ADVICE.get(finding.id) or _ADVICE[finding.kind]).format(env=environment)


def dated(findings: Iterable[Finding], since: Mapping[str, str], now: str) -> list[Finding]:
    """The findings with the time since which each has been found."""
    return [replace(finding, since=since.get(finding.id, now)) for finding in findings]
