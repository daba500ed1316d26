"""Pseudonyms: a person's identifier replaced by a keyed hash, the same in every run of a project.

HMAC-SHA256 over the value's canonical text: without the key nobody finds the value by trying all of
them. The key is a file that only the prepare job and the data's steward read; what is recorded of
it is its id, which tells keys apart and says nothing of them.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from modelyard.functions.job_contract import KEY_FILE
from modelyard.values import as_text

_KEY_BYTES = 32
_ID_LENGTH = 16


class KeyFileError(Exception):
    """What should be a pseudonymisation key and is none; the message never quotes it."""


@dataclass(frozen=True, repr=False)
class Pseudonyms:
    """Pseudonyms made with one key."""

    key: bytes

    @property
    def key_id(self) -> str:
        """Tells keys apart: the first 16 hexadecimal digits of the key's sha256."""
        return hashlib.sha256(self.key).hexdigest()[:_ID_LENGTH]

    def of(self, value: Any) -> str:
        """The pseudonym of a value, however it was stored: 7 and '7' are the same person."""
        return hmac.new(self.key, as_text(value).encode(), hashlib.sha256).hexdigest()

    @classmethod
    def parse(cls, document: Any) -> "Pseudonyms":
        """The pseudonyms of a key document."""
        stated = document.get("key") if isinstance(document, Mapping) else None
        try:
            key = bytes.fromhex(stated or "")
        except (TypeError, ValueError):
            raise KeyFileError("states no key in hexadecimal digits") from None
        if len(key) != _KEY_BYTES:
            raise KeyFileError(f"states a key of {len(key)} bytes instead of {_KEY_BYTES}")
        found = cls(key)
        if document.get("id") != found.key_id:
            raise KeyFileError("states another id than its key has: it was changed by hand")
        return found


def new_document(now: datetime) -> dict[str, Any]:
    """A new key as the file that holds it."""
    key = secrets.token_bytes(_KEY_BYTES)
    return {
        "schema_version": 1,
        "id": Pseudonyms(key).key_id,
        "created": now.astimezone(UTC).isoformat(timespec="seconds"),
        "key": key.hex(),
    }


def read(folder: Path) -> Pseudonyms:
    """The pseudonyms of the key file in a folder; KeyFileError says why there are none."""
    file = folder / KEY_FILE
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise KeyFileError("is missing") from None
    except ValueError:
        raise KeyFileError("is no JSON document") from None
    return Pseudonyms.parse(document)
