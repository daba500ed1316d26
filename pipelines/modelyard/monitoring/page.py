"""report.html: the report as one page that needs nothing else, for whoever gets the alert."""

import re
from collections.abc import Mapping
from html import escape
from typing import Any

from modelyard.monitoring import page_details, page_distributions, page_models
from modelyard.pages.frame import Frame
from modelyard.pages.tables import chip
from modelyard.pages.words import moment, percent, version

_WORDS = {
    "critical": "Critical",
    "warning": "Warning",
    "ok": "Fine",
    "insufficient": "Too little to tell",
    "failed": "Not judged",
}
_SECTIONS = (
    ("findings", "Findings"),
    ("distributions", "Columns"),
    ("trends", "Over time"),
    ("quality", "Quality"),
    ("groups", "Groups"),
    ("reasons", "Reasons"),
    ("service", "Service"),
    ("capture", "Capture"),
    ("provenance", "Provenance"),
)


def html(report: Mapping[str, Any]) -> str:
    """The whole page; the same report gives the same bytes."""
    window = report["window"]
    frame = Frame(
        title=f"{report['project']} in {report['environment']}: monitoring report",
        subtitle=window["name"],
        where=f"{moment(window['start'])} to {moment(window['end'])} UTC, "
        f"{version(report['model_package_arn'])}, {report['rows']:,} rows",
        state=report["verdict"],
        verdict=sentence(report),
        sections=_SECTIONS,
        footer="Counts and aggregates only: this page holds nothing of a single person. "
        "How to read it: docs/monitoring.md of the platform.",
    )
    return frame.around(
        f"{_what_to_do(report)}{_findings(report)}"
        f"{page_distributions.section(report)}"
        f"{page_models.trends(report)}{page_models.quality(report)}"
        f"{page_models.groups(report)}{page_models.reasons(report)}"
        f"{page_details.service(report)}{page_details.capture(report)}"
        f"{page_details.provenance(report)}"
    )


def sentence(report: Mapping[str, Any]) -> str:
    """The verdict in one sentence."""
    word, rows = _WORDS[report["verdict"]], report["rows"]
    pressing = [one for one in report["findings"] if one["severity"] != "info"]
    if report["verdict"] == "ok":
        return f"{word}: {rows:,} rows look like what the model was approved on. Nothing to do."
    if report["verdict"] == "insufficient":
        needed = report["thresholds"]["minimum_rows"]
        return (
            f"{word}: {rows:,} rows came, {needed:,} are needed to compare distributions. "
            "Nothing else was found."
        )
    if report["shock"]:
        return (
            f"{word}: most features changed at once. That is rarely the world and usually a "
            "broken source: look before anything is trained on it."
        )
    others = len(pressing) - 1
    more = f" And {others} more finding{'s' if others > 1 else ''}." if others else ""
    return f"{word}: {pressing[0]['sentence']}{more}"


def _what_to_do(report: Mapping[str, Any]) -> str:
    pressing = [one for one in report["findings"] if one["severity"] != "info"]
    steps = list(dict.fromkeys(one["advice"] for one in pressing))[:4]
    if not steps:
        return ""
    listed = "".join(f"<li>{_with_commands(step)}</li>" for step in steps)
    return f"<section aria-labelledby='do'><h2 id='do'>What to do</h2><ol>{listed}</ol></section>\n"


def _with_commands(step: str) -> str:
    """What stands in backticks is a command."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(step))


def _findings(report: Mapping[str, Any]) -> str:
    items = "".join(_finding(one) for one in report["findings"])
    body = f"<ol class='findings'>{items}</ol>" if items else "<p>None.</p>"
    return f"<section aria-labelledby='findings'><h2 id='findings'>Findings</h2>{body}</section>\n"


def _finding(one: Mapping[str, Any]) -> str:
    facts = [f"since {moment(one['since'])} UTC"] if one["since"] else []
    if one["share"] < 1:
        facts.append(f"concerns {percent(one['share'])} of the traffic")
    if one["importance"] is not None:
        facts.append(f"{percent(one['importance'])} of the model's reasons")
    if one["cause"]:
        facts.append(f"likely cause: {one['cause']}")
    return (
        f"<li class='{one['severity']}'>{chip(one['severity'])}{escape(one['sentence'])}"
        f"<p class='facts'>{escape('; '.join(facts))}</p></li>"
    )
