"""The owner's side of shared data sets: consent in the bucket and on the key, and what is told.

A borrower's pipeline reads the rows and its registrar confirms which versions it read: machines of
one project each, by name, in one folder. People of another project never do.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pulumi

from infra.base import Document, Scope, role_arn
from modelyard.data_set_section import Borrower
from modelyard.project import DataSet, Project

SHARING_ENVIRONMENT = "dev"
READING_PERSONAS = ("pipeline", "registrar")
_ROWS = ["s3:GetObject", "s3:GetObjectVersion"]
_LISTS = ["s3:ListBucket", "s3:ListBucketVersions"]


def borrowers(datasets: Iterable[DataSet]) -> dict[tuple[str, str], Borrower]:
    """Whoever reads any data set, once."""
    return {(one.project, one.account): one for dataset in datasets for one in dataset.shared_with}


def roles_of(borrower: Borrower) -> list[str]:
    """The machines of a borrower that read."""
    return [
        role_arn(borrower.account, borrower.project, SHARING_ENVIRONMENT, persona)
        for persona in READING_PERSONAS
    ]


def readers(dataset: DataSet) -> list[str]:
    """Every borrower's machines that read a data set."""
    return [role for borrower in dataset.shared_with for role in roles_of(borrower)]


def consents(scope: Scope, datasets: Iterable[DataSet]) -> list[Document]:
    """The raw bucket's statements: who elsewhere may read, and that no other pipeline does."""
    if scope.environment != SHARING_ENVIRONMENT:
        return []
    stated = tuple(datasets)
    return [*_allowed(scope, stated), *_refused(scope, stated)]


def _allowed(scope: Scope, datasets: Iterable[DataSet]) -> Iterator[Document]:
    bucket = f"arn:aws:s3:::{scope.bucket('raw')}"
    lent = [(dataset, _elsewhere(scope, dataset)) for dataset in datasets]
    for number, (dataset, away) in enumerate(((one, found) for one, found in lent if found), 1):
        # A role that does not exist yet cannot be a principal; a condition on its ARN can name it.
        only = {"ArnEquals": {"aws:PrincipalArn": [arn for one in away for arn in roles_of(one)]}}
        accounts = dict.fromkeys(f"arn:aws:iam::{one.account}:root" for one in away)
        who = {"Effect": "Allow", "Principal": {"AWS": list(accounts)}}
        yield {
            "Sid": f"Shared{number}",
            **who,
            "Action": _ROWS,
            "Resource": f"{bucket}/{dataset.name}/*",
            "Condition": only,
        }
        yield {
            "Sid": f"SharedList{number}",
            **who,
            "Action": _LISTS,
            "Resource": bucket,
            "Condition": {**only, "StringLike": {"s3:prefix": f"{dataset.name}/*"}},
        }


def _elsewhere(scope: Scope, dataset: DataSet) -> list[Borrower]:
    """The borrowers that need consent to come in: within the account their own policy does."""
    return [one for one in dataset.shared_with if one.account != scope.place.account]


def _refused(scope: Scope, datasets: Sequence[DataSet]) -> Iterator[Document]:
    """Within one account a reader's own policy would suffice: without consent it does not here."""
    bucket = f"arn:aws:s3:::{scope.bucket('raw')}"
    account = scope.place.account
    own = [
        role_arn(account, scope.project, SHARING_ENVIRONMENT, persona)
        for persona in READING_PERSONAS
    ]
    others = [
        f"arn:aws:iam::*:role/*-{SHARING_ENVIRONMENT}-{persona}" for persona in READING_PERSONAS
    ]
    everybody = [*own, *(role for one in borrowers(datasets).values() for role in roles_of(one))]
    yield _denied("OnlyListedWithConsent", _LISTS, [bucket], others, everybody)
    folders: dict[tuple[str, ...], list[str]] = {}
    for dataset in datasets:
        # Restricted ones are closed to everybody else anyway.
        if dataset.classification != "restricted":
            folders.setdefault((*own, *readers(dataset)), []).append(f"{bucket}/{dataset.name}/*")
    for number, (entitled, found) in enumerate(folders.items(), 1):
        yield _denied(f"OnlyWithConsent{number}", _ROWS, found, others, entitled)


def _denied(
    sid: str,
    actions: list[str],
    resources: list[str],
    machines: list[str],
    entitled: Sequence[str],
) -> Document:
    return {
        "Sid": sid,
        "Effect": "Deny",
        "Principal": "*",
        "Action": actions,
        "Resource": resources,
        "Condition": {
            "ArnLike": {"aws:PrincipalArn": machines},
            "ArnNotEquals": {"aws:PrincipalArn": list(entitled)},
        },
    }


def key_consents(scope: Scope, datasets: Iterable[DataSet]) -> list[Document]:
    """The key's statements for borrowers in other accounts, one per account."""
    if scope.environment != SHARING_ENVIRONMENT:
        return []
    roles: dict[str, list[str]] = {}
    for borrower in borrowers(datasets).values():
        if borrower.account != scope.place.account:
            roles.setdefault(borrower.account, []).extend(roles_of(borrower))
    return [
        {
            "Sid": f"SharedDataReadFrom{account}",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
            "Action": "kms:Decrypt",
            "Resource": "*",
            "Condition": {
                "ArnEquals": {"aws:PrincipalArn": found},
                "StringEquals": {"kms:ViaService": f"s3.{scope.place.region}.amazonaws.com"},
            },
        }
        for account, found in roles.items()
    ]


def offered(scope: Scope, project: Project, key_arn: pulumi.Input[str]) -> pulumi.Output[str]:
    """What the stack tells borrowers' stacks of every data set it shares: JSON, by name."""
    return pulumi.Output.from_input(key_arn).apply(
        lambda key: json.dumps(
            {
                dataset.name: terms(scope, project, dataset, key)
                for dataset in project.data
                if dataset.shared_with and scope.environment == SHARING_ENVIRONMENT
            },
            sort_keys=True,
        )
    )


def terms(scope: Scope, project: Project, dataset: DataSet, key: str) -> dict[str, Any]:
    """On what terms a data set is lent: where it lies, the owner's words, and who may borrow."""
    return {
        "project": project.name,
        "name": dataset.name,
        "bucket": scope.bucket("raw"),
        "account": scope.place.account,
        "region": scope.place.region,
        "key_arn": key,
        "owner": dataset.owner or project.owner,
        "classification": dataset.classification,
        "legal_basis": dataset.legal_basis,
        "retention_days": dataset.retention_days,
        "retained_from": dataset.retained_from or "",
        "pseudonymise": sorted(dataset.pseudonymise),
        "shared_with": [one.model_dump(mode="json") for one in dataset.shared_with],
    }


def told(dataset: DataSet) -> Mapping[str, str]:
    """What the owner's catalogue says of a data set that others use."""
    if not dataset.shared_with:
        return {}
    named = ", ".join(f"{one.project} in {one.account}" for one in dataset.shared_with)
    return {"shared_with": named}
