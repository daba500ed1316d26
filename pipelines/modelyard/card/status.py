"""A card's status follows the registry's approval, and is never ahead of what the tier demands."""

from collections.abc import Mapping
from typing import Any

from modelyard.card.required import missing

DRAFT, REVIEW, APPROVED, ARCHIVED = "Draft", "PendingReview", "Approved", "Archived"
_BY_APPROVAL = {"PendingManualApproval": REVIEW, "Approved": APPROVED, "Rejected": ARCHIVED}


def card_status(approval: str, statement: Mapping[str, Any]) -> str:
    """The status of a package's card; an incomplete card stays a draft whoever approved."""
    status = _BY_APPROVAL.get(approval, DRAFT)
    return DRAFT if status != ARCHIVED and missing(statement) else status


def card_name(project: str, version: int) -> str:
    """The card of a version; only the card function may write cards of such names.

    The registry is in dev, and no project's name holds an environment: so no name is two projects'.
    """
    return f"{project}-dev-package-{version}"
