"""What the model is worth: metrics with intervals, fairness by group, and what it decides by."""

from collections.abc import Mapping
from typing import Any

from modelyard.evidence import Dossier
from modelyard.evidence_report.acts import whole
from modelyard.evidence_report.records import Records
from modelyard.project import Project


def metrics(dossier: Dossier) -> dict[str, Any]:
    """The metrics on rows the model had never seen, and the gates they had to keep."""
    return quality(_evaluation(dossier))


def quality(found: Mapping[str, Any]) -> dict[str, Any]:
    """The metrics an evaluation holds, and its gates."""
    return {
        "rows": dict(found.get("rows") or {}),
        "metrics": [
            {"name": name, **{key: one.get(key) for key in ("value", "low", "high")}}
            for name, one in sorted((found.get("metrics") or {}).items())
        ],
        "gates": found.get("gates"),
        "calibration": found.get("calibration"),
        **({"forecast": found["forecast"]} if found.get("forecast") else {}),
    }


def fairness(dossier: Dossier, records: Records) -> dict[str, Any]:
    """Each protected attribute's groups, the gates on them, and what people decided about it."""
    decisions = [whole(one) for one in records.decisions]
    return {**groups(dossier.project, _evaluation(dossier)), "decisions": decisions}


def groups(project: Project, found: Mapping[str, Any]) -> dict[str, Any]:
    """Each protected attribute's groups as an evaluation compares them; nobody decided yet."""
    return {
        "protected": list(project.model.protected),
        "attributes": {
            name: _attribute(one) for name, one in sorted((found.get("fairness") or {}).items())
        },
        "gates": found.get("fairness_gates"),
        "decisions": [],
    }


def _attribute(found: Mapping[str, Any]) -> dict[str, Any]:
    """Groups in full, and Clarify's metrics of each group flattened to one mapping."""
    bias = {
        group: {
            "rows": one.get("rows"),
            "small": bool(one.get("small")),
            "metrics": {**(one.get("pre_training") or {}), **(one.get("post_training") or {})},
        }
        for group, one in (found.get("bias") or {}).items()
    }
    kept = {name: value for name, value in found.items() if name != "bias"}
    return {**kept, "bias": bias}


def explanation(dossier: Dossier) -> dict[str, Any]:
    """Each column's share of all contributions to the test rows' scores, the largest first."""
    return importance(_evaluation(dossier))


def importance(evaluation: Mapping[str, Any]) -> dict[str, Any]:
    """The shares an evaluation holds."""
    found = evaluation.get("explanation") or {}
    shares = found.get("importance") or {}
    return {
        "importance": [
            {"column": name, "share": share}
            for name, share in sorted(shares.items(), key=lambda one: (-one[1], one[0]))
        ],
        "reason": found.get("reason"),
    }


def _evaluation(dossier: Dossier) -> Mapping[str, Any]:
    return dossier.evaluation.content if dossier.evaluation else {}
