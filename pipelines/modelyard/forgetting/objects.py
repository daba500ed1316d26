"""Stored files without one person: every version of them, each file at once or not at all.

The newest version is replaced by one without the person's rows, unless somebody has replaced it
meanwhile; only then do the versions go that hold them. Whoever is interrupted begins again.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from modelyard.forgetting.captured import Slices
from modelyard.forgetting.person import Person
from modelyard.forgetting.rows import Cut, UnreadableError, without

# What is larger is not taken into this process's memory.
_MOST_BYTES = 1 << 30


@dataclass(frozen=True)
class Removal:
    """What became of one file: its rows about the person, and its versions that held them.

    Attributes:
        rows: as the newest of these versions had them.
        kept_as: the version without the person, empty where nothing was left or to be written.
    """

    bucket: str
    key: str
    rows: int
    versions: tuple[str, ...]
    kept_as: str = ""

    @property
    def uri(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


@dataclass
class Search:
    """A search through buckets, and what it found; a dry run changes nothing.

    Attributes:
        missed: files in which the person may still be, and why.
        unseen: what would only have told more, and why it did not.
    """

    s3: Any
    key_arn: str
    dry_run: bool
    removals: list[Removal] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)

    def forget(
        self,
        bucket: str,
        prefix: str,
        person: Person,
        wanted: Callable[[str], bool] = lambda key: True,
    ) -> None:
        """Removes the person from all files below a prefix."""
        slices, sliced = Slices(), list[tuple[str, list[Mapping[str, Any]]]]()
        try:
            for key, versions in self._files(bucket, prefix):
                if wanted(key) and self._one(bucket, key, versions, person, slices):
                    sliced.append((key, versions))
        except ClientError as error:
            self.missed.append(f"s3://{bucket}/{prefix}: cannot be listed ({_code(error)})")
        about = frozenset(slices.about)
        for key, _ in sliced if about else ():
            for again, versions in self._files(bucket, key):
                if again == key:
                    self._cut(bucket, key, versions, person, about)

    def _files(self, bucket: str, prefix: str) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
        """Files with their versions, newest first; a deleted file's are among them."""
        pages = self.s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix)
        found: dict[str, list[Mapping[str, Any]]] = {}
        for page in pages:
            for version in page.get("Versions", ()):
                found.setdefault(version["Key"], []).append(version)
        for key, versions in sorted(found.items()):
            if not key.endswith("/"):
                # Of one second, the newest is the one that S3 says is.
                yield (
                    key,
                    sorted(
                        versions,
                        key=lambda one: (one["IsLatest"], one["LastModified"]),
                        reverse=True,
                    ),
                )

    def _one(
        self,
        bucket: str,
        key: str,
        versions: list[Mapping[str, Any]],
        person: Person,
        slices: Slices,
    ) -> bool:
        """Removes the person from a file; whether it holds slices of records."""

        def look(content: bytes) -> None:
            found.append(slices.look(content, person))

        found: list[bool] = []
        self._cut(bucket, key, versions, person, frozenset(), look)
        return any(found)

    def _cut(
        self,
        bucket: str,
        key: str,
        versions: list[Mapping[str, Any]],
        person: Person,
        sliced: frozenset[str],
        look: Callable[[bytes], None] = lambda content: None,
    ) -> None:
        uri = f"s3://{bucket}/{key}"
        try:
            cuts: dict[str, Cut] = {}
            for version in versions:
                content = self._read(bucket, version)
                look(content)
                cut = without(content, key, person, sliced)
                if cut is not None:
                    cuts[version["VersionId"]] = cut
            if cuts:
                self._replace(bucket, key, versions, cuts)
        except UnreadableError as reason:
            self.missed.append(f"{uri}: {reason}")
        except ClientError as error:
            self.missed.append(f"{uri}: {error.operation_name} failed ({_code(error)})")

    def _read(self, bucket: str, version: Mapping[str, Any]) -> bytes:
        if version["Size"] > _MOST_BYTES:
            raise UnreadableError(f"has {version['Size']} bytes, too many to be rewritten here")
        stored = self.s3.get_object(
            Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"]
        )
        return bytes(stored["Body"].read())

    def _replace(
        self, bucket: str, key: str, versions: list[Mapping[str, Any]], cuts: Mapping[str, Cut]
    ) -> None:
        newest, kept_as = versions[0], ""
        cut = cuts.get(newest["VersionId"])
        clean = len(cuts) < len(versions)
        # An older version that is clean would come to light again if the newest only went.
        if cut and newest["IsLatest"] and (clean or not cut.is_empty) and not self.dry_run:
            kept_as = self.s3.put_object(
                Bucket=bucket,
                Key=key,
                Body=cut.content,
                IfMatch=newest["ETag"],
                ServerSideEncryption="aws:kms",
                SSEKMSKeyId=self.key_arn,
            ).get("VersionId", "")
        # Oldest first: whoever is interrupted finds the newest again.
        gone = [one["VersionId"] for one in reversed(versions) if one["VersionId"] in cuts]
        for version in gone if not self.dry_run else ():
            self.s3.delete_object(Bucket=bucket, Key=key, VersionId=version)
        rows = next(cuts[one["VersionId"]].rows for one in versions if one["VersionId"] in cuts)
        self.removals.append(Removal(bucket, key, rows, tuple(gone), kept_as))


def _code(error: ClientError) -> str:
    return str(error.response["Error"]["Code"])
