"""The page of a report: one self-contained HTML file that a non-engineer can read and print."""

from collections.abc import Mapping
from typing import Any

from modelyard.evidence_report import (
    page_acts,
    page_evidence,
    page_fairness,
    page_origin,
    page_summary,
    page_worth,
)
from modelyard.evidence_report.report import Report
from modelyard.pages.frame import Frame

_SECTIONS = (
    ("summary", "At a glance"),
    ("purpose", "Purpose"),
    ("data", "Data"),
    ("making", "How it was built"),
    ("metrics", "Quality"),
    ("fairness", "Fairness"),
    ("reasons", "Reasons"),
    ("approvals", "Approvals"),
    ("releases", "Releases"),
    ("monitoring", "Monitoring"),
    ("records", "Other records"),
    ("technical-file", "Technical file"),
    ("gaps", "Gaps and deviations"),
    ("difference", "Since the last report"),
    ("evidence", "Evidence and hashes"),
)


def page(report: Report) -> str:
    """The whole page; the same report gives the same bytes."""
    document = report.document
    frame = Frame(
        title=f"{document['purpose']['title']}: evidence report",
        subtitle=f"version {document['model']['version']}",
        where=f"{document['purpose']['project']} version {document['model']['version']}, owned by "
        f"{document['purpose']['owner']}, {document['model']['arn']}",
        state=document["verdict"]["state"],
        verdict=_verdict(document["verdict"]),
        sections=_SECTIONS,
        footer="Counts, aggregates and hashes only: this page holds nothing of a single person. "
        "Made by `modelyard report` from the stored evidence, without a clock: the same evidence "
        "gives the same bytes. How to read and check it: docs/evidence.md of the platform.",
    )
    return frame.around(
        page_summary.summary(document)
        + page_origin.purpose(document)
        + page_origin.data(document)
        + page_origin.making(document)
        + page_worth.metrics(document)
        + page_fairness.fairness(document)
        + page_worth.reasons(document)
        + page_acts.approvals(document)
        + page_acts.releases(document)
        + page_acts.monitoring(document)
        + page_acts.records(document)
        + page_evidence.technical_file(document)
        + page_evidence.shortcomings(document)
        + page_evidence.difference(document)
        + page_evidence.evidence(document)
    )


def _verdict(found: Mapping[str, Any]) -> str:
    """The verdict as a sentence for people."""
    sentence = str(found["sentence"])
    return f"{sentence[:1].upper()}{sentence[1:]}."
