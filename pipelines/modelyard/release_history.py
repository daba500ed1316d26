"""The release records of an environment, as the release function wrote them into evidence."""

import json
from collections.abc import Mapping
from typing import Any

from modelyard.aws import Place
from modelyard.workspace import Workspace

_PREFIX = "releases/"


def records(place: Place, workspace: Workspace) -> list[Mapping[str, Any]]:
    """Every phase of every release, oldest first; verifications have their own folder."""
    s3 = place.client("s3")
    pages = s3.get_paginator("list_objects_v2").paginate(
        Bucket=workspace.bucket_evidence, Prefix=_PREFIX, Delimiter="/"
    )
    items = [item for page in pages for item in page.get("Contents", ())]
    found = [
        (item["LastModified"], _read(s3, workspace.bucket_evidence, item["Key"])) for item in items
    ]
    found.sort(key=lambda kept: (kept[0], str(kept[1]["time"])))
    return [record for _, record in found]


def verification(place: Place, workspace: Workspace, version: int) -> Mapping[str, Any] | None:
    """What verification found out about a version; None where it was not verified."""
    s3 = place.client("s3")
    try:
        return _read(s3, workspace.bucket_evidence, f"{_PREFIX}verifications/{version}.json")
    except s3.exceptions.NoSuchKey:
        return None


def _read(s3: Any, bucket: str, key: str) -> Mapping[str, Any]:
    return dict(json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read()))
