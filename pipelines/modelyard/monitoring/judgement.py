"""One window judged: what was gathered, compared with the evaluation, as report and summary."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from modelyard import profile
from modelyard.captures import Account
from modelyard.functions.windows import stamp
from modelyard.model import Model
from modelyard.monitoring import (
    bias,
    contract_findings,
    drifted,
    explanation,
    labels,
    quality,
    service,
    spelling,
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
    now = live.profile
    importance = _importance_then(material)
    compared = drifted.compared(material.evidence.profile, now, limits, importance)
    measured = quality.measured(problem, live.labelled, limits)
    estimate = quality.estimated(problem, live.answers, base, limits)
    groups = bias.report(
        problem,
        live.answers,
        live.labelled,
        material.model.contract.used("protected"),
        material.evidence.evaluation.get("fairness") or {},
    )
    reasons = explanation.report(importance, live.importance, live.unexplained)
    broken = contract_findings.report(live.broken, material.account.rows)
    found = [
        *_missing_evidence(material.evidence),
        *drifted.findings(compared),
        *spelling.findings(live.words, material.model.contract, material.account.rows, limits),
        *quality.findings(measured, estimate, base, limits),
        *bias.findings(problem, groups, limits),
        *explanation.findings(reasons, limits),
        *service.findings(window, material.account, material.history),
        *labels.findings(material.labels),
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
        "drift": drifted.document(compared, material.evidence.profile, now),
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


def _importance_then(material: Material) -> Mapping[str, float]:
    stated = material.evidence.evaluation.get("explanation") or {}
    return dict(stated.get("importance") or {})


def _missing_evidence(evidence: Evidence) -> list[Finding]:
    return [
        Finding(f"service:baseline-{number}", "service", "critical", sentence)
        for number, sentence in enumerate(evidence.problems, 1)
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
