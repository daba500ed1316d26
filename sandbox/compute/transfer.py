"""Files between S3 and a container's directories, moved with the job role's own rights."""

from __future__ import annotations

import gzip
import io
import json
import os
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from modelyard import archives
from sandbox.compute.failures import CALL_ERRORS, RunError, client_failure

MULTIPART_FROM = 64 * 1024 * 1024


def split_uri(uri: str) -> tuple[str, str]:
    """Bucket and key of an S3 URI."""
    if not uri.startswith("s3://") or len(uri) <= len("s3://"):
        raise RunError(f"ClientError: {uri} is not an S3 URI")
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key


class Transfer:
    """Downloads and uploads of one job."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def pull(
        self, uri: str, target: Path, data_type: str = "S3Prefix", gzipped: bool = False
    ) -> None:
        """Fetch every object under a prefix (or named by a manifest) below `target`."""
        target.mkdir(parents=True, exist_ok=True)
        try:
            objects = list(self._objects(uri, data_type))
            for bucket, key, name in objects:
                self._fetch(bucket, key, _below(target, name), gzipped)
        except CALL_ERRORS as error:
            raise client_failure(f"Data download failed for {uri}", error) from error
        if not objects:
            raise RunError(
                f'ClientError: Data download failed:No S3 objects found under S3 URL "{uri}" given '
                "in input data source. Please ensure that the bucket exists, that objects exist "
                "under that S3 prefix, and that the role has s3:ListBucket permissions on it."
            )

    def push(self, source: Path, uri: str, kms_key: str | None) -> None:
        """Store every file below `source` under a prefix, encrypted with the key when given."""
        bucket, prefix = split_uri(uri)
        try:
            for file in _files(source):
                name = file.relative_to(source).as_posix()
                self.put(file, bucket, f"{prefix.rstrip('/')}/{name}".lstrip("/"), kms_key)
        except CALL_ERRORS as error:
            raise client_failure(f"Data upload failed for {uri}", error) from error

    def put(self, file: Path, bucket: str, key: str, kms_key: str | None) -> None:
        extra = encryption(kms_key)
        if file.stat().st_size >= MULTIPART_FROM:
            self._client.upload_file(str(file), bucket, key, ExtraArgs=extra)
        else:
            self._client.put_object(Bucket=bucket, Key=key, Body=file.read_bytes(), **extra)

    def _objects(self, uri: str, data_type: str) -> Iterator[tuple[str, str, str]]:
        """Bucket, key and local name of each object; a prefix is a string, not a folder."""
        bucket, prefix = split_uri(uri)
        if data_type == "ManifestFile":
            yield from self._manifest(bucket, prefix)
            return
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        for page in pages:
            for found in page.get("Contents", ()):
                key = found["Key"]
                if not key.endswith("/"):
                    name = key[len(prefix) :].lstrip("/") or key.rsplit("/", 1)[-1]
                    yield bucket, key, name

    def _manifest(self, bucket: str, key: str) -> Iterator[tuple[str, str, str]]:
        """The objects a manifest names: [{"prefix": "s3://.."}, "key", ..] ("S3DataSource")."""
        body = self._client.get_object(Bucket=bucket, Key=key)["Body"].read()
        try:
            head, *names = json.loads(body)
            source, prefix = split_uri(head["prefix"])
        except (ValueError, KeyError, TypeError) as error:
            raise _no_manifest(
                bucket, key, f"no list that begins with a prefix ({error})"
            ) from error
        if not names:
            raise _no_manifest(bucket, key, "the prefix is followed by no object")
        for name in names:
            if not isinstance(name, str) or not name:
                raise _no_manifest(bucket, key, f"{json.dumps(name)} is no key")
            yield source, f"{prefix}{name}", name

    def _fetch(self, bucket: str, key: str, target: Path, gzipped: bool) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        body = self._client.get_object(Bucket=bucket, Key=key)["Body"]
        if gzipped and target.suffix == ".gz":
            with target.with_suffix("").open("wb") as file:
                file.write(gzip.decompress(body.read()))
            return
        with target.open("wb") as file:
            shutil.copyfileobj(body, file, 1 << 20)


def _no_manifest(bucket: str, key: str, why: str) -> RunError:
    return RunError(f"ClientError: s3://{bucket}/{key} is not a valid manifest: {why}")


def encryption(kms_key: str | None) -> dict[str, str]:
    """The arguments that encrypt an object with a key; none leave it to the bucket's default."""
    return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": kms_key} if kms_key else {}


def pack(directory: Path) -> bytes:
    """A tar.gz of a directory that depends on nothing but its files' names and bytes."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for file in _files(directory):
            entry = archive.gettarinfo(file, file.relative_to(directory).as_posix())
            entry.mtime = entry.uid = entry.gid = 0
            entry.uname = entry.gname = ""
            entry.mode = 0o755 if entry.mode & 0o100 else 0o644
            with file.open("rb") as data:
                archive.addfile(entry, data)
    return gzip.compress(content.getvalue(), compresslevel=6, mtime=0)


def unpack(archive: Path, target: Path) -> None:
    """Extract a tar.gz, refusing entries that would leave the directory."""
    try:
        archives.unpack(archive, target)
    except (tarfile.TarError, EOFError, OSError) as error:
        raise RunError(f"ClientError: {archive.name} is not a usable tar.gz: {error}") from error


def _files(directory: Path) -> list[Path]:
    found = (
        Path(base) / name
        for base, _, names in os.walk(directory, followlinks=False)
        for name in names
    )
    return sorted(path for path in found if path.is_file())


def _below(target: Path, name: str) -> Path:
    local = (target / name).resolve()
    if not local.is_relative_to(target.resolve()):
        raise RunError(f"ClientError: the object name {name} leads out of its directory")
    return local
