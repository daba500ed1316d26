"""A model card as a page that somebody outside engineering reads and prints."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from modelyard.pages.frame import Frame
from modelyard.pages.tables import facts, section, table

_TITLES = {
    "model_overview": "The model",
    "intended_uses": "What it is for",
    "business_details": "Business",
    "training_details": "How it was trained",
    "evaluation_details": "How good and how fair it is",
    "additional_information": "Caveats and evidence",
}


def page(name: str, status: str, card: Mapping[str, Any], problems: Sequence[str]) -> str:
    """The page of a card; `problems` are what its check found."""
    parts = [part for part in _TITLES if part in card]
    body = "".join(section(part, _TITLES[part], _part(part, card[part])) for part in parts)
    found = "".join(f"<li class='warning'>{escape(one)}</li>" for one in problems)
    if found:
        body += section("problems", "Out of step or missing", f"<ul class='findings'>{found}</ul>")
    verdict = f"{len(problems)} to mend" if problems else "says what the package says"
    return Frame(
        title=str(card.get("model_overview", {}).get("model_description", name)),
        subtitle=name,
        where=f"SageMaker model card {name}, status {status}",
        state="warning" if problems else "ok",
        verdict=f"Model card {status}: {verdict}",
        sections=[(part, _TITLES[part]) for part in parts]
        + ([("problems", "Out of step or missing")] if problems else []),
        footer="Written by machine from the model package and the reviewed project.yaml.",
    ).around(body)


def lines(card: Mapping[str, Any]) -> list[str]:
    """The card as lines of a terminal: metrics with their intervals, everything else as stated."""
    told = []
    for part in (part for part in _TITLES if part in card):
        told.append(_TITLES[part])
        told += [f"  {name}: {value}" for name, value in _rows(card[part])]
    return told


def _part(part: str, content: Any) -> str:
    if part != "evaluation_details":
        return facts(_TITLES[part], _rows(content))
    return "".join(_evaluation(one) for one in content)


def _evaluation(evaluation: Mapping[str, Any]) -> str:
    plain = {name: one for name, one in evaluation.items() if name != "metric_groups"}
    groups = "".join(
        table(
            f"{evaluation['name']}: {group['name']}",
            ("measure", "value", "interval and remarks"),
            ((one["name"], one["value"], one.get("notes", "")) for one in group["metric_data"]),
        )
        for group in evaluation.get("metric_groups", ())
    )
    return facts(evaluation["name"], _rows(plain)) + groups


def _rows(content: Any, before: str = "") -> list[tuple[str, Any]]:
    """Every leaf with the way to it."""
    if isinstance(content, Mapping):
        if {"name", "value"} <= set(content):
            remark = f" ({content['notes']})" if content.get("notes") else ""
            return [(f"{before}{content['name']}", f"{content['value']}{remark}")]
        return [
            row
            for name, inner in content.items()
            for row in _rows(inner, f"{before}{name.replace('_', ' ')}, ")
        ]
    if isinstance(content, list) and any(isinstance(one, Mapping) for one in content):
        return [row for one in content for row in _rows(one, before)]
    shown = ", ".join(map(str, content)) if isinstance(content, list) else content
    return [(before.removesuffix(", "), shown)]
