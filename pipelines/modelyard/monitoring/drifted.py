"""Drift of columns and predictions, in the words and with the drawings of the report."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from modelyard import drift, profile
from modelyard.monitoring import shapes
from modelyard.monitoring.findings import Finding
from modelyard.monitoring.severity import Thresholds

_SPOKEN: Mapping[str, str] = {
    profile.PREDICTION: "the answers",
    profile.PROBABILITY: "the probability answered",
}


def compared(
    then: profile.Profile | None,
    now: profile.Profile | None,
    limits: Thresholds,
    importance: Mapping[str, float],
) -> drift.DriftReport | None:
    """The window held against training; None where one of them is missing."""
    if then is None or now is None:
        return None
    thresholds = drift.Thresholds(
        psi=limits.drift, missing=limits.missing, min_rows=limits.minimum_rows, shock=limits.shock
    )
    return drift.compare(then, now, thresholds, importance=importance)


def document(
    found: drift.DriftReport | None, then: profile.Profile | None, now: profile.Profile | None
) -> dict[str, Any] | None:
    """The comparison with what is drawn of each column."""
    if found is None or then is None or now is None:
        return None
    plain = found.document()
    bars = shapes.shapes(then, now, plain["columns"])
    columns = [column | {"bars": bars[column["name"]]} for column in plain["columns"]]
    return {**plain, "columns": columns}


def findings(found: drift.DriftReport | None) -> list[Finding]:
    """What the comparison found."""
    if found is None:
        return []
    return [
        replace(Finding(**asdict(one)), sentence=_spoken(one.sentence)) for one in found.findings
    ]


def _spoken(sentence: str) -> str:
    """The predictions' columns by what they are, and a full stop."""
    for name, words in _SPOKEN.items():
        sentence = sentence.replace(name, words)
    sentence = sentence.replace(" -> ", " to ").replace(" %", "%").rstrip(".") + "."
    return sentence[:1].upper() + sentence[1:] if sentence.startswith("the ") else sentence
