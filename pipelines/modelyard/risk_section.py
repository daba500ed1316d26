"""The risk section of project.yaml: how much a wrong answer matters, and what was thought of it.

The tier says which of these a model card must have: see `modelyard.card.required`.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from modelyard.section import Section

# What the fields of a SageMaker model card hold that these become.
Uses = Annotated[str, Field(min_length=1, max_length=2048, pattern=r"\S")]
Note = Annotated[str, Field(min_length=1, max_length=1500, pattern=r"\S")]
Line = Annotated[str, Field(min_length=1, max_length=400, pattern=r"\S")]


class Hazard(Section):
    """What can go wrong for somebody, what is done about it, and what risk is left."""

    hazard: Line
    mitigation: Line
    residual: Literal["low", "medium", "high"]


class RiskDocuments(Section):
    """Where the documents lie that only people can write: an address or a file name each."""

    data_protection: Line | None = None
    fundamental_rights: Line | None = None
    design: Line | None = None
    instructions_for_use: Line | None = None
    standards: Line | None = None
    declaration_of_conformity: Line | None = None
    post_market_plan: Line | None = None


class ReviewRoute(Section):
    """Where a person turns who wants another person to look at a decision, and how soon it does.

    Thirty days is what the GDPR gives for an answer (article 12(3): one month).
    """

    contact: Line
    days: Annotated[int, Field(ge=1, le=365, strict=True)] = 30


class Risk(Section):
    """The risk tier, whether the model decides alone or assists a person, and the risk file."""

    tier: Literal["minimal", "limited", "high"]
    decision: Literal["sole", "assisted"]
    intended_uses: Uses | None = None
    out_of_scope: Note | None = None
    limitations: Uses | None = None
    metrics_rationale: Note | None = None
    human_review: Note | None = None
    hazards: Annotated[tuple[Hazard, ...], Field(max_length=20)] = ()
    documents: RiskDocuments = RiskDocuments()
    review: ReviewRoute | None = None
    review_date: date | None = None
