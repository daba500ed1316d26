"""The dossier of one model package: its documents, what is missing, and what does not agree."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from modelyard.evidence.document import Document
from modelyard.project import Project
from modelyard.registry import Package


@dataclass(frozen=True)
class Dossier:
    """Everything known of one model package; documents oldest first.

    Attributes:
        execution: the pipeline run: arn, status, started, parameters, steps; None if unread.
        gaps: one sentence per thing that could not be read or is missing.
        problems: one sentence per thing that is there and does not agree: a hash that differs, a
            record that was edited, removed or written out of order.
    """

    project: Project
    package: Package
    evaluation: Document | None
    manifest: Document | None
    dataset_versions: Document | None
    baseline_profile: Document | None
    golden: Document | None
    approvals: tuple[Document, ...]
    releases: tuple[Document, ...]
    verifications: tuple[Document, ...]
    monitoring: tuple[Document, ...]
    execution: Mapping[str, Any] | None
    card: Document | None
    gaps: tuple[str, ...]
    problems: tuple[str, ...]
