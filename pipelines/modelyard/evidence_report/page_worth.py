"""The page about what the model is worth: metrics, fairness by group, and what it decides by."""

from collections.abc import Mapping
from html import escape
from typing import Any

from modelyard.pages.bars import Estimate, estimates, shares
from modelyard.pages.calibration import calibration
from modelyard.pages.tables import Html, chip, code, figure, section, table
from modelyard.pages.words import moment, number, spoken

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
    return section("metrics", "Quality", f"{_gates(found['gates'])}{body}{_grid(drawn)}")


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


def fairness(document: Document) -> str:
    """Per protected attribute its groups, then the gates and what people decided."""
    found = document["fairness"]
    if not found["protected"]:
        told = "<p>No attribute is protected in project.yaml, so groups were not compared.</p>"
        return section("fairness", "Fairness", told)
    body = "".join(_attribute(*one) for one in found["attributes"].items())
    missing = [name for name in found["protected"] if name not in found["attributes"]]
    if missing:
        body += f"<p>Not measured: {escape(', '.join(missing))}.</p>"
    return section(
        "fairness", "Fairness", _fairness_gates(found["gates"]) + _decisions(found) + body
    )


def _attribute(name: str, found: Document) -> str:
    groups, measure = found.get("groups") or {}, str(found.get("measure"))
    names = [key for key in next(iter(groups.values()), {}) if key != "rows"]
    compared = table(
        f"Groups of {name}",
        ("group", "rows", *(_spaced(key) for key in names)),
        (
            (group, f"{one['rows']:,}", *(_figure(one.get(key)) for key in names))
            for group, one in sorted(groups.items())
        ),
    )
    known = [
        (group, one[measure])
        for group, one in sorted(groups.items())
        if isinstance(one.get(measure), int | float) and one[measure] >= 0
    ]
    drawn = figure(
        f"{_spaced(measure)} by {name}",
        _gap(found),
        shares(f"{_spaced(measure)} by group of {name}", known),
    )
    heading = f"<h3 class='apart'>{escape(name)}</h3>"
    return f"{heading}{_grid(drawn)}{compared}{_clarify(name, found['bias'])}"


def _gap(found: Document) -> str:
    if found.get("gap") is None:
        return f"not compared: {found.get('reason')}"
    ratio = f", lowest over highest {number(found['ratio'])}" if found.get("ratio") else ""
    return f"gap between the lowest and the highest group {number(found['gap'])}{ratio}"


def _clarify(name: str, bias: Document) -> str:
    """SageMaker Clarify's metrics, folded away: they are for specialists."""
    names = sorted({metric for one in bias.values() for metric in one["metrics"]})
    if not names:
        return ""
    head = ("metric", *(f"{group}{' (few rows)' if one['small'] else ''}" for group, one in
            sorted(bias.items())))  # fmt: skip
    rows = (
        (metric, *(_measured(one["metrics"].get(metric)) for _, one in sorted(bias.items())))
        for metric in names
    )
    inner = table(f"Bias of each group of {name} against everybody else", head, rows)
    summary = f"All bias metrics of {escape(name)}, by the names of SageMaker Clarify"
    return f"<details><summary>{summary}</summary>{inner}</details>"


def _measured(found: Document | None) -> str:
    if found is None or found.get("value") is None:
        return "–"
    told = number(found["value"])
    if found.get("low") is not None and found.get("high") is not None:
        told += f" ({number(found['low'], 2)} to {number(found['high'], 2)})"
    return told


def _fairness_gates(gates: Document | None) -> str:
    results = (gates or {}).get("results") or ()
    if not results:
        return "<p>No fairness gate is stated in project.yaml.</p>"
    chips = {"met": "ok", "unclear": "warning", "failed": "critical"}
    return table(
        "Fairness gates: bounds on bias metrics, group by group",
        ("group", "metric", "limit", "value", "95% interval", "result"),
        (
            (
                f"{one['attribute']} = {one['group']}",
                one["metric"],
                f"{'at least' if one['bound'] == 'min' else 'at most'} {number(one['limit'], 2)}",
                number(one["value"]),
                f"{number(one['low'], 2)} to {number(one['high'], 2)}",
                _verdict(one, chips),
            )
            for one in results
        ),
    )


def _verdict(one: Document, chips: Mapping[str, str]) -> Html:
    shown = chip(chips.get(one["verdict"], "warning"), one["verdict"])
    return Html(f"{shown}needs a decision") if one.get("open") else shown


def _decisions(found: Document) -> str:
    if not found["decisions"]:
        open_ones = (found["gates"] or {}).get("needs_decision")
        told = "A decision is needed, and none is recorded." if open_ones else ""
        return f"<p>{told}</p>" if told else ""
    items = "".join(f"<li class='warning'>{_decision(one)}</li>" for one in found["decisions"])
    return f"<h3 class='apart'>What was decided about it</h3><ul class='findings'>{items}</ul>"


def _decision(one: Document) -> str:
    gates = "; ".join(str(gate.get("sentence")) for gate in one.get("gates") or ())
    covered = f" It covers: {escape(gates)}." if gates else ""
    return (
        f"Released in spite of it by {escape(one['user'])} ({escape(one['role'] or 'role unknown')}"
        f", {escape(moment(str(one.get('time') or '')))} UTC), because: "
        f"{escape(str(one.get('reason') or '(no reason)'))}.{covered}"
        f"<p class='facts'>{code(one['uri'])} sha256 {code(one['sha256'])}</p>"
    )


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


def _spaced(name: str) -> str:
    return name.replace("_", " ")


def _figure(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return number(value) if isinstance(value, float) or value is None else str(value)
