"""Reads stored documents as whoever asks; what cannot be read becomes a sentence."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, TypeVar

from botocore.exceptions import ClientError

from modelyard.aws import code_of
from modelyard.evidence.document import Document, NotADocument, parse, time_of
from modelyard.functions.service import split_uri

Found = TypeVar("Found")
_ABSENT = ("NoSuchKey", "NoSuchBucket", "NoSuchVersion", "404", "ResourceNotFound")
_DENIED = ("AccessDenied", "AccessDeniedException", "403", "UnauthorizedOperation")


class Reader:
    """Collects what could not be read (`gaps`) and what was changed (`problems`)."""

    def __init__(self) -> None:
        self.gaps: list[str] = []
        self.problems: list[str] = []

    def try_to(self, what: str, ask: Callable[[], Found]) -> Found | None:
        """The answer; None where AWS has none or this caller may not see it, which is a gap."""
        try:
            return ask()
        except ClientError as error:
            self.gaps.append(f"{what}: {reason(error)}")
        except NotADocument as error:
            self.gaps.append(f"{what}: {error}")
        return None

    def document(self, s3: Any, uri: str, what: str) -> Document | None:
        """A document by its address; an empty address is a gap as well."""
        if not uri:
            self.gaps.append(f"{what}: the package does not name it")
            return None
        return self.try_to(what, lambda: fetch(s3, uri))

    def folder(self, s3: Any, bucket: str, prefix: str, what: str) -> tuple[Document, ...]:
        """The records below a prefix, oldest first, and never those of a folder below it."""
        keys = self.try_to(what, lambda: list(_keys(s3, bucket, prefix)))
        found = [self.document(s3, f"s3://{bucket}/{key}", what) for key in keys or ()]
        return tuple(sorted((one for one in found if one), key=_age))

    def kept(self, s3: Any, bucket: str, prefix: str, what: str) -> tuple[Document, ...]:
        """Records that nobody may change: a second version or a delete marker is a problem.

        The first version is what was written, so it is what counts.
        """
        pages = s3.get_paginator("list_object_versions")
        try:
            listed = list(pages.paginate(Bucket=bucket, Prefix=prefix))
        except ClientError as error:
            if not is_denied(error):
                raise
            return self.folder(s3, bucket, prefix, what)
        first: dict[str, Mapping[str, Any]] = {}
        for version in _own((v for page in listed for v in page.get("Versions", ())), prefix):
            key = version["Key"]
            if key in first:
                self.problems.append(f"s3://{bucket}/{key} was overwritten after it was written")
            if key not in first or version["LastModified"] < first[key]["LastModified"]:
                first[key] = version
        for marker in _own((m for page in listed for m in page.get("DeleteMarkers", ())), prefix):
            self.problems.append(f"s3://{bucket}/{marker['Key']} was deleted; its version is kept")
        found = [self._version(s3, bucket, version, what) for version in first.values()]
        return tuple(sorted((one for one in found if one), key=_age))

    def _version(
        self, s3: Any, bucket: str, version: Mapping[str, Any], what: str
    ) -> Document | None:
        uri = f"s3://{bucket}/{version['Key']}"
        return self.try_to(what, lambda: fetch(s3, uri, version))


def fetch(s3: Any, uri: str, version: Mapping[str, Any] | None = None) -> Document:
    """One stored document, in the version that is wanted or the newest."""
    bucket, key = split_uri(uri)
    wanted = {"VersionId": version["VersionId"]} if version else {}
    answer = s3.get_object(Bucket=bucket, Key=key, **wanted)
    kept = answer.get("VersionId")
    return parse(uri, None if kept in (None, "null") else str(kept), answer["Body"].read())


def is_denied(error: ClientError) -> bool:
    """Whether this caller may not do what was asked."""
    return code_of(error) in _DENIED


def reason(error: ClientError) -> str:
    """Why something could not be read, in words."""
    code = code_of(error)
    if is_denied(error):
        return "this caller may not read it"
    if code in _ABSENT:
        return "it does not exist"
    return f"{error.operation_name} failed, {code}: {error.response['Error']['Message']}"


def _keys(s3: Any, bucket: str, prefix: str) -> Iterator[str]:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    items = (item for page in pages for item in page.get("Contents", ()))
    return (item["Key"] for item in _own(items, prefix))


def _own(items: Iterator[Mapping[str, Any]], prefix: str) -> Iterator[Mapping[str, Any]]:
    """JSON documents right below the prefix."""
    for item in items:
        rest = str(item["Key"]).removeprefix(prefix)
        if "/" not in rest and rest.endswith(".json"):
            yield item


def _age(document: Document) -> tuple[datetime, str]:
    return time_of(document), document.uri
