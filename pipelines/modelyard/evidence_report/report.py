"""The report as data: a JSON document that is the same bytes for the same inputs."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class Report:
    """One report; `document` holds plain JSON values only."""

    document: Mapping[str, Any]

    @property
    def text(self) -> str:
        """report.json: sorted keys, no clock."""
        return written(self.document)

    @property
    def sha256(self) -> str:
        """Of the bytes of report.json."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def verdict(self) -> str:
        """One line, as in `version 3: complete, 2 gaps, 1 deviation`."""
        return str(self.document["verdict"]["sentence"])

    @property
    def complete(self) -> bool:
        """Whether nothing is missing that the model's risk tier and stage require."""
        return not self.document["verdict"]["required_gaps"]


def written(document: Mapping[str, Any]) -> str:
    """A document as a report stores it."""
    text = json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return text + "\n"
