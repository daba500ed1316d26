"""Makes statements and gaps from a dossier, each with the evidence it came from."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from modelyard.card.facts import statement
from modelyard.card.required import stated
from modelyard.evidence import Document, Dossier
from modelyard.technical_file.model import Evidence, Gap, Statement

Told = Statement | Gap


class Teller:
    """What the sections ask of a dossier."""

    def __init__(self, dossier: Dossier) -> None:
        self.dossier = dossier
        self.project = dossier.project
        self.metadata = dossier.package.metadata
        self._stated = statement(dossier.project)

    @property
    def yaml(self) -> Evidence:
        """project.yaml as it was recorded with the model card; as it is now before that."""
        card = self.dossier.card
        if card and card.content.get("statement") == self._stated:
            return evidence(card)
        return Evidence("project.yaml", _sha256(self._stated))

    @property
    def package(self) -> Evidence:
        """The model package, by the metadata that only the registrar writes."""
        return Evidence(self.dossier.package.arn, _sha256(dict(self.metadata)))

    @property
    def trained_by(self) -> str:
        """Whose run it was."""
        return self.metadata.get("trained_by", "nobody named")

    def stated(self, point: str, key: str, missing: str, before: str = "") -> Told:
        """What project.yaml states under a key; a gap that names the key where it does not."""
        value = stated(self._stated, key)
        if not value:
            return Gap(point, missing, f"state it in project.yaml: {key}")
        return Statement(point, f"{before}{value}", (self.yaml,))

    def proved(self, point: str, text: str, *documents: Document | None) -> Told:
        """A statement out of stored documents; a gap where the first of them could not be read."""
        found = tuple(evidence(one) for one in documents if one is not None)
        if not found:
            return Gap(point, "the document behind this point", "read it with `modelyard report`")
        return Statement(point, text, found)

    def said(self, point: str, text: str, *proofs: Evidence) -> Statement:
        """A statement with the proofs it is given; project.yaml's own where none is."""
        return Statement(point, text, proofs or (self.yaml,))


def evidence(document: Document) -> Evidence:
    """A stored document as evidence."""
    return Evidence(document.uri, document.sha256)


def listed(parts: Iterable[str]) -> str:
    """Parts of a sentence in one line."""
    return "; ".join(parts)


def measured(metric: Any) -> str:
    """A metric's value with its interval, or that it has none."""
    told: Mapping[str, Any] = metric if isinstance(metric, Mapping) else {"value": metric}
    value, low, high = told.get("value"), told.get("low"), told.get("high")
    if value is None:
        return "no value"
    interval = f" (95 % interval {low:.3f} to {high:.3f})" if None not in (low, high) else ""
    return f"{value:.3f}{interval}"


def _sha256(document: Mapping[str, Any]) -> str:
    line = json.dumps(document, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(line.encode()).hexdigest()
