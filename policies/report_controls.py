"""The page's controls: each promise, where it is kept, what proves it, and who asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from modelyard.pages.tables import Html, section, table

Document = Mapping[str, Any]


def controls(found: Document) -> str:
    """Every control, with the ids that the frameworks link to."""
    rules = {one["id"]: one for one in found["guardrails"]["rules"]}
    told = (
        "<p>A control is what we promise. It is kept by policies, by guardrails that stop a "
        "deployment, and by the code that releases models; each is proved by tests that anybody "
        "can run with <code>.venv/bin/python -m pytest</code> and a name from this page.</p>"
    )
    body = "".join(_control(one, rules) for one in found["controls"])
    return section("controls", "Controls", told + body)


def _control(one: Document, rules: Mapping[str, Document]) -> str:
    kept = "".join(
        f"<li>{escape(each['by'])}: <code>{escape(each['where'])}</code></li>"
        for each in one["enforced"]
    )
    kept += "".join(
        f"<li>guardrail {escape(name)}: {escape(rules[name]['rationale'])}</li>"
        for name in one["rules"]
    )
    tests = "".join(f"<li><code>{escape(each)}</code></li>" for each in one["tests"])
    asked = ", ".join(map(escape, one["frameworks"]))
    return (
        f"<article id='{escape(one['id'])}'><h3 class='apart'>{escape(one['control'])}</h3>"
        f"<p class='facts'><code>{escape(one['id'])}</code> owned by {escape(one['owner'])}; "
        f"asked for by {asked}</p>"
        f"<p>Kept by</p><ul>{kept}</ul><p>Proved by</p><ul>{tests}</ul></article>"
    )


def frameworks(found: list[Document]) -> str:
    """Each framework's requirements, with the controls that serve them."""
    return section("frameworks", "Coverage by framework", "".join(map(_framework, found)))


def _framework(one: Document) -> str:
    return table(
        one["framework"],
        ("requirement", "title", "controls"),
        (
            (each["reference"], each["title"], Html(", ".join(map(_link, each["controls"]))))
            for each in one["requirements"]
        ),
    )


def _link(control: str) -> str:
    return f"<a href='#{escape(control)}'>{escape(control)}</a>"
