"""The page of one evaluation: what the model is worth, before anybody registers or approves it."""

from collections.abc import Mapping
from typing import Any

from modelyard.evidence_report import page_fairness, page_worth, worth
from modelyard.pages.frame import Frame
from modelyard.project import Project

_SECTIONS = (("metrics", "Quality"), ("fairness", "Fairness"), ("reasons", "Reasons"))


def page(project: Project, evaluation: Mapping[str, Any]) -> str:
    """The page; the same evaluation gives the same bytes."""
    document = {
        "metrics": worth.quality(evaluation),
        "fairness": worth.groups(project, evaluation),
        "explanation": worth.importance(evaluation),
    }
    rows = evaluation["rows"]
    frame = Frame(
        title=f"{project.title}: evaluation",
        subtitle=evaluation["model"]["sha256"][:12],
        where=f"A {project.model.problem} model of {project.model.target}, trained on "
        f"{rows['train']:,} rows and judged on {rows['test']:,} others; not registered",
        state="ok" if evaluation["gates"]["passed"] else "critical",
        verdict=f"Gates {'met' if evaluation['gates']['passed'] else 'not met'}: "
        f"{evaluation['gates']['sentence']}.",
        sections=_SECTIONS,
        footer="Counts, aggregates and hashes only: this page holds nothing of a single person.",
    )
    return frame.around(
        page_worth.metrics(document)
        + page_fairness.fairness(document)
        + page_worth.reasons(document)
    )
