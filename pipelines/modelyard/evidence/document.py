"""A stored JSON document and the hash of its bytes."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from modelyard.functions.windows import moment


@dataclass(frozen=True)
class Document:
    """One document as it is stored.

    Attributes:
        version_id: S3's version of the object; None where the bucket keeps none.
        sha256: of the stored bytes, not of the parsed content.
    """

    uri: str
    version_id: str | None
    sha256: str
    content: Mapping[str, Any]

    @property
    def link(self) -> dict[str, str]:
        """What another record says of this one."""
        return {"uri": self.uri, "sha256": self.sha256}

    @property
    def name(self) -> str:
        """What the document is called inside its bucket."""
        return self.uri.removeprefix("s3://").partition("/")[2]


class NotADocument(ValueError):  # noqa: N818 (a reason that becomes a gap)
    """The stored bytes are no JSON object."""


def parse(uri: str, version_id: str | None, body: bytes) -> Document:
    """The document that bytes state."""
    try:
        content = json.loads(body)
    except ValueError:
        raise NotADocument(f"{uri} is not JSON") from None
    if not isinstance(content, dict):
        raise NotADocument(f"{uri} is not a JSON object")
    return Document(uri, version_id, hashlib.sha256(body).hexdigest(), content)


def time_of(document: Document) -> datetime:
    """When the document says it was written; the beginning of time where it does not."""
    return moment(str(document.content.get("time") or "1970-01-01T00:00:00Z"))
