"""The page about fairness: bounds, what a person decided about them, and every group's figures."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from modelyard.pages.bars import Estimate, estimates
from modelyard.pages.tables import Html, chip, code, facts, figure, section, table
from modelyard.pages.words import moment, number

Document = Mapping[str, Any]
# SageMaker Clarify's names in plain words: a group against everybody else.
_MEANS = {
    "AD": "everybody else's share of right answers, minus the group's",
    "CI": "how far the group is outnumbered, from -1 to 1",
    "DI": "the group's share of favourable answers, over everybody else's; 1 is equal",
    "DPL": "everybody else's share of favourable outcomes in the data, minus the group's",
    "DPPL": "everybody else's share of favourable answers, minus the group's; 0 is equal",
    "RD": "of those who deserved it, everybody else's share answered so, minus the group's",
}


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
    first: Document = next(iter(groups.values()), {})
    names = [key for key in first if key not in ("rows", "intervals")]
    compared = table(
        f"Groups of {name}, with 95% intervals where known",
        ("group", "rows", *(_spaced(key) for key in names)),
        (
            (group, f"{one['rows']:,}", *(_measured(one, key) for key in names))
            for group, one in sorted(groups.items())
        ),
    )
    rows = [
        Estimate(f"{name} = {group}", one[measure], *_interval(one, measure))
        for group, one in sorted(groups.items())
        if isinstance(one.get(measure), int | float) and 0 <= one[measure] <= 1
    ]
    title = f"{_spaced(measure)} by {name}"
    drawn = figure(title, _gap(found), estimates(f"{title}, from 0 to 1", rows)) if rows else ""
    heading = f"<h3 class='apart'>{escape(name)}</h3>"
    return f"{heading}<div class='grid'>{drawn}</div>{compared}{_clarify(name, found['bias'])}"


def _interval(group: Document, measure: str) -> tuple[float | None, float | None]:
    low, high = (group.get("intervals") or {}).get(measure) or (None, None)
    return low, high


def _measured(group: Document, measure: str) -> str:
    value = group.get(measure)
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    if value is not None and not isinstance(value, float):
        return str(value)
    return _sure(value, *_interval(group, measure))


def _sure(value: float | None, low: float | None, high: float | None) -> str:
    """A figure with its interval, where there is one."""
    known = value is not None and low is not None and high is not None
    return f"{number(value)} ({number(low, 2)} to {number(high, 2)})" if known else number(value)


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
        (metric, *(_clarified(one["metrics"].get(metric)) for _, one in sorted(bias.items())))
        for metric in names
    )
    inner = table(f"Bias of each group of {name} against everybody else", head, rows)
    summary = f"All bias metrics of {escape(name)}, by the names of SageMaker Clarify"
    return f"<details><summary>{summary}</summary>{inner}</details>"


def _clarified(found: Document | None) -> str:
    return _sure(*((found or {}).get(key) for key in ("value", "low", "high")))


def _fairness_gates(gates: Document | None) -> str:
    results = (gates or {}).get("results") or ()
    if not results:
        return "<p>No fairness gate is stated in project.yaml.</p>"
    chips = {"met": "ok", "unclear": "warning", "failed": "critical"}
    named = sorted({str(one["metric"]) for one in results} & _MEANS.keys())
    meant = facts("What the metrics say", ((name, _MEANS[name]) for name in named))
    return meant + table(
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
    covered = f"<p>It covers: {escape(gates)}.</p>" if gates else ""
    return (
        f"Released in spite of it by {escape(one['user'])} ({escape(one['role'] or 'role unknown')}"
        f", {escape(moment(str(one.get('time') or '')))} UTC), because: "
        f"{escape(str(one.get('reason') or '(no reason)').rstrip('.'))}.{covered}"
        f"{_alternatives(one.get('alternatives') or ())}"
        f"<p class='facts'>{code(one['uri'])} sha256 {code(one['sha256'])}</p>"
    )


def _alternatives(found: Sequence[Document]) -> str:
    """What the decider could have had instead, at which price."""
    if not found:
        return ""
    attributes = sorted({name for one in found for name in one.get("fairness") or {}})
    rows = (
        (
            one.get("name"),
            *(_clarified(one.get(key)) for key in ("accuracy", "selection_rate")),
            *(
                number(((one.get("fairness") or {}).get(name) or {}).get("DI"))
                for name in attributes
            ),
        )
        for one in found
    )
    head = ("choice", "accuracy", "selection rate", *(f"worst DI of {name}" for name in attributes))
    inner = table("What was offered instead, with its price", head, rows)
    return f"<details><summary>What was offered instead</summary>{inner}</details>"


def _worst(alternative: Document, attribute: str) -> str:
    found = (alternative.get("fairness") or {}).get(attribute) or {}
    return number(found.get("DI"))


def _spaced(name: str) -> str:
    return name.replace("_", " ")
