"""Explanation drift: whether the model still decides by what it was approved with.

Columns are ranked by their mean contribution. The rankings are compared by normalized discounted
cumulative gain: 1 for the same order, less the more an important column has sunk (the measure and
the limit of 0.9 are those of SageMaker Clarify, "Monitor feature attribution drift").
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from modelyard.explain import Explanation
from modelyard.monitoring.findings import Finding
from modelyard.monitoring.severity import Thresholds
from modelyard.scorer import Floats

_SHOWN = 3


def sizes(explained: Explanation) -> dict[str, float]:
    """How much each column moves the answers: the mean size of its contributions.

    The largest hundredth is left out: one row with a code like 99999 for "unknown" would otherwise
    outweigh all others, in one window and not in the next.
    """
    return {name: _trimmed_mean(parts) for name, parts in explained.contributions.items()}


def _trimmed_mean(parts: Floats) -> float:
    ordered = np.sort(np.abs(parts), axis=0)
    return float(ordered[: len(ordered) - len(ordered) // 100].mean())


def shares(found: Mapping[str, float]) -> dict[str, float]:
    """The sizes as shares of all."""
    total = sum(found.values()) or 1.0
    return {name: value / total for name, value in found.items()}


def report(
    then: Mapping[str, float], now: Mapping[str, float], reason: str | None
) -> dict[str, Any]:
    """Both rankings and their similarity; None with a reason where there is nothing to compare."""
    if not then:
        reason = reason or "the evaluation ranked no columns: the model has no exact explanation"
    if not now or not then:
        reason = reason or "no rows could be explained"
        return {"similarity": None, "then": dict(then), "now": dict(now), "reason": reason}
    return {
        "similarity": similarity(then, now),
        "then": dict(then),
        "now": dict(now),
        "reason": reason,
    }


def similarity(then: Mapping[str, float], now: Mapping[str, float]) -> float:
    """The normalized discounted cumulative gain of the ranking now, by the weights then."""
    gains = [then.get(name, 0.0) for name in ranking(now)]
    best = sorted(then.values(), reverse=True)
    return _discounted(gains) / (_discounted(best) or 1.0)


def ranking(importance: Mapping[str, float]) -> list[str]:
    """The columns, most important first."""
    return sorted(importance, key=lambda name: (-importance[name], name))


def _discounted(gains: list[float]) -> float:
    return sum(gain / math.log2(position + 1) for position, gain in enumerate(gains, 1))


def findings(found: Mapping[str, Any], limits: Thresholds) -> Iterator[Finding]:
    """The ranking has changed; which columns moved most."""
    value = found["similarity"]
    if value is None or value >= limits.explanation:
        return
    before, after = ranking(found["then"]), ranking(found["now"])
    moved = sorted(
        (name for name in before if name in after and before.index(name) != after.index(name)),
        key=lambda name: -abs(found["now"][name] - found["then"][name]),
    )
    told = [
        f"'{name}' went from place {before.index(name) + 1} to {after.index(name) + 1}"
        for name in moved[:_SHOWN]
    ]
    yield Finding(
        "explanation:ranking",
        "explanation",
        "warning",
        f"The model now decides by other columns: {', '.join(told)} "
        f"(similarity {value:.2f}, limit {limits.explanation:g}).",
        value=value,
        threshold=limits.explanation,
    )
