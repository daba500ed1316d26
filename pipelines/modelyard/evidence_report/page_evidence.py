"""The page's last sections: technical file, gaps, what changed, and the hash of everything."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from modelyard.pages.tables import chip, code, facts, section, table
from modelyard.pages.words import number

Document = Mapping[str, Any]


def technical_file(document: Document) -> str:
    """Annex IV, section by section."""
    found = document["technical_file"]
    if found is None:
        told = "<p>The law asks for it of high-risk systems only, which this is not.</p>"
        return section("technical-file", "Technical file", told)
    shown = table(
        "Technical documentation of the EU AI Act (Annex IV), section by section",
        ("section", "about", "statements", "with evidence", "gaps"),
        (
            (
                one["number"],
                one["title"],
                f"{one['statements']:,}",
                f"{one['evidenced']:,}",
                f"{one['gaps']:,}",
            )
            for one in found["sections"]
        ),
    )
    missing = [(f"point {one['point']}", one["sentence"]) for one in found["gaps"]]
    if missing:
        shown += facts("What it still asks for", missing)
    told = "<p>The whole file, with its evidence: <code>modelyard technical-file</code>.</p>"
    return section("technical-file", "Technical file", told + shown)


def shortcomings(document: Document) -> str:
    """What deviates, and what is missing."""
    deviations = "".join(
        f"<li class='{escape(one['severity'])}'>{chip(one['severity'])}{escape(one['sentence'])}"
        "</li>"
        for one in document["deviations"]
    )
    missing = "".join(
        f"<li class='{'warning' if one['required'] else ''}'>"
        f"{chip('warning', 'required') if one['required'] else chip('', 'noted')}"
        f"{escape(one['sentence'])}</li>"
        for one in document["gaps"]
    )
    return section(
        "gaps",
        "Gaps and deviations",
        f"<h3>Deviations</h3>{_list(deviations)}<h3 class='apart'>Gaps</h3>{_list(missing)}",
    )


def difference(document: Document) -> str:
    """What changed since the report before this one."""
    found = document["difference"]
    if found is None:
        told = "<p>There is no earlier report to compare with.</p>"
        return section("difference", "Since the last report", told)
    body = facts(
        "The report before this one",
        [
            ("verdict", found["verdict"] or "not known"),
            ("stored at", code(found["uri"])),
            ("sha256", code(found["sha256"])),
        ],
    )
    if found["changes"]:
        body += table(
            "What is different",
            ("what", "then", "now"),
            ((one["what"], _value(one["then"]), _value(one["now"])) for one in found["changes"]),
        )
    rows = [
        *(("new gap", one) for one in found["gaps"]["new"]),
        *(("closed gap", one) for one in found["gaps"]["closed"]),
        *(("new deviation", one) for one in found["deviations"]["new"]),
        *(("closed deviation", one) for one in found["deviations"]["closed"]),
        *((f"evidence: {kind}", code(uri)) for kind in ("new", "gone", "changed")
          for uri in found["evidence"][kind]),
    ]  # fmt: skip
    if rows:
        body += facts("What came and went", rows)
    if not rows and not found["changes"]:
        body += "<p>Nothing changed.</p>"
    return section("difference", "Since the last report", body)


def evidence(document: Document) -> str:
    """Every stored object with its hash."""
    entries: Sequence[Document] = document["evidence"]
    if not entries:
        return section("evidence", "Evidence and hashes", "<p>Nothing was read.</p>")
    told = (
        "<p>The sha256 of the bytes as they are stored. <code>modelyard report --verify FOLDER"
        "</code> reads every one of them again and tells what differs.</p>"
    )
    shown = table(
        "Every object that this report rests on",
        ("what", "where", "version in S3", "sha256"),
        (
            (one["what"], code(one["uri"]), code(one["version_id"] or "–"), code(one["sha256"]))
            for one in entries
        ),
    )
    return section("evidence", "Evidence and hashes", told + shown)


def _list(items: str) -> str:
    return f"<ul class='findings'>{items}</ul>" if items else "<p>None.</p>"


def _value(value: Any) -> str:
    if isinstance(value, float):
        return number(value, 4)
    return "–" if value in (None, "") else str(value)
