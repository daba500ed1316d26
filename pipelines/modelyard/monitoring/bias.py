"""Bias drift: how live decisions fall on the groups of each protected attribute.

The model never sees protected attributes; they are known only when clients send them along. Groups
are compared as at the evaluation (modelyard.fairness), on decisions alone until labels arrive.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from modelyard import fairness
from modelyard.data import Column
from modelyard.monitoring.answers import Answers
from modelyard.monitoring.findings import Finding
from modelyard.monitoring.severity import Thresholds
from modelyard.project import Problem
from modelyard.tables import is_numeric
from modelyard.values import MISSING

_ABSENT = "clients do not send it, so its groups are unknown"
_Z95 = 1.96


def report(
    problem: Problem,
    answers: Answers,
    labelled: Answers,
    protected: Sequence[Column],
    then: Mapping[str, Any],
) -> dict[str, Any]:
    """Per protected attribute the groups now, their gap, and the gap at the evaluation."""
    report = {}
    for column in protected:
        before = then.get(column.name) or {}
        report[column.name] = {
            **_now(problem, answers, labelled, column),
            "gap_then": before.get("gap"),
            "ratio_then": before.get("ratio"),
            "error_then": _error(before) if before.get("gap") is not None else 0.0,
        }
    return report


def _now(problem: Problem, answers: Answers, labelled: Answers, column: Column) -> dict[str, Any]:
    """By labels where nothing else compares groups, else by decisions."""
    basis, source = ("labels", labelled) if problem == "multiclass" else ("decisions", answers)
    values = source.groups[column.name]
    told = ~np.isnan(values) if is_numeric(column) else values != MISSING
    told &= ~np.isnan(source.scores).any(axis=1)
    if not told.any():
        reason = "no labels have arrived yet" if len(answers) and basis == "labels" else _ABSENT
        return {"basis": None, "groups": {}, "gap": None, "ratio": None, "reason": reason}
    groups, scores = {column.name: values[told]}, source.scores[told]
    if basis == "labels":
        found = fairness.fairness(problem, source.labels[told], scores, groups, [column])
    else:
        found = fairness.decisions(problem, scores, groups, [column])
    return {"basis": basis, "reason": None, **found[column.name]}


def widest(found: Mapping[str, Any]) -> float | None:
    """The widest gap of any attribute."""
    gaps = [one["gap"] for one in found.values() if one["gap"] is not None]
    return max(gaps, default=None)


def findings(problem: Problem, found: Mapping[str, Any], limits: Thresholds) -> Iterator[Finding]:
    """A gap that widened by more than the limit, and by more than chance explains."""
    if problem == "regression":
        return
    for name, now in found.items():
        if now["gap"] is None:
            continue
        widened = now["gap"] - (now["gap_then"] or 0.0)
        chance = _Z95 * math.hypot(_error(now), now["error_then"])
        if widened <= limits.bias_gap or widened <= chance:
            continue
        low, high = _extremes(now)
        measure = now["measure"].replace("_", " ")
        yield Finding(
            f"bias:{name}",
            "bias",
            "critical" if widened >= 2 * limits.bias_gap else "warning",
            f"By '{name}' the {measure} differs by {now['gap']:.0%} between groups "
            f"({low} lowest, {high} highest); at the evaluation it differed by "
            f"{now['gap_then'] or 0:.0%}.",
            column=name,
            value=now["gap"],
            threshold=(now["gap_then"] or 0.0) + limits.bias_gap,
        )


def _compared(now: Mapping[str, Any]) -> list[tuple[str, float, int]]:
    return [
        (name, group[now["measure"]], group["rows"])
        for name, group in now["groups"].items()
        if group["rows"] >= fairness.MIN_ROWS and group[now["measure"]] is not None
    ]


def _extremes(now: Mapping[str, Any]) -> tuple[str, str]:
    ordered = sorted(_compared(now), key=lambda one: one[1])
    return ordered[0][0], ordered[-1][0]


def _error(now: Mapping[str, Any]) -> float:
    """The standard error of a gap between two shares, each counted as if one more had gone
    either way (Agresti and Coull 1998): a small group of all yes is not known to be all yes."""
    ordered = sorted(_compared(now), key=lambda one: one[1])
    variance = 0.0
    for _, share, rows in (ordered[0], ordered[-1]):
        drawn = rows + 4
        likely = (share * rows + 2) / drawn
        variance += likely * (1 - likely) / drawn
    return math.sqrt(variance)
