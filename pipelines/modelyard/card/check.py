"""Holds a card that SageMaker keeps against its package: what was edited by hand is named."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from modelyard.card.compose import compose
from modelyard.card.difference import differences
from modelyard.card.facts import of_dossier, statement
from modelyard.card.required import missing
from modelyard.card.status import card_status
from modelyard.card.validation import text

if TYPE_CHECKING:
    from modelyard.evidence import Dossier

_DECIDED = ("Approved", "Rejected")


@dataclass(frozen=True)
class Stored:
    """The card as SageMaker keeps it, and who changed it last."""

    name: str
    version: int
    status: str
    content: Mapping[str, Any]
    changed_by: str = ""


def problems(dossier: Dossier, name: str, stored: Stored | None) -> tuple[str, ...]:
    """One line each; empty where the card says what the package, its evidence and its tier ask."""
    return tuple(dict.fromkeys(_problems(dossier, name, stored)))


def notes(dossier: Dossier) -> tuple[str, ...]:
    """What changed in project.yaml since the card was written, which the card does not say yet."""
    recorded = dossier.card.content.get("statement") if dossier.card else None
    if recorded is None:
        return ()
    return tuple(
        f"project.yaml has changed since: {one.field}"
        for one in differences(_plain(statement(dossier.project)), recorded)
    )


def _problems(dossier: Dossier, name: str, stored: Stored | None) -> Iterator[str]:
    recorded = dossier.card.content if dossier.card else {}
    told = recorded.get("statement") or statement(dossier.project)
    if stored is None:
        yield f"SageMaker has no model card {name}: the card function did not write it"
    else:
        by = f", changed last by {stored.changed_by}" if stored.changed_by else ""
        for one in differences(_plain(stored.content), _expected(dossier, told, recorded)):
            yield f"card {name} is out of step{by}: {one.sentence}"
        status = card_status(dossier.package.status, told)
        if stored.status != status:
            yield (
                f"card {name} has the status {stored.status} and should have {status}: "
                f"version {dossier.package.version} is {dossier.package.status}"
            )
    package = dossier.package
    decided = {("staging", package.status), ("production", package.production)}
    recorded_decisions = {
        (one.content.get("stage"), one.content.get("decision")) for one in dossier.approvals
    }
    for stage, decision in sorted(decided - recorded_decisions):
        if decision in _DECIDED:
            yield f"no approval record says that it is {decision} for {stage}"
    yield from missing(told)


def _expected(
    dossier: Dossier, told: Mapping[str, Any], recorded: Mapping[str, Any]
) -> Mapping[str, Any]:
    """What the card should say; what it was recorded to say where this caller sees too little."""
    seen = dossier.evaluation and dossier.manifest and dossier.dataset_versions
    if not seen and "content" in recorded:
        return _plain(recorded["content"])
    return _plain(compose(replace(of_dossier(dossier), statement=told)))


def _plain(document: Mapping[str, Any]) -> Mapping[str, Any]:
    plain: Mapping[str, Any] = json.loads(text(document))
    return plain
