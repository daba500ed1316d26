"""Verifies a chain of records: what was edited, removed or put in another order is told."""

from collections.abc import Iterator, Sequence

from modelyard.evidence.document import Document, time_of
from modelyard.functions.chain import append, before, links

__all__ = ["append", "before", "verify"]


def verify(documents: Sequence[Document]) -> tuple[str, ...]:
    """One sentence per break in the chain of all records of a folder; empty where it holds."""
    by_uri = {document.uri: document for document in documents}
    return tuple(
        dict.fromkeys(
            [
                *_beginnings(documents),
                *(problem for one in documents for problem in _followed(one, by_uri)),
                *_forks(documents),
            ]
        )
    )


def _beginnings(documents: Sequence[Document]) -> Iterator[str]:
    first = [document for document in documents if not links(document.content)]
    if documents and not first:
        yield "the chain has no beginning: each record names one before it"
    for document in sorted(first, key=time_of)[1:]:
        yield f"{document.uri} names no record before it, although there are some"


def _followed(document: Document, by_uri: dict[str, Document]) -> Iterator[str]:
    for link in links(document.content):
        earlier = by_uri.get(link["uri"])
        if earlier is None:
            yield f"{link['uri']} was removed: {document.uri} was written after it"
        elif earlier.sha256 != link["sha256"]:
            yield f"{link['uri']} was edited: {document.uri} was written after another content"
        elif time_of(earlier) > time_of(document):
            yield f"{document.uri} is dated before {earlier.uri}, which it was written after"


def _forks(documents: Sequence[Document]) -> Iterator[str]:
    """Records after which nothing came, while something else came after the one before them."""
    followed = {link["uri"] for one in documents for link in links(one.content)}
    heads = sorted((one for one in documents if one.uri not in followed), key=time_of)
    for head in heads[:-1]:
        shared = {link["uri"] for link in links(head.content)}
        for other in documents:
            if other is not head and shared & {link["uri"] for link in links(other.content)}:
                yield (
                    f"{head.uri} and {other.uri} were written at the same time: "
                    f"nothing follows the first yet; the next record joins them"
                )
