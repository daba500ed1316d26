"""The page about what the model is worth: metrics, gates, and what it decides by."""

from collections.abc import Mapping
from html import escape
from typing import Any

from modelyard.evidence_report import page_forecast
from modelyard.pages.bars import Estimate, estimates, shares
from modelyard.pages.calibration import calibration
from modelyard.pages.tables import chip, figure, section, table
from modelyard.pages.words import number, spoken

_RANKED = 15
Document = Mapping[str, Any]


def metrics(document: Document) -> str:
    """Metrics with intervals, gates, and whether promised probabilities came true."""
    found = document["metrics"]
    if not found["metrics"]:
        return section("metrics", "Quality", "<p>The evaluation was not read.</p>")
    tested = found["rows"].get("test")
    told = f" on {tested:,} rows that the model had never seen" if tested else ""
    body = table(
        f"Measured{told}, with 95% intervals",
        ("metric", "value", "from", "to"),
        (
            (spoken(one["name"]), *(number(one[key]) for key in ("value", "low", "high")))
            for one in found["metrics"]
        ),
    )
    drawn = _intervals(found) + _calibration(found["calibration"])
    ahead = page_forecast.tables(found["forecast"]) if found.get("forecast") else ""
    return section("metrics", "Quality", f"{_gates(found['gates'])}{body}{ahead}{_grid(drawn)}")


def _gates(gates: Document | None) -> str:
    if not gates:
        return "<p>No gate was judged.</p>"
    return table(
        "Gates: what the reviewed project.yaml asks of a model",
        ("metric", "bound", "limit", "value", "result"),
        (
            (
                spoken(one["metric"]),
                "at least" if one["bound"] == "min" else "at most",
                number(one["limit"]),
                number(one["value"]),
                chip("ok", "met") if one["passed"] else chip("critical", "not met"),
            )
            for one in gates.get("results") or ()
        ),
    )


def _intervals(found: Document) -> str:
    limits = {one["metric"]: one["limit"] for one in (found["gates"] or {}).get("results") or ()}
    rows = [
        Estimate(
            spoken(one["name"]), one["value"], one["low"], one["high"], limits.get(one["name"])
        )
        for one in found["metrics"]
        if one["value"] is not None and 0 <= one["value"] <= 1
    ]
    if not rows:
        return ""
    told = "dot: measured; line: 95% interval; dashed: the gate's limit; from 0 to 1"
    return figure("Metrics and how sure they are", told, estimates("Metrics with intervals", rows))


def _calibration(found: Document | None) -> str:
    bins = (found or {}).get("bins") or ()
    if not bins:
        return ""
    points = [(one["predicted"], one["observed"], one["rows"]) for one in bins]
    error = (found or {}).get("expected_calibration_error")
    told = f"off by {number(error)} on average; right where dots lie on the dashed line"
    return figure("Do its probabilities come true?", told, calibration(points))


def reasons(document: Document) -> str:
    """What the model decides by."""
    found = document["explanation"]
    ranked = found["importance"][:_RANKED]
    if not ranked:
        why = escape(str(found["reason"] or "the evaluation holds no explanation"))
        return section("reasons", "What the model decides by", f"<p>Not known: {why}.</p>")
    rest = sum(one["share"] for one in found["importance"][_RANKED:])
    rows = [(one["column"], one["share"]) for one in ranked]
    if rest:
        rows.append((f"{len(found['importance']) - _RANKED} others", rest))
    told = "share of all contributions to the scores of the test rows, exact for this model"
    drawn = figure("Which columns move its answers", told, shares("Importance by column", rows))
    return section("reasons", "What the model decides by", _grid(drawn))


def _grid(drawn: str) -> str:
    return f"<div class='grid'>{drawn}</div>" if drawn else ""
