"""Yes and no in other words than the training data's: read alike, yet recoded by somebody upstream.

A model server reads 1, true and yes as one, so no prediction is wrong and no distribution moves.
Whoever changed the words may have changed what they mean, and the next change may not be readable.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from modelyard import values
from modelyard.data import Column, DataContract
from modelyard.monitoring.findings import Finding
from modelyard.monitoring.severity import Thresholds
from modelyard.pages.words import percent
from modelyard.requests import Row

# Rows by column and word.
Words = Counter[tuple[str, str]]


def unfamiliar(rows: Sequence[Row], contract: DataContract) -> Words:
    """The words for yes and no that the contract does not write, in the columns of features."""
    found = Words()
    for column in contract.feature_columns:
        if column.kind == "boolean":
            familiar = _familiar(column)
            said = (row.get(column.name) for row in rows)
            words = (_word(value) for value in said if isinstance(value, str | int | float))
            found.update((column.name, word) for word in words if word in _READABLE - familiar)
    return found


def findings(
    words: Mapping[tuple[str, str], int], contract: DataContract, rows: int, limits: Thresholds
) -> Iterator[Finding]:
    """One for each column in which more rows say it otherwise than may break the data contract."""
    for column in contract.feature_columns:
        said = {word: count for (name, word), count in words.items() if name == column.name}
        share = sum(said.values()) / rows if rows else 0.0
        if share <= limits.broken:
            continue
        now, usual = (_quoted(which) for which in (said, _written(column)))
        yield Finding(
            f"category:{column.name}",
            "category",
            "warning",
            f"{column.name} looks recoded: {percent(share)} of the rows say {now}, the data "
            f"contract {usual}; the model still reads them as yes and no.",
            column=column.name,
            value=share,
            threshold=limits.broken,
            share=min(1.0, share),
        )


_READABLE = values.TRUE_TEXTS | values.FALSE_TEXTS


def _familiar(column: Column) -> frozenset[str]:
    # JSON's own true and false are the values themselves, in whatever words files write them.
    return frozenset((*_written(column), "false", "true"))


def _written(column: Column) -> tuple[str, ...]:
    if column.format is None:
        return ("0", "1")
    return tuple(column.format.split("/"))


def _word(value: str | float) -> str:
    return values.as_text(value).lower()


def _quoted(words: Iterable[str]) -> str:
    return " or ".join(f"'{word}'" for word in sorted(words, key=_by_meaning))


def _by_meaning(word: str) -> tuple[bool, str]:
    return word in values.TRUE_TEXTS, word
