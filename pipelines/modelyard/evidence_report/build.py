"""Builds the report of a dossier: pure, so that the same evidence gives the same bytes."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from modelyard import technical_file
from modelyard.evidence import Dossier
from modelyard.evidence.document import Document
from modelyard.evidence_report import acts, origin, worth
from modelyard.evidence_report.difference import difference
from modelyard.evidence_report.inventory import inventory
from modelyard.evidence_report.purpose import model, purpose
from modelyard.evidence_report.records import NONE, Records
from modelyard.evidence_report.report import SCHEMA_VERSION, Report
from modelyard.evidence_report.shortcomings import deviations, gaps
from modelyard.pages.words import counted


def build(dossier: Dossier, previous: Document | None = None, records: Records = NONE) -> Report:
    """The report; `previous` is the one published before, for the difference."""
    annex = _technical_file(dossier)
    missing = gaps(dossier, records, len(annex["gaps"]) if annex else 0)
    deviating = deviations(dossier, records)
    document: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "kind": "model",
        "verdict": _verdict(dossier.package.version, missing, deviating),
        "purpose": purpose(dossier),
        "model": model(dossier),
        "data": origin.data(dossier),
        "making": origin.making(dossier),
        "metrics": worth.metrics(dossier),
        "fairness": worth.fairness(dossier, records),
        "explanation": worth.explanation(dossier),
        "approvals": acts.approvals(dossier),
        "releases": acts.releases(dossier),
        "monitoring": acts.monitoring(dossier),
        "records": acts.others(records),
        "technical_file": annex,
        "gaps": missing,
        "deviations": deviating,
        "evidence": inventory(dossier, records, previous),
    }
    found = _plain(document)
    return Report(_plain({**found, "difference": difference(found, previous)}))


def _technical_file(dossier: Dossier) -> dict[str, Any] | None:
    """Annex IV by section, and what it still asks for; only high-risk systems need it."""
    if dossier.project.risk.tier != "high":
        return None
    found = technical_file.build(dossier)
    return {
        "sections": list(found.summary()),
        "gaps": [{"point": one.point, "sentence": one.sentence} for one in found.gaps],
    }


def _plain(document: Mapping[str, Any]) -> dict[str, Any]:
    """What reading the report's file would give: strict JSON, which has no NaN, in sorted order."""
    text = json.dumps(document, default=str, sort_keys=True)
    return dict(json.loads(text, parse_constant=lambda _: None))


def _verdict(
    version: int, missing: Sequence[Mapping[str, Any]], deviating: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    required = sum(one["required"] for one in missing)
    broken = sum(one["severity"] == "critical" for one in deviating)
    word = "evidence does not agree" if broken else "incomplete" if required else "complete"
    counts = [counted(len(missing), "gap"), counted(len(deviating), "deviation")]
    return {
        "state": "critical" if broken else "warning" if required or deviating else "ok",
        "sentence": f"version {version}: {', '.join([word, *counts])}",
        "gaps": len(missing),
        "required_gaps": required,
        "deviations": len(deviating),
        "problems": broken,
    }
