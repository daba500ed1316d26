"""How often names occur when there may be too many to keep: a bounded, mergeable table.

Kept are the LIMIT names whose hash is smallest. A name among the smallest of all rows is among the
smallest of every part that holds it, so its count is exact, and parts merge to the table of the
whole in any order. The hashes kept also tell how many names there are (Bar-Yossef et al. 2002).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

LIMIT = 64
# Longer names are cut: a category is a word, not a letter.
LENGTH = 80


@dataclass(frozen=True)
class Names:
    """Counts by name, ordered by name; complete while there are at most LIMIT of them."""

    counts: Mapping[str, int]

    @classmethod
    def of(cls, counts: Mapping[str, int]) -> Self:
        """The table of all names with their counts."""
        short: dict[str, int] = {}
        for name, count in counts.items():
            short[name[:LENGTH]] = short.get(name[:LENGTH], 0) + count
        kept = sorted(short) if len(short) <= LIMIT else sorted(short, key=_place)[:LIMIT]
        return cls({name: short[name] for name in sorted(kept)})

    def merged(self, other: "Names") -> "Names":
        """The table of both sets of rows."""
        both = dict(self.counts)
        for name, count in other.counts.items():
            both[name] = both.get(name, 0) + count
        return Names.of(both)

    @property
    def distinct(self) -> int:
        """How many names there are, estimated within about an eighth above LIMIT."""
        if len(self.counts) < LIMIT:
            return len(self.counts)
        largest = max(_place(name) for name in self.counts)
        return max(LIMIT, round((LIMIT - 1) / ((largest + 1) / 2**64)))


@lru_cache(maxsize=4096)
def _place(name: str) -> int:
    digest = hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big")
