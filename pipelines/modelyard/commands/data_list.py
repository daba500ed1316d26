"""modelyard data list: the project's data sets, whose they are, and how long they stay."""

import argparse
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from modelyard.aws import code_of
from modelyard.commands import options
from modelyard.project import DataSet, Project

HELP = "data sets with owner, classification, versions and retention"


def arguments(parser: argparse.ArgumentParser) -> None:
    options.add_json(parser)


def execute(arguments: argparse.Namespace) -> int:
    arguments.env = "dev"
    place = options.place(arguments)
    s3, bucket = place.client("s3"), place.workspace().bucket_raw
    rows = [
        {**described(dataset, place.project), **_stored(s3, bucket, dataset.name)}
        for dataset in place.project.data
    ]
    if arguments.json:
        options.print_json(rows)
        return 0
    for row in rows:
        options.say(f"{row['name']}: {row['description'] or 'not described'}")
        options.say(f"  owner {row['owner']}, {row['classification']}, {row['legal_basis']}")
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
    }


def _stored(s3: Any, bucket: str, name: str) -> dict[str, Any]:
    """The files of a data set and their versions; None where the caller may not see them."""
    try:
        pages = s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=f"{name}/")
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
