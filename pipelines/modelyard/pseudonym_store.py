"""Where a project's pseudonymisation key is kept: made once, never overwritten, never lost.

Every key there ever was stays under `pseudonyms/kept/`; the one in use is a copy of one of them.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from modelyard.errors import ModelyardError
from modelyard.functions.job_contract import KEY_FILE, KEY_FOLDER, KEY_PREFIX
from modelyard.pseudonyms import KeyFileError, Pseudonyms, new_document

CURRENT = f"{KEY_PREFIX}/{KEY_FILE}"
KEPT = f"{KEY_FOLDER}/kept/"
_OVERTAKEN = ("PreconditionFailed", "412", "ConditionalRequestConflict", "409")


class PseudonymKeyError(ModelyardError):
    """There is no key where there should be one, or one where there should be none."""


@dataclass(frozen=True)
class KeyStore:
    """The keys in an artifacts bucket."""

    s3: Any
    bucket: str
    key_arn: str

    def current(self) -> Mapping[str, Any] | None:
        """The key in use; None where there is none."""
        return self._read(CURRENT)

    def kept(self) -> list[Mapping[str, Any]]:
        """Every key there ever was, oldest first."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=KEPT)
        keys = [item["Key"] for page in pages for item in page.get("Contents", ())]
        found = [document for key in keys if (document := self._read(key)) is not None]
        return sorted(found, key=lambda one: (str(one.get("created")), str(one["id"])))

    def make(self, now: datetime) -> Mapping[str, Any]:
        """The first key; refused where one is in use or was lost: pseudonyms must not change
        unnoticed.
        """
        if self.current() is not None:
            raise PseudonymKeyError("there is a key already; `--rotate` makes another one")
        if lost := self.kept():
            raise PseudonymKeyError(
                f"the key in use was lost, but {lost[-1]['id']} is kept: "
                "bring it back with `modelyard data key --restore`; `--rotate` makes a new one, "
                "with which every pseudonym changes"
            )
        return self._adopt(new_document(now), IfNoneMatch="*")

    def rotate(self, now: datetime) -> Mapping[str, Any]:
        """A new key in place of the one in use, which stays readable by its id."""
        return self._adopt(new_document(now))

    def restore(self, key_id: str | None) -> Mapping[str, Any]:
        """A key that is kept, in use again; by default the newest."""
        found = [key for key in self.kept() if key_id in (None, key["id"])]
        if not found:
            known = ", ".join(str(key["id"]) for key in self.kept()) or "none"
            raise PseudonymKeyError(f"no key {key_id or ''} is kept; known: {known}")
        return self._adopt(found[-1])

    def all(self) -> list[Pseudonyms]:
        """The pseudonyms that any of the keys makes: how a person was ever called."""
        documents = [*self.kept(), *([now] if (now := self.current()) else [])]
        return list({made.key: made for made in map(Pseudonyms.parse, documents)}.values())

    def _adopt(self, document: Mapping[str, Any], **condition: str) -> Mapping[str, Any]:
        # Kept first: whatever happens next, the key that made a pseudonym can be found.
        self._write(f"{KEPT}{document['id']}.json", document)
        try:
            self._write(CURRENT, document, **condition)
        except ClientError as error:
            # 412 where a key was written before, 409 where one is written at this moment.
            if error.response["Error"]["Code"] not in _OVERTAKEN:
                raise
            raise PseudonymKeyError("somebody made a key at this moment; ask again") from None
        return document

    def _read(self, key: str) -> Mapping[str, Any] | None:
        try:
            body = self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
                return None
            raise
        try:
            document = json.loads(body)
            Pseudonyms.parse(document)
        except (ValueError, KeyFileError) as reason:
            told = reason if isinstance(reason, KeyFileError) else "is no JSON document"
            raise PseudonymKeyError(
                f"s3://{self.bucket}/{key} {told}; bring a kept key back with "
                "`modelyard data key --restore`"
            ) from None
        return dict(document)

    def _write(self, key: str, document: Mapping[str, Any], **condition: str) -> None:
        self.s3.put_object(
            Bucket=self.bucket,
            Key=key,
            Body=(json.dumps(document, indent=1, sort_keys=True) + "\n").encode(),
            ContentType="application/json",
            ServerSideEncryption="aws:kms",
            SSEKMSKeyId=self.key_arn,
            **condition,
        )
