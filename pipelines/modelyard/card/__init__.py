"""The model card: what a package and its reviewed project.yaml say, in SageMaker's own format.

Standard library only: a function writes the card with this code, and people check it with the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modelyard.card.compose import compose
from modelyard.card.facts import Facts, of_dossier
from modelyard.card.validation import checked

if TYPE_CHECKING:
    from modelyard.evidence import Dossier

__all__ = ["Facts", "build", "checked", "compose", "of_dossier"]


def build(dossier: Dossier) -> dict[str, Any]:
    """The card of a model package; CardError where SageMaker would not take it."""
    return checked(compose(of_dossier(dossier)))
