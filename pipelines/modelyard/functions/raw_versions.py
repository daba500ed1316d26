"""Which versions of the raw objects a run read: SageMaker does not say, so they are found."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from modelyard.functions.service import Refused, split_uri


def versions_read(
    s3: Any, uri: str, until: datetime, files: Iterable[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """For each file of the dataset manifest the version that was current when it was read.

    A version of the same size is confirmed by its content: another job may have been reading while
    someone uploaded.
    """
    try:
        return _versions_read(s3, uri, until, files)
    except ClientError as error:
        if not error.response["Error"]["Code"].startswith("AccessDenied"):
            raise
        raise Refused(
            f"{uri} cannot be read any more, so nothing proves what the run read; if another "
            "project owns it, ask its owners whether they stopped sharing it"
        ) from None


def _versions_read(
    s3: Any, uri: str, until: datetime, files: Iterable[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    bucket, prefix = split_uri(uri)
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix)
    candidates = [
        version
        for page in pages
        for version in page.get("Versions", [])
        if version["LastModified"] <= until
    ]
    candidates.sort(key=lambda version: version["LastModified"], reverse=True)
    return [_version_of(s3, bucket, file, candidates) for file in files]


def _version_of(
    s3: Any, bucket: str, file: Mapping[str, Any], candidates: list[Mapping[str, Any]]
) -> dict[str, Any]:
    for version in candidates:
        key, version_id = version["Key"], version["VersionId"]
        if version["Size"] != file["bytes"] or key.rsplit("/", 1)[-1] != file["name"]:
            continue
        stored = s3.get_object(Bucket=bucket, Key=key, VersionId=version_id)["Body"]
        digest = hashlib.sha256()
        for chunk in stored.iter_chunks(1 << 20):
            digest.update(chunk)
        if digest.hexdigest() == file["sha256"]:
            return {**file, "uri": f"s3://{bucket}/{key}", "version_id": version_id}
    raise Refused(f"no stored version of {file['name']} is what the run read")
