"""Data quality: live rows against the data contract, which training data had to keep."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from modelyard.monitoring.findings import Finding, Kind
from modelyard.monitoring.severity import Thresholds, above
from modelyard.pages.words import percent


def report(broken: Mapping[tuple[str, str], int], rows: int) -> list[dict[str, Any]]:
    """The broken rules, the most often broken first."""
    listed = [
        {"column": column, "rule": rule, "rows": count, "share": count / rows if rows else 0.0}
        for (column, rule), count in broken.items()
    ]
    return sorted(listed, key=lambda one: (-one["rows"], one["column"], one["rule"]))


def findings(
    broken: list[dict[str, Any]], told: Collection[str | None], limits: Thresholds
) -> Iterator[Finding]:
    """One for each rule broken too often, of columns of which nothing is `told` already."""
    for one in broken:
        severity = above(one["share"], limits.broken, 10.0)
        if severity is None or one["column"] in told:
            continue
        rule = one["rule"]
        yield Finding(
            f"contract:{one['column']}:{_slug(rule)}",
            _kind(rule),
            severity,
            f"In {percent(one['share'])} of the rows '{one['column']}' {rule}: "
            "that breaks the data contract.",
            column=one["column"],
            value=one["share"],
            threshold=limits.broken,
            share=min(1.0, one["share"]),
        )


def _kind(rule: str) -> Kind:
    if rule.startswith(("is below", "is above")):
        return "range"
    return "category" if rule.startswith("is none of") else "schema"


def _slug(rule: str) -> str:
    return "-".join(rule.split()[:2])
