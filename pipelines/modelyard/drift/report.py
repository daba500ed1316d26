"""Two profiles compared: every column judged, ranked by what it means to the model."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from modelyard.drift import guesses, measures, significance
from modelyard.drift.findings import SEVERITIES, Finding
from modelyard.drift.groups import Bar
from modelyard.drift.judge import Judge
from modelyard.drift.measured import Measured, measure
from modelyard.drift.thresholds import Status, Thresholds
from modelyard.drift.wording import listed
from modelyard.profile import NumberProfile, Profile


@dataclass(frozen=True)
class ColumnDrift:
    """One column of the report.

    Attributes:
        rows: values present now.
        p_value: that chance explains the change of values, adjusted for the number of columns.
        drift: how well this column alone tells the rows of then and now apart, 0 to 1 (see
            measures.separability); rank: that times its importance.
        factor: what all numbers look multiplied by, if another unit would explain them.
    """

    name: str
    role: str
    kind: str
    status: Status
    rows: int
    psi: float | None
    ks: float | None
    ks_error: float | None
    js: float | None
    p_value: float | None
    drift: float
    importance: float | None
    rank: float
    missing_then: float
    missing_now: float
    malformed: float
    new_share: float
    out_of_range: float
    median_then: float | None
    median_now: float | None
    mean_then: float | None
    mean_now: float | None
    factor: float | None
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class DriftReport:
    """What changed between a baseline and later rows.

    Attributes:
        score: how well a naive Bayes classifier over all features tells rows of then and now apart:
            2 AUC - 1, from 0 (not at all) to 1. It sums the columns' divergences as if the columns
            were independent: where they say the same thing, it is an upper estimate, and the
            largest `drift` of a column the lower one.
        impact: the features' drift, weighted by their importance to the model; None when unknown.
        drifted: the features with a warning or worse; shock: when most are.
    """

    status: Literal["ok", "warning", "critical", "insufficient"]
    rows_then: int
    rows_now: int
    score: float | None
    auc: float | None
    impact: float | None
    drifted: tuple[str, ...]
    shock: bool
    columns: tuple[ColumnDrift, ...]
    findings: tuple[Finding, ...]

    def document(self) -> dict[str, Any]:
        """The report as plain data: shares and figures, no rows."""
        return asdict(self)


def compare(
    baseline: Profile,
    current: Profile,
    thresholds: Thresholds | None = None,
    importance: Mapping[str, float] | None = None,
) -> DriftReport:
    """Compares later rows with the baseline; `importance` may be on any scale."""
    limits, weights = thresholds or Thresholds(), importance or {}
    names = [name for name in baseline.columns if name in current.columns]
    found = {name: measure(baseline.columns[name], current.columns[name]) for name in names}
    adjusted = _adjusted(found)
    rows_then = max((column.rows for column in baseline.columns.values()), default=0)
    columns, findings = [], []
    for name, measured in found.items():
        weight = weights.get(name)
        judged = Judge(name, measured, limits, adjusted[name], weight, tuple(current.extra.counts))
        column_findings = judged.findings()
        findings += column_findings
        columns.append(_column(name, measured, judged.status(column_findings), judged, weights))
    findings += _unknown_columns(current, limits)
    columns.sort(key=lambda column: (-column.rank, column.name))
    findings.sort(key=lambda one: (-SEVERITIES[one.severity], -_weight(one, columns), one.id))
    features = [column for column in columns if column.role == "feature"]
    drifted = tuple(c.name for c in features if c.status in ("warning", "critical", "absent"))
    known = [column for column in features if column.status != "insufficient"]
    divergences = [found[column.name].divergence for column in features]
    enough = min(rows_then, current.rows) >= limits.min_rows
    score = measures.separability(math.fsum(divergences)) if enough else None
    return DriftReport(
        status=_overall(findings, enough),
        rows_then=rows_then,
        rows_now=current.rows,
        score=score,
        auc=None if score is None else (1 + score) / 2,
        impact=_impact(features, weights) if enough else None,
        drifted=drifted,
        shock=len(drifted) > 1 and len(drifted) >= limits.shock * len(known),
        columns=tuple(columns),
        findings=tuple(findings),
    )


def _adjusted(found: Mapping[str, Measured]) -> dict[str, list[float | None]]:
    """The p-values of all columns' tests, adjusted together."""
    tests = [
        value
        for one in found.values()
        for value in (one.p_value, one.missing_p, one.new_p, one.outside_p)
    ]
    flat = significance.adjusted(tests)
    return {name: flat[4 * place : 4 * place + 4] for place, name in enumerate(found)}


def _column(
    name: str, found: Measured, status: Status, judge: Judge, weights: Mapping[str, float]
) -> ColumnDrift:
    then, now = found.then, found.now
    numbers = (then, now) if isinstance(then, NumberProfile) else None
    drift = measures.separability(found.divergence) if judge.enough_rows else 0.0
    largest = max(weights.values(), default=0.0)
    weight = weights.get(name)
    relative = weight / largest if weight is not None and largest else 1.0
    return ColumnDrift(
        name=name,
        role=then.role,
        kind=then.kind,
        status=status,
        rows=now.known,
        psi=found.psi,
        ks=found.ks,
        ks_error=found.ks_error,
        js=found.js,
        p_value=judge.moved_p,
        drift=drift,
        importance=weight,
        rank=relative * drift,
        missing_then=then.share(then.missing),
        missing_now=now.share(now.missing),
        malformed=now.share(now.malformed),
        new_share=found.new_share,
        out_of_range=found.outside_share,
        median_then=then.median if isinstance(then, NumberProfile) else None,
        median_now=now.median if isinstance(now, NumberProfile) else None,
        mean_then=then.mean if isinstance(then, NumberProfile) else None,
        mean_now=now.mean if isinstance(now, NumberProfile) else None,
        factor=_factor(numbers) if judge.enough else None,
        bars=found.groups.bars,
    )


def _factor(numbers: Any) -> float | None:
    return guesses.unit_factor(*numbers) if numbers else None


def _unknown_columns(current: Profile, limits: Thresholds) -> list[Finding]:
    """A finding for columns that the baseline does not know; they are not looked at."""
    if not current.rows or not current.extra.counts:
        return []
    names = sorted(current.extra.counts)
    share = max(current.extra.counts.values()) / current.rows
    sentence = f"Unknown columns arrive: {listed(names)}; the model does not use them"
    if share < limits.info * limits.missing:
        return []
    return [Finding("extra", "schema", "info", None, sentence, share, None, share, None)]


def _weight(finding: Finding, columns: Sequence[ColumnDrift]) -> float:
    return next((column.rank for column in columns if column.name == finding.column), 0.0)


def _overall(
    findings: Sequence[Finding], enough: bool
) -> Literal["ok", "warning", "critical", "insufficient"]:
    if not enough:
        return "insufficient"
    worst = max((SEVERITIES[one.severity] for one in findings), default=0)
    return "critical" if worst == 3 else "warning" if worst == 2 else "ok"


def _impact(features: Sequence[ColumnDrift], weights: Mapping[str, float]) -> float | None:
    total = math.fsum(weights.get(column.name, 0.0) for column in features)
    if not total:
        return None
    return math.fsum(weights.get(c.name, 0.0) * c.drift for c in features) / total
