"""What both functions ask of AWS: the reviewed contract, stored objects and their checksums."""

import hashlib
import json
import os
from collections.abc import Mapping
from typing import Any

from modelyard.errors import ModelyardError

_CHUNK = 1 << 20


class Refused(ModelyardError):  # noqa: N818 (read in the step as "Refused: ...")
    """A rule of the platform forbids what was asked; retrying will not help."""


class Clients:
    """A session that makes each client once: making one takes longer than most calls."""

    def __init__(self, session: Any) -> None:
        self._session = session
        self._made: dict[tuple[str, str | None], Any] = {}

    def client(self, name: str, region_name: str | None = None) -> Any:
        """The client of a service, in another region if one is named."""
        key = name, region_name
        if key not in self._made:
            self._made[key] = self._session.client(name, region_name=region_name)
        return self._made[key]


def contract(ssm: Any) -> dict[str, str]:
    """The workspace contract of the function's own project and environment."""
    path = f"/modelyard/{os.environ['MODELYARD_PROJECT']}/{os.environ['MODELYARD_ENV']}/"
    pages = ssm.get_paginator("get_parameters_by_path").paginate(Path=path)
    return {
        parameter["Name"].removeprefix(path): parameter["Value"]
        for page in pages
        for parameter in page["Parameters"]
    }


def split_uri(uri: str) -> tuple[str, str]:
    """Bucket and key of an s3:// URI."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    if not uri.startswith("s3://") or not key:
        raise Refused(f"{uri} is no S3 object")
    return bucket, key


def read_bytes(s3: Any, uri: str) -> bytes:
    """A stored object; Refused when it does not exist."""
    bucket, key = split_uri(uri)
    try:
        return s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    except s3.exceptions.NoSuchKey:
        raise Refused(f"{uri} does not exist") from None


def read_json(s3: Any, uri: str) -> tuple[Mapping[str, Any], str]:
    """A stored JSON document with the sha256 of its bytes."""
    content = read_bytes(s3, uri)
    try:
        document = json.loads(content)
    except ValueError:
        raise Refused(f"{uri} is not JSON") from None
    if not isinstance(document, Mapping):
        raise Refused(f"{uri} is not a JSON object")
    return document, hashlib.sha256(content).hexdigest()


def sha256_of(s3: Any, uri: str) -> str:
    """The checksum of a stored object, read in pieces: models can be larger than memory."""
    bucket, key = split_uri(uri)
    digest = hashlib.sha256()
    try:
        body = s3.get_object(Bucket=bucket, Key=key)["Body"]
    except s3.exceptions.NoSuchKey:
        raise Refused(f"{uri} does not exist") from None
    for chunk in body.iter_chunks(_CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


def put_json(s3: Any, uri: str, document: Mapping[str, Any], key_arn: str) -> None:
    """Stores a document under the project's key."""
    bucket, key = split_uri(uri)
    s3.put_object(
        Bucket=bucket,
        Key=key,
        Body=(json.dumps(document, indent=1, sort_keys=True) + "\n").encode(),
        ContentType="application/json",
        ServerSideEncryption="aws:kms",
        SSEKMSKeyId=key_arn,
    )


def person(identity: Mapping[str, Any]) -> str:
    """The one key of whoever made a call, from CloudTrail's userIdentity.

    The source identity where the way in sets one, the role session's name otherwise; empty for a
    root user, who is nobody in particular.
    """
    session = identity.get("sessionContext") or {}
    source = session.get("sourceIdentity") or identity.get("sourceIdentity") or ""
    arn = str(identity.get("arn", ""))
    name = arn.rsplit("/", 1)[1] if ":assumed-role/" in arn else identity.get("userName", "")
    return str(source or name).lower()


def role_name(arn: str) -> str:
    """The role of an assumed-role session's ARN; empty for any other."""
    return arn.split("/")[1] if ":assumed-role/" in arn else ""
