"""An estimate as text for people and as data for programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sandbox.cost.estimate import Estimate, Line
from sandbox.cost.prices import TAGS, PriceTable


def text(estimate: Estimate, table: PriceTable, projects: int) -> str:
    """The whole table: every charge with its provenance, then the sums."""
    return "\n".join(
        [
            f"Idle cost in USD a month: {table.region}, list prices, no free tiers; from no bill.",
            "Tags: " + "; ".join(f"{tag} {meaning}" for tag, meaning in TAGS.items()) + ".",
            *_stacks(estimate),
            *_later(estimate),
            *_unpriced(estimate),
            "",
            *summary(estimate, projects),
        ]
    )


def summary(estimate: Estimate, projects: int) -> list[str]:
    """One line per environment and one for the project."""
    shared = f"+ 1/{projects} of a shared {estimate.foundation_usd:.2f}"
    return [
        *(
            f"{env:<8}{estimate.idle(stack):>8.2f} USD a month idle"
            for env, stack in estimate.environments.items()
        ),
        f"{'project':<8}{estimate.per_project(projects):>8.2f} USD a month idle: "
        f"{estimate.own_usd:.2f} of its own {shared}",
    ]


def data(estimate: Estimate, table: PriceTable, projects: int) -> dict[str, Any]:
    """The same, for programs."""
    return {
        "region": table.region,
        "projects": projects,
        "idle_usd_per_project": round(estimate.per_project(projects), 4),
        "own_usd": round(estimate.own_usd, 4),
        "foundation_usd": round(estimate.foundation_usd, 4),
        "environments": {
            env: round(estimate.idle(stack), 4) for env, stack in estimate.environments.items()
        },
        "lines": [_entry(line, estimate) for line in estimate.lines],
        "free": dict(estimate.free),
        "unknown": {kind: list(names) for kind, names in estimate.unknown.items()},
    }


def _entry(line: Line, estimate: Estimate) -> dict[str, Any]:
    return {
        "stack": line.stack,
        "shared": line.stack in estimate.shared,
        "type": line.type,
        "resource": line.resource,
        "price": line.price.name,
        "usd_per_unit": line.price.usd,
        "unit": line.price.per,
        "tag": line.price.tag,
        "date": line.price.date,
        "source": line.price.source,
        "quantity": round(line.quantity, 6),
        "usd": round(line.usd, 4),
        "when": line.when,
    }


def _stacks(estimate: Estimate) -> Iterator[str]:
    for stack in [*sorted(estimate.shared), *estimate.environments.values()]:
        kind = ", shared by all projects" if stack in estimate.shared else ""
        yield ""
        yield f"{estimate.idle(stack):>8.2f}  {stack}{kind}"
        for line in estimate.lines:
            if line.stack == stack and not line.when:
                yield _row(line)


def _later(estimate: Estimate) -> Iterator[str]:
    if estimate.later:
        yield ""
        yield "Not counted above, because it starts later:"
    for line in estimate.later:
        yield f"{_row(line)}, {line.when}"


def _unpriced(estimate: Estimate) -> Iterator[str]:
    yield ""
    yield "Free while idle:"
    kinds: dict[str, list[str]] = {}
    for kind, reason in estimate.free.items():
        kinds.setdefault(reason, []).append(kind.rsplit(":", 1)[1])
    for reason, names in sorted(kinds.items()):
        yield f"              {reason}: {', '.join(sorted(names))}"
    for kind, unpriced in estimate.unknown.items():
        yield f"UNKNOWN, no price for {kind}: {', '.join(unpriced)}"


def _row(line: Line) -> str:
    return (
        f"{line.usd:>12.3f}  {line.resource}: {line.quantity:g} x {line.price.usd:.2f} "
        f"per {line.price.per} {line.price.provenance}"
    )
