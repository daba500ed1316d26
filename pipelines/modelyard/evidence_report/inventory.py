"""Every stored object that the report rests on, with the hash of its bytes."""

from collections.abc import Iterator
from typing import Any

from modelyard.evidence import Dossier
from modelyard.evidence.document import Document
from modelyard.evidence_report.records import Records


def inventory(
    dossier: Dossier, records: Records, previous: Document | None
) -> list[dict[str, Any]]:
    """One entry per object, by address; raw data files count, although few may read them."""
    entries = [
        {"what": what, "uri": one.uri, "version_id": one.version_id, "sha256": one.sha256}
        for what, one in _documents(dossier, records, previous)
    ]
    entries += [
        {
            "what": "data file",
            "uri": one["uri"],
            "version_id": one.get("version_id"),
            "sha256": one["sha256"],
        }
        for one in _files(dossier)
    ]
    return sorted(entries, key=lambda one: (one["what"], one["uri"], one["version_id"] or ""))


def _documents(
    dossier: Dossier, records: Records, previous: Document | None
) -> Iterator[tuple[str, Document]]:
    single = (
        ("evaluation", dossier.evaluation),
        ("dataset manifest", dossier.manifest),
        ("dataset versions", dossier.dataset_versions),
        ("baseline profile", dossier.baseline_profile),
        ("golden predictions", dossier.golden),
        ("model card", dossier.card),
        ("previous report", previous),
    )
    yield from ((what, one) for what, one in single if one is not None)
    several = (
        ("approval", dossier.approvals),
        ("release", dossier.releases),
        ("verification", dossier.verifications),
        ("monitoring summary", dossier.monitoring),
        ("reproduction", records.reproductions),
        ("human review", records.reviews),
        ("fairness decision", records.decisions),
        ("deletion", records.deletions),
    )
    yield from ((what, one) for what, found in several for one in found)


def _files(dossier: Dossier) -> Iterator[Any]:
    content = dossier.dataset_versions.content if dossier.dataset_versions else {}
    yield from (one for one in content.get("files") or () if one.get("uri") and one.get("sha256"))
