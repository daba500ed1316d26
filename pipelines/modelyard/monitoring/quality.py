"""Model quality: measured where labels have arrived, estimated where they have not."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from modelyard import metrics
from modelyard.metrics import Metric
from modelyard.monitoring.answers import Answers
from modelyard.monitoring.findings import Finding
from modelyard.monitoring.severity import Severity, Thresholds
from modelyard.pages.words import spoken
from modelyard.project import Problem

# The metrics of which less is better.
ERRORS = frozenset({"brier", "log_loss", "rmse", "mae"})
# Errors scaled by what only an evaluation knows, and what is judged in their place where answers
# alone are known.
STANDS_FOR = {"mase": "mae", "mape": "mae"}


@dataclass(frozen=True)
class Baseline:
    """What the evaluation measured on rows the model had never seen.

    Attributes:
        primary: the metric by which quality is judged: the first that has a gate, or what stands
            for it.
        bounds: its gate.
    """

    metrics: Mapping[str, Metric]
    primary: str
    bounds: Mapping[str, float]
    calibrated: bool
    reason: str | None


def baseline(
    evaluation: Mapping[str, Any], gates: Mapping[str, Mapping[str, float]]
) -> Baseline | None:
    """The evaluation as quality's baseline; None when it holds no metric."""
    measured = {
        name: Metric(value.get("value"), value.get("low"), value.get("high"))
        for name, value in (evaluation.get("metrics") or {}).items()
    }
    gated = next((name for name in gates if name in measured), next(iter(measured), None))
    if gated is None:
        return None
    primary = STANDS_FOR.get(gated, gated)
    stated = evaluation.get("calibration") or {}
    reason = stated.get("reason") or "the evaluation did not measure calibration"
    return Baseline(
        measured, primary, gates.get(primary, {}), bool(stated.get("calibrated")), reason
    )


def measured(problem: Problem, labelled: Answers, limits: Thresholds) -> dict[str, Any]:
    """The metrics over the rows whose label is known."""
    if len(labelled) < max(2, limits.minimum_labels):
        return {
            "rows": len(labelled),
            "metrics": {},
            "reason": f"{len(labelled)} labelled rows; {limits.minimum_labels} are needed",
        }
    found = metrics.metrics(problem, labelled.labels, labelled.scores)
    return {"rows": len(labelled), "metrics": _documents(found), "reason": None}


def estimated(
    problem: Problem, answers: Answers, base: Baseline | None, limits: Thresholds
) -> dict[str, Any]:
    """The metrics to expect by the answers' own probabilities, if these were right at release."""
    known = answers.scores[~np.isnan(answers.scores).any(axis=1)]
    reason = None
    if problem == "regression":
        reason = "a regression states no probabilities to estimate from"
    elif base is None or not base.calibrated:
        reason = (base.reason if base else None) or "there is no evaluation to compare with"
    elif len(known) < limits.minimum_rows:
        reason = f"{len(known)} rows; {limits.minimum_rows} are needed"
    if reason:
        return {"rows": len(known), "metrics": {}, "reason": reason}
    found = metrics.expected(problem, known)
    return {"rows": len(known), "metrics": _documents(found), "reason": None}


def _documents(found: Mapping[str, Metric]) -> dict[str, Any]:
    return {name: asdict(metric) for name, metric in found.items()}


def findings(
    quality: Mapping[str, Any],
    estimate: Mapping[str, Any],
    base: Baseline | None,
    limits: Thresholds,
) -> Iterator[Finding]:
    """What the primary metric gives cause to say; an estimate only where nothing was measured."""
    if base is None:
        return
    now = quality["metrics"].get(base.primary)
    if now is not None and now["value"] is not None:
        yield from _fallen("quality", now, quality["rows"], base, limits)
        return
    guess = estimate["metrics"].get(base.primary)
    if guess is not None and guess["value"] is not None:
        yield from _fallen("estimate", guess, estimate["rows"], base, limits)


def drop(value: float, base: Baseline) -> float:
    """How far the primary metric has fallen; an error metric's rise as a share of what it was."""
    then = base.metrics[base.primary].value
    if then is None:
        return 0.0
    if base.primary in ERRORS:
        return (value - then) / then if then else 0.0
    return then - value


def _fallen(
    kind: Any, now: Mapping[str, Any], rows: int, base: Baseline, limits: Thresholds
) -> Iterator[Finding]:
    fallen = drop(now["value"], base)
    severity = _severity(kind, now, fallen, base, limits)
    if severity is None:
        return
    name, then = spoken(base.primary), base.metrics[base.primary].value
    interval = _interval(now)
    said = (
        f"{name} on {rows:,} labelled rows is {now['value']:.3f}{interval}"
        if kind == "quality"
        else f"Estimated without labels: {name} is about {now['value']:.3f}{interval}"
    )
    gate = _gate(now["value"], base)
    yield Finding(
        f"{kind}:{base.primary}",
        kind,
        severity,
        f"{said[:1].upper()}{said[1:]}; at its evaluation it was {then:.3f}{gate}.",
        value=now["value"],
        threshold=_limit(base, limits),
    )


def _severity(
    kind: str, now: Mapping[str, Any], fallen: float, base: Baseline, limits: Thresholds
) -> Severity | None:
    """Chance is not a finding: the whole interval must be worse than the evaluation's value."""
    then, is_error = base.metrics[base.primary].value, base.primary in ERRORS
    best = now["low"] if is_error else now["high"]
    if then is None or best is None:
        return None
    certain = best > then if is_error else best < then
    if not certain or fallen <= limits.quality_drop:
        return None
    if kind == "estimate":
        return "warning"
    beyond = fallen >= 2 * limits.quality_drop or _breaks(best, base)
    return "critical" if beyond else "warning"


def _breaks(value: float, base: Baseline) -> bool:
    low, high = base.bounds.get("min"), base.bounds.get("max")
    return (low is not None and value < low) or (high is not None and value > high)


def _gate(value: float, base: Baseline) -> str:
    if not _breaks(value, base):
        return ""
    return (
        ", and its gate (" + ", ".join(f"{k} {v:g}" for k, v in base.bounds.items()) + ") is broken"
    )


def _limit(base: Baseline, limits: Thresholds) -> float | None:
    then = base.metrics[base.primary].value
    if then is None:
        return None
    if base.primary in ERRORS:
        return then * (1 + limits.quality_drop)
    return then - limits.quality_drop


def _interval(metric: Mapping[str, Any]) -> str:
    if metric["low"] is None or metric["high"] is None:
        return ""
    return f" (95% interval {metric['low']:.3f} to {metric['high']:.3f})"
