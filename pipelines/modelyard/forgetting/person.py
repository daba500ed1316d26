"""Who is to be forgotten: every name under which rows may know the person."""

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from modelyard import values
from modelyard.pseudonyms import Pseudonyms

INFERENCE = "inference_id"


@dataclass(frozen=True, repr=False)
class Person:
    """A person by identifier and pseudonyms, and the columns in which rows name people.

    Attributes:
        key_column: what tells rows apart where that is not the person.
        keys: the person's rows by that column, found on the way: prepared rows may say no more.
        inferences: requests that concerned the person, found on the way; what refers to them by
            their id (labels, tables) concerns the person too.
    """

    names: frozenset[str]
    columns: frozenset[str]
    key_column: str | None = None
    pseudonyms: Sequence[Pseudonyms] = ()
    keys: set[str] = field(default_factory=set)
    inferences: set[str] = field(default_factory=set)

    def has(self, row: Mapping[str, Any]) -> bool:
        """Whether a row is about the person."""
        if any(_text(row.get(column)) in self.names for column in self.columns):
            self._remember(row)
            return True
        if self.key_column is not None and _text(row.get(self.key_column)) in self.keys:
            return True
        inference = _text(row.get(INFERENCE))
        return inference in self.inferences or inference in self.names

    def is_within(self, document: Any) -> bool:
        """Whether any object inside a JSON document is about the person."""
        if isinstance(document, Mapping):
            return self.has(document) or any(map(self.is_within, document.values()))
        return isinstance(document, list) and any(map(self.is_within, document))

    def looks_at(self, columns: Iterable[str]) -> list[str]:
        """Those of a table's columns by which rows are told to be the person's."""
        asked = {*self.columns, self.key_column, INFERENCE}
        return [column for column in columns if column in asked]

    def _remember(self, row: Mapping[str, Any]) -> None:
        key = _text(row.get(self.key_column)) if self.key_column else None
        if key is not None:
            self.keys.update((key, *(one.of(key) for one in self.pseudonyms)))


def person(
    subject: str,
    columns: Iterable[str],
    pseudonyms: Sequence[Pseudonyms],
    key_column: str | None = None,
) -> Person:
    """The person of an identifier; pseudonyms by every key the project ever had."""
    name = values.as_text(subject)
    names = frozenset({name, *(key.of(name) for key in pseudonyms)})
    return Person(names, frozenset(columns), key_column, pseudonyms)


def proof_hash(subject: str, key: Pseudonyms) -> str:
    """What a proof calls the person: another hash than any pseudonym, so that none is disclosed."""
    text = b"deletion\x1f" + values.as_text(subject).encode()
    return hmac.new(key.key, text, hashlib.sha256).hexdigest()


def _text(cell: Any) -> str | None:
    """A value as names are written; None for what is none."""
    if isinstance(cell, dict | list) or values.is_missing(cell):
        return None
    return values.as_text(cell)
