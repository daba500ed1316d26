"""report.html: the report as one page that needs nothing else, for whoever gets the alert."""

import re
from collections.abc import Mapping
from html import escape
from typing import Any

from modelyard.monitoring import page_details, page_distributions, page_models
from modelyard.monitoring.findings import percent
from modelyard.monitoring.page_style import STYLE
from modelyard.monitoring.page_tables import chip, version

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
    title = f"{report['project']} in {report['environment']}: monitoring report"
    links = "".join(f"<li><a href='#{name}'>{label}</a></li>" for name, label in _SECTIONS)
    return (
        "<!doctype html>\n<html lang='en'>\n<head>\n<meta charset='utf-8'>\n"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>\n"
        # A page without an icon of its own is asked for one that does not exist.
        "<link rel='icon' href='data:,'>\n"
        f"<title>{escape(title)}, {escape(window['name'])}</title>\n<style>{STYLE}</style>\n"
        "</head>\n<body>\n<header>\n"
        f"<h1>{escape(title)}</h1>\n<p class='where'>{_time(window['start'])} to "
        f"{_time(window['end'])} UTC, {escape(version(report['model_package_arn']))}, "
        f"{report['rows']:,} rows</p>\n"
        f"<p class='verdict {report['verdict']}'>{escape(sentence(report))}</p>\n"
        f"<nav aria-label='Sections'><ul>{links}</ul></nav>\n</header>\n<main>\n"
        f"{_what_to_do(report)}{_findings(report)}"
        f"{page_distributions.section(report)}"
        f"{page_models.trends(report)}{page_models.quality(report)}"
        f"{page_models.groups(report)}{page_models.reasons(report)}"
        f"{page_details.service(report)}{page_details.capture(report)}"
        f"{page_details.provenance(report)}"
        "</main>\n<footer>Counts and aggregates only: this page holds nothing of a single "
        "person. How to read it: docs/monitoring.md of the platform.</footer>\n</body>\n</html>\n"
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
    facts = [f"since {_time(one['since'])} UTC"] if one["since"] else []
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


def _time(text: str) -> str:
    return escape(text.removesuffix("Z").removesuffix(":00").replace("T", " "))
