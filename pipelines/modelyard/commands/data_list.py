"""modelyard data list: the project's data sets, whose they are, and how long they stay."""

import argparse
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from modelyard import loans
from modelyard.aws import code_of
from modelyard.commands import options
from modelyard.project import DataSet, Project
from modelyard.workspace import Workspace

HELP = "data sets with owner, classification, versions and retention"


def arguments(parser: argparse.ArgumentParser) -> None:
    options.add_json(parser)


def execute(arguments: argparse.Namespace) -> int:
    arguments.env = "dev"
    place = options.place(arguments)
    s3, workspace = place.client("s3"), place.workspace()
    rows = [
        {
            **described(dataset, place.project),
            **_owners_words(dataset, workspace),
            **_stored(s3, loans.folder(dataset, workspace)),
        }
        for dataset in place.project.data
    ]
    if arguments.json:
        options.print_json(rows)
        return 0
    for row in rows:
        options.say(f"{row['name']}: {row['description'] or 'not described'}")
        options.say(f"  owner {row['owner']}, {row['classification']}, {row['legal_basis']}")
        if row["borrowed_from"]:
            options.say(f"  borrowed from {row['borrowed_from']}: {row['source']}")
        if row["shared_with"]:
            options.say(f"  shared with {', '.join(row['shared_with'])}")
        kept = f"kept {row['retention_days']} days from {row['retained_from'] or 'its upload'}"
        hidden = ", ".join(row["pseudonymise"]) or "nothing"
        options.say(f"  {kept}; pseudonymised: {hidden}")
        options.say(f"  {_versions(row)}")
    return 0


def described(dataset: DataSet, project: Project) -> dict[str, Any]:
    """What project.yaml says of a data set, defaults filled in."""
    return {
        "name": dataset.name,
        "description": dataset.description or "",
        "owner": dataset.owner or project.owner,
        "classification": dataset.classification,
        "legal_basis": dataset.legal_basis,
        "retention_days": dataset.retention_days,
        "retained_from": dataset.retained_from or "",
        "pseudonymise": list(dataset.pseudonymise),
        "contract": dataset.contract,
        "source": dataset.source,
        "borrowed_from": "",
        "shared_with": [f"{one.project} in {one.account}" for one in dataset.shared_with],
    }


def _owners_words(dataset: DataSet, workspace: Workspace) -> dict[str, Any]:
    """What the owner of a borrowed data set says of it; nothing of our own."""
    if dataset.origin is None:
        return {}
    stated = loans.loan(dataset, workspace)
    return {
        "borrowed_from": f"{stated['project']} in {stated['account']}",
        "owner": stated["owner"],
        "legal_basis": stated["legal_basis"],
    }


def _stored(s3: Any, folder: str) -> dict[str, Any]:
    """The files of a data set and their versions; None where the caller may not see them."""
    bucket, _, prefix = folder.removeprefix("s3://").partition("/")
    try:
        pages = s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix)
        versions = [version for page in pages for version in page.get("Versions", ())]
    except ClientError as error:
        if not code_of(error).startswith("AccessDenied"):
            raise
        return {"files": None, "versions": None, "newest": None}
    newest = max((version["LastModified"] for version in versions), default=None)
    return {
        "files": sum(version["IsLatest"] for version in versions),
        "versions": len(versions),
        "newest": newest.isoformat(timespec="seconds") if newest else None,
    }


def _versions(row: Mapping[str, Any]) -> str:
    if row["versions"] is None:
        return "its files are not yours to see"
    if not row["versions"]:
        return "nothing uploaded"
    return f"{row['files']} files in {row['versions']} versions, the newest of {row['newest']}"
