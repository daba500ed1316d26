"""One window judged: what was gathered, compared with the evaluation, as report and summary."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any

from modelyard import drift, profile
from modelyard.captures import Account
from modelyard.functions.windows import stamp
from modelyard.model import Model
from modelyard.monitoring import (
    bias,
    contract_findings,
    explanation,
    quality,
    service,
    shapes,
)
from modelyard.monitoring.findings import Finding, Verdict, advice, dated, ranked, verdict
from modelyard.monitoring.history import Earlier, since
from modelyard.monitoring.labels import LabelAccount, Labels
from modelyard.monitoring.live import Live
from modelyard.monitoring.window import Window
from modelyard.monitoring.window import document as window_document

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class Evidence:
    """What the model was released with; None where a file of it is missing or unusable.

    Attributes:
        problems: a sentence for each part that is missing.
    """

    profile: profile.Profile | None
    evaluation: Mapping[str, Any]
    problems: tuple[str, ...]


@dataclass(frozen=True)
class Material:
    """Everything a window is judged by."""

    project: str
    environment: str
    gates: Mapping[str, Mapping[str, float]]
    window: Window
    model: Model
    evidence: Evidence
    account: Account
    labels: Labels
    live: Live
    history: Sequence[Earlier]
    share: float
    inputs: Mapping[str, Any]


def judge(material: Material) -> dict[str, Any]:
    """The report as plain data: aggregates only, nothing of a single row."""
    window, live, limits = material.window, material.live, material.window.thresholds
    base = quality.baseline(material.evidence.evaluation, material.gates)
    problem = material.model.problem
    compared = _compared(material)
    measured = quality.measured(problem, live.labelled, limits)
    estimate = quality.estimated(problem, live.answers, base, limits)
    groups = bias.report(
        problem,
        live.answers,
        live.labelled,
        material.model.contract.used("protected"),
        material.evidence.evaluation.get("fairness") or {},
    )
    reasons = explanation.report(_importance_then(material), live.importance, live.unexplained)
    broken = contract_findings.report(live.broken, material.account.rows)
    found = [
        *_missing_evidence(material.evidence),
        *_drift_findings(compared),
        *quality.findings(measured, estimate, base, limits),
        *bias.findings(problem, groups, limits),
        *explanation.findings(reasons, limits),
        *service.findings(window, material.account, material.history),
        *_label_findings(material.labels),
    ]
    told = {finding.column for finding in found if finding.kind in ("schema", "range", "category")}
    found += contract_findings.findings(broken, told, limits)
    standing = ranked(dated(found, since(material.history), stamp(window.start)))
    return {
        "schema_version": SCHEMA_VERSION,
        "project": material.project,
        "environment": material.environment,
        "problem": problem,
        "target": material.model.contract.target,
        "window": window_document(window),
        "model_package_arn": window.model_package_arn,
        "verdict": _verdict(standing, material),
        "shock": bool(compared and compared.shock),
        "rows": material.account.rows,
        "findings": [
            {**finding.document(), "advice": advice(finding, material.environment)}
            for finding in standing
        ],
        "drift": _drift_document(compared, material),
        "contract": broken,
        "quality": {
            "primary": base.primary if base else None,
            "then": {name: asdict(one) for name, one in base.metrics.items()} if base else {},
            "bounds": dict(base.bounds) if base else {},
            "now": measured,
            "labels": _account(material.labels.account),
        },
        "estimate": estimate,
        "bias": groups,
        "explanation": reasons,
        "service": _service(material),
        "capture": {
            **_account(material.account),
            "captured": material.account.captured,
            "answered": window.answered,
            "gap": service.capture_gap(window, material.account),
            "foreign_rows": live.foreign,
            "share_read": material.share,
        },
        "history": [_trend(earlier) for earlier in material.history],
        "thresholds": limits.model_dump(mode="json"),
        "provenance": {
            "model_sha256": material.model.sha256,
            "dataset_sha256": (material.evidence.evaluation.get("dataset") or {}).get("sha256"),
            **material.inputs,
        },
    }


def _compared(material: Material) -> drift.DriftReport | None:
    baseline, now = material.evidence.profile, material.live.profile
    if baseline is None or now is None:
        return None
    limits = material.window.thresholds
    thresholds = drift.Thresholds(
        psi=limits.drift, missing=limits.missing, min_rows=limits.minimum_rows, shock=limits.shock
    )
    return drift.compare(baseline, now, thresholds, importance=_importance_then(material))


def _importance_then(material: Material) -> Mapping[str, float]:
    stated = material.evidence.evaluation.get("explanation") or {}
    return dict(stated.get("importance") or {})


def _drift_document(
    compared: drift.DriftReport | None, material: Material
) -> dict[str, Any] | None:
    """The comparison with what is drawn of each column."""
    then, now = material.evidence.profile, material.live.profile
    if compared is None or then is None or now is None:
        return None
    document = compared.document()
    bars = shapes.shapes(then, now, document["columns"])
    columns = [column | {"bars": bars[column["name"]]} for column in document["columns"]]
    return {**document, "columns": columns}


def _drift_findings(compared: drift.DriftReport | None) -> list[Finding]:
    if compared is None:
        return []
    return [
        replace(Finding(**asdict(finding)), sentence=_named(finding.sentence))
        for finding in compared.findings
    ]


def _named(sentence: str) -> str:
    """The predictions' columns by what they are."""
    for name, spoken in (
        (profile.PREDICTION, "the answers"),
        (profile.PROBABILITY, "the probability answered"),
    ):
        sentence = sentence.replace(name, spoken)
    sentence = sentence.replace(" -> ", " to ").replace(" %", "%").rstrip(".") + "."
    return sentence[:1].upper() + sentence[1:] if sentence.startswith("the ") else sentence


def _missing_evidence(evidence: Evidence) -> list[Finding]:
    return [
        Finding(f"service:baseline-{number}", "service", "critical", sentence)
        for number, sentence in enumerate(evidence.problems, 1)
    ]


def _label_findings(labels: Labels) -> list[Finding]:
    account = labels.account
    contradicting = account.contradicting + account.replaced
    if not account.lines or contradicting <= 0.01 * account.lines:
        return []
    return [
        Finding(
            "quality:labels",
            "quality",
            "warning",
            f"{contradicting:,} labels contradict another one of the same inference: the newest "
            f"counts; {account.contradicting:,} rows whose newest labels contradict each other "
            "are left out.",
            value=contradicting / account.lines,
            threshold=0.01,
            share=min(1.0, contradicting / account.lines),
        )
    ]


def _verdict(found: Sequence[Finding], material: Material) -> Verdict:
    minimum = material.window.thresholds.minimum_rows
    failed = bool(material.evidence.problems)
    return verdict(found, material.account.rows, minimum, failed)


def _account(account: Account | LabelAccount) -> dict[str, Any]:
    """Counts as plain data; times as the report writes them."""
    plain: dict[str, Any] = {}
    for each in fields(account):
        value = getattr(account, each.name)
        if isinstance(value, datetime):
            value = stamp(value)
        plain[each.name] = dict(sorted(value.items())) if isinstance(value, Counter) else value
    return plain


def _service(material: Material) -> dict[str, Any]:
    names = (
        "served",
        "errors_4xx",
        "errors_5xx",
        "latency_p50_us",
        "latency_p99_us",
        "capture_lag_s",
        "cpu_max_percent",
        "memory_max_percent",
    )
    return {name: getattr(material.window, name) for name in names}


def _trend(earlier: Earlier) -> dict[str, Any]:
    return {**asdict(earlier), "findings": sorted(earlier.findings)}
