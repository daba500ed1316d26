"""Sorted, filtered and paged lists, as every List operation of SageMaker gives them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from moto.core.utils import utcfromtimestamp

from sandbox.compute.operations import invalid

TIME_FILTERS = {
    "CreationTimeAfter": ("created", 1),
    "CreationTimeBefore": ("created", -1),
    "LastModifiedTimeAfter": ("modified", 1),
    "LastModifiedTimeBefore": ("modified", -1),
    "CreatedAfter": ("created", 1),
    "CreatedBefore": ("created", -1),
}


@dataclass(frozen=True)
class Entry:
    """One item of a list with what it is sorted and filtered by."""

    name: str
    status: str
    created: datetime
    modified: datetime
    summary: Mapping[str, Any]


def page(
    entries: Iterable[Entry],
    parameters: Mapping[str, Any],
    key: str,
    order: str = "Ascending",
    limit: int = 100,
) -> dict[str, Any]:
    """The requested page of summaries under `key`, with the token of the next."""
    chosen = [entry for entry in entries if _wanted(entry, parameters)]
    attribute = {"Name": "name", "Status": "status"}.get(parameters.get("SortBy", ""), "created")
    chosen.sort(
        key=lambda entry: getattr(entry, attribute),
        reverse=parameters.get("SortOrder", order) == "Descending",
    )
    start = _offset(parameters.get("NextToken"))
    end = start + parameters.get("MaxResults", limit)
    answer: dict[str, Any] = {key: [entry.summary for entry in chosen[start:end]]}
    if end < len(chosen):
        answer["NextToken"] = str(end)
    return answer


def _wanted(entry: Entry, parameters: Mapping[str, Any]) -> bool:
    if parameters.get("NameContains", "").lower() not in entry.name.lower():
        return False
    if entry.status != parameters.get("StatusEquals", entry.status):
        return False
    return all(
        (getattr(entry, attribute) - utcfromtimestamp(parameters[name])).total_seconds() * sign >= 0
        for name, (attribute, sign) in TIME_FILTERS.items()
        if name in parameters
    )


def _offset(token: str | None) -> int:
    if token is None:
        return 0
    if not token.isdigit():
        raise invalid("Invalid pagination token")
    return int(token)
