"""The project's data sets: a catalogue entry each, how long they stay, and who reads them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from infra import borrowing, sharing
from infra.base import Document, Part, Scope, role_arn
from infra.bucket import Archive, Expiry
from modelyard.project import DataSet, Project

# Objects are archived where they stay at once readable for more than a year.
_LONG_DAYS = 365
_ARCHIVED_AFTER_DAYS = 180
# Who reads a restricted data set: the pipeline and who confirms what it read, monitoring's
# reference, and whoever answers for the data.
RESTRICTED_READERS = ("pipeline", "registrar", "monitor", "data-steward")


@dataclass(frozen=True)
class DataSetsArgs:
    """The project whose data sets these are, the bucket in which its own lie, and the terms of
    those it borrows.
    """

    scope: Scope
    project: Project
    bucket: pulumi.Output[str]
    borrowed: Mapping[str, pulumi.Output[dict[str, Any]]] = field(default_factory=dict)


class DataSets(Part):
    """A database with one table per data set: whose it is, why we hold it and for how long.

    The tables have no columns: the data contract in the model repo states those, and nobody but
    the pipeline could query the files.
    """

    def __init__(self, name: str, args: DataSetsArgs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("modelyard:datasets:DataSets", name, opts)
        database = aws.glue.CatalogDatabase(
            self.child("database"),
            name=args.scope.prefix.replace("-", "_"),
            description=f"The data sets of {args.scope.project}",
            opts=self.inside,
        )
        for dataset in args.project.data:
            aws.glue.CatalogTable(
                self.child(dataset.name),
                name=dataset.name.replace("-", "_"),
                database_name=database.name,
                description=dataset.description,
                owner=owner_of(dataset, args.project),
                table_type="EXTERNAL_TABLE",
                parameters=_stated(args, dataset),
                storage_descriptor=aws.glue.CatalogTableStorageDescriptorArgs(
                    location=_location(args, dataset)
                ),
                opts=self.inside,
            )
        self.register_outputs({"database": database.name})


def _stated(args: DataSetsArgs, dataset: DataSet) -> dict[str, str] | pulumi.Output[dict[str, str]]:
    own = parameters(dataset, args.project)
    terms = args.borrowed.get(dataset.name)
    return own if terms is None else terms.apply(lambda known: own | borrowing.told(known))


def _location(args: DataSetsArgs, dataset: DataSet) -> pulumi.Output[str]:
    terms = args.borrowed.get(dataset.name)
    if terms is None:
        return pulumi.Output.format("s3://{}/{}/", args.bucket, dataset.name)
    return terms.apply(borrowing.location)


def owner_of(dataset: DataSet, project: Project) -> str:
    """Who answers for a data set; unless stated, whoever answers for the project."""
    return dataset.owner or project.owner


def parameters(dataset: DataSet, project: Project) -> dict[str, str]:
    """What the catalogue says; Glue's own key `classification` means a file format."""
    return {
        "EXTERNAL": "TRUE",
        "project": project.name,
        "data_owner": owner_of(dataset, project),
        "data_classification": dataset.classification,
        "legal_basis": dataset.legal_basis,
        "retention_days": str(dataset.retention_days),
        "pseudonymised": ", ".join(dataset.pseudonymise) or "nothing",
        **sharing.told(dataset),
    }


def expiries(datasets: Iterable[DataSet]) -> tuple[Expiry, ...]:
    """Each data set's folder goes after its retention; what stays for long is archived."""
    return tuple(
        Expiry(
            f"{dataset.name}/",
            dataset.retention_days,
            noncurrent_days=min(dataset.retention_days, 90),
            archive=(
                Archive(_ARCHIVED_AFTER_DAYS) if dataset.retention_days > _LONG_DAYS else None
            ),
        )
        for dataset in datasets
    )


def restricted_reads(scope: Scope, kind: str, datasets: Iterable[DataSet]) -> list[Document]:
    """Restricted data sets are read by who has to, whatever another role's own policy grants."""
    bucket = f"arn:aws:s3:::{scope.bucket(kind)}"
    # What a borrower makes of the data is its own project's to close.
    lent = sharing.readers if (kind, scope.environment) == ("raw", "dev") else _nobody
    folders: dict[tuple[str, ...], list[str]] = {}
    for dataset in datasets:
        if dataset.classification == "restricted":
            folders.setdefault(tuple(lent(dataset)), []).append(f"{bucket}/{dataset.name}/*")
    readers = [
        role_arn(scope.place.account, scope.project, scope.environment, persona)
        for persona in RESTRICTED_READERS
    ]
    return [
        {
            "Sid": f"RestrictedData{number or ''}",
            "Effect": "Deny",
            "Principal": "*",
            "Action": ["s3:GetObject", "s3:GetObjectVersion"],
            "Resource": found,
            "Condition": {"ArnNotEquals": {"aws:PrincipalArn": [*readers, *borrowers]}},
        }
        for number, (borrowers, found) in enumerate(folders.items())
    ]


def _nobody(dataset: DataSet) -> list[str]:
    return []
