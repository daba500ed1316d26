"""A card's status follows the registry, and a card that lacks something stays a draft."""

import pytest

from modelyard.card.difference import differences
from modelyard.card.facts import statement
from modelyard.card.status import card_status
from modelyard.project import Project


@pytest.mark.parametrize(
    ("approval", "status"),
    [
        ("PendingManualApproval", "PendingReview"),
        ("Approved", "Approved"),
        ("Rejected", "Archived"),
        ("Something new", "Draft"),
    ],
)
def test_status_follows_approval(complete: Project, approval: str, status: str) -> None:
    assert card_status(approval, statement(complete)) == status


@pytest.mark.parametrize(
    ("approval", "status"),
    [("PendingManualApproval", "Draft"), ("Approved", "Draft"), ("Rejected", "Archived")],
)
def test_incomplete_card_of_high_risk_is_never_approved(
    project: Project, approval: str, status: str
) -> None:
    assert card_status(approval, statement(project)) == status


@pytest.mark.parametrize(
    ("found", "expected", "sentence"),
    [
        ({"a": {"b": "x"}}, {"a": {"b": "y"}}, 'a.b says "x" and should say "y"'),
        ({"a": {"b": "x"}}, {"a": {}}, 'a.b says "x" and should not be there'),
        ({}, {"a": 1}, "a is missing; it should say 1"),
        ({"a": [{"v": 1}]}, {"a": [{"v": 2}]}, "a[0].v says 1 and should say 2"),
        ({"a": [1]}, {"a": [1, 2]}, "a says [1] and should say [1, 2]"),
    ],
)
def test_edit_by_hand_is_told_by_its_field(
    found: dict[str, object], expected: dict[str, object], sentence: str
) -> None:
    (difference,) = differences(found, expected)
    assert difference.sentence == sentence


def test_equal_cards_do_not_differ() -> None:
    assert list(differences({"a": [1, {"b": 2}]}, {"a": [1, {"b": 2}]})) == []
