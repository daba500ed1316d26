"""The borrower's side of shared data sets: the owner's terms, whether we keep them, and access."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

import pulumi

from infra import foundation
from infra.base import Place, Scope
from infra.sharing import SHARING_ENVIRONMENT
from modelyard.data_set_section import Origin
from modelyard.project import DataSet, Project

Terms = Mapping[str, Any]
_SECRECY = ("public", "internal", "confidential", "restricted")


class TermsError(Exception):
    """A data set that its owner does not lend on the terms project.yaml states."""


@dataclass(frozen=True)
class Loan:
    """One borrowed data set and what its owner says of it; `values` fill in access documents."""

    dataset: DataSet
    terms: pulumi.Output[dict[str, Any]]

    @property
    def values(self) -> pulumi.Output[dict[str, str]]:
        """The owner's names, as the personas' documents call them."""
        return self.terms.apply(
            lambda terms: {
                "owner_bucket": terms["bucket"],
                "owner_folder": terms["name"],
                "owner_region": terms["region"],
                "owner_key": terms["key_arn"],
            }
        )


def loans(scope: Scope, project: Project) -> tuple[Loan, ...]:
    """Every borrowed data set, its terms read from its owner's stack; none outside dev."""
    if scope.environment != SHARING_ENVIRONMENT:
        return ()
    borrowed = [(one, one.origin) for one in project.data if one.origin is not None]
    # A stack may be referred to once.
    offers = {
        owner: foundation.offered_by(owner)
        for owner in dict.fromkeys(origin.project for _, origin in borrowed)
    }
    return tuple(
        Loan(dataset, offers[origin.project].apply(_granted(dataset, scope)))
        for dataset, origin in borrowed
    )


def _granted(dataset: DataSet, scope: Scope) -> Callable[[str], dict[str, Any]]:
    def granted(offered: str) -> dict[str, Any]:
        try:
            return agreed(dataset, scope.project, scope.place, json.loads(offered))
        except TermsError as error:
            raise pulumi.RunError(str(error)) from None

    return granted


def agreed(
    dataset: DataSet, borrower: str, place: Place, offered: Mapping[str, Terms]
) -> dict[str, Any]:
    """The owner's terms; TermsError says who has to write what where they do not admit us."""
    origin = dataset.origin
    assert origin is not None
    terms = offered.get(origin.name)
    entitled = {"project": borrower, "account": place.account}
    if terms is None or entitled not in terms["shared_with"]:
        raise TermsError(
            f"project.yaml: {dataset.name}: {origin.project} does not share '{origin.name}' with "
            f"{borrower} in {place.account}; ask its owners to add to that data set in their "
            f'project.yaml `shared_with: [{{project: {borrower}, account: "{place.account}"}}]` '
            f"and to apply {origin.project}.{SHARING_ENVIRONMENT}, or stop using it here"
        )
    for problem in _weaker(dataset, terms, place):
        raise TermsError(f"project.yaml: {dataset.name}: {origin.project} {problem}")
    return dict(terms)


def _weaker(dataset: DataSet, terms: Terms, place: Place) -> Iterator[str]:
    """Where we would keep the data longer, or more openly, than their owner does."""
    if terms["region"] != place.region:
        yield (
            f"keeps it in {terms['region']} and this project's jobs run in {place.region}, from "
            "where SageMaker reads no other region's data; put dev into that region"
        )
    if dataset.retention_days > terms["retention_days"]:
        days = terms["retention_days"]
        yield f"keeps it for {days} days; write retention_days: {days} or less"
    if terms["retained_from"] and dataset.retained_from != terms["retained_from"]:
        column = terms["retained_from"]
        yield f"lets rows expire by '{column}'; write retained_from: {column}"
    if _SECRECY.index(dataset.classification) < _SECRECY.index(terms["classification"]):
        stated = terms["classification"]
        yield f"classifies it as {stated}; write classification: {stated}"
    open_ = sorted(set(terms["pseudonymise"]) - set(dataset.pseudonymise))
    if open_:
        yield f"replaces {', '.join(open_)} by pseudonyms; add that to pseudonymise"


def location(terms: Terms) -> str:
    """The folder in which the files lie."""
    return f"s3://{terms['bucket']}/{terms['name']}/"


def told(terms: Terms) -> dict[str, str]:
    """What the borrower's catalogue says: the owner's words, and whose they are."""
    return {
        "borrowed_from": f"{terms['project']} in {terms['account']}",
        "data_owner": terms["owner"],
        "legal_basis": terms["legal_basis"],
    }


def fact(found: tuple[Loan, ...]) -> pulumi.Output[str]:
    """What commands and the registrar judge by: where each borrowed data set lies, and whose."""
    terms = pulumi.Output.all(*(loan.terms for loan in found))
    return terms.apply(
        lambda known: json.dumps(
            {
                loan.dataset.name: _reviewed(cast(Terms, one))
                for loan, one in zip(found, known, strict=True)
            },
            sort_keys=True,
            separators=(",", ":"),
            ensure_ascii=False,
        )
    )


def _reviewed(terms: Terms) -> dict[str, Any]:
    kept = ("project", "account", "owner", "classification", "legal_basis", "retention_days")
    return {
        "source": str(Origin(project=terms["project"], name=terms["name"])),
        "uri": location(terms),
        **{key: terms[key] for key in kept},
    }
