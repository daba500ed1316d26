"""Which set a row belongs to: a hash of its key, so that no row ever moves."""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any, Literal

from modelyard import values

SplitName = Literal["train", "validation", "test"]
SPLITS: tuple[SplitName, ...] = ("train", "validation", "test")
RULE = (
    "sha256 of the row key (without one: of all contract columns by name), "
    "first 8 bytes modulo 100: below 70 train, below 85 validation, else test"
)
_SEPARATOR = "\x1f"


def key_identity(key: Any) -> str:
    """The identity of a row that has a stable key."""
    return values.as_text(key)


def row_identity(names: Sequence[str], cells: Iterable[Any]) -> str:
    """The identity of a row without a key: its whole content, however it was stored."""
    texts = {
        name: "" if values.is_missing(cell) else values.as_text(cell)
        for name, cell in zip(names, cells, strict=True)
    }
    return _SEPARATOR.join(f"{name}={texts[name]}" for name in sorted(texts))


def split_of(identity: str) -> SplitName:
    """The set of the row with this identity."""
    bucket = int.from_bytes(hashlib.sha256(identity.encode()).digest()[:8], "big") % 100
    return "train" if bucket < 70 else "validation" if bucket < 85 else "test"
