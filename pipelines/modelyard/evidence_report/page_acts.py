"""The page about what was done: approvals, releases, monitoring, and other records."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from modelyard.pages.plots import Point, trend
from modelyard.pages.tables import chip, code, figure, section, table
from modelyard.pages.words import counted, moment

_CHIPS = {"Approved": "ok", "Rejected": "critical", "done": "ok", "identical": "ok"}
_PLOTTED = (("DriftScore", "Drift", 2), ("Quality", "Quality", 3), ("MonitoredRows", "Rows", 0))
Document = Mapping[str, Any]


def approvals(document: Document) -> str:
    """Who decided what, in which role, when and why."""
    found = document["approvals"]
    if not found["records"]:
        return section("approvals", "Approvals", "<p>No decision about this version was read.</p>")
    shown = table(
        "Decisions, oldest first",
        ("when (UTC)", "decision", "for", "who", "as", "comment"),
        (
            (
                moment(str(one["time"])),
                chip(_CHIPS.get(str(one["decision"]), "warning"), str(one["decision"])),
                one["stage"],
                one["user"],
                one["role"] or "–",
                one["comment"] or "(none)",
            )
            for one in found["records"]
        ),
    )
    rested = table(
        "What each decision rests on (sha256)",
        ("when (UTC)", "evaluation", "model file", "all that was shown"),
        (
            (
                moment(str(one["time"])),
                *(
                    code(one[name]) if one[name] else "–"
                    for name in ("evaluation_sha256", "model_sha256", "evidence_sha256")
                ),
            )
            for one in found["records"]
        ),
    )
    inner = f"<details><summary>What each decision rests on</summary>{rested}</details>"
    return section("approvals", "Approvals", _chain(found["chain"]) + shown + inner)


def releases(document: Document) -> str:
    """Each phase of each release, and what staging's verification looked at."""
    found = document["releases"]
    if not found["records"] and not found["verifications"]:
        told = "<p>This version was released nowhere, as far as the records tell.</p>"
        return section("releases", "Releases", told)
    body = _chain(found["chain"]) + table(
        "Phases of its releases, oldest first",
        ("when (UTC)", "environment", "phase", "how", "reason"),
        (
            (
                moment(str(one["time"])),
                one["environment"],
                chip(_phase(str(one["phase"])), str(one["phase"])),
                one["strategy"] or "–",
                one["reason"] or "",
            )
            for one in found["records"]
        ),
    )
    return section("releases", "Releases", body + "".join(map(_verified, found["verifications"])))


def _phase(word: str) -> str:
    if word in ("failed", "refused", "rolled-back", "withdrawn", "rolling-back"):
        return "critical"
    return "ok" if word == "done" else ""


def _verified(found: Document) -> str:
    checks = found["checks"] or ()
    if not checks:
        return ""
    words = {True: chip("ok", "passed"), False: chip("critical", "failed"), None: chip("", "none")}
    return table(
        "What the verification in staging looked at",
        ("check", "result", "what was found"),
        (
            (str(one.get("name")), words.get(one.get("passed"), ""), one.get("sentence") or "")
            for one in checks
        ),
    )


def monitoring(document: Document) -> str:
    """The windows in which this version was watched."""
    found: Sequence[Document] = document["monitoring"]
    if not found:
        told = "<p>No window of this version's traffic was judged yet.</p>"
        return section("monitoring", "Monitoring", told)
    body = table(
        "Windows, oldest first",
        ("from (UTC)", "environment", "verdict", "rows", "findings"),
        (
            (
                moment(str(one["start"])),
                one["environment"],
                chip(str(one["verdict"])),
                f"{one['rows'] or 0:,}",
                "; ".join(str(each["sentence"]) for each in one["findings"]) or "none",
            )
            for one in found
        ),
    )
    environments = sorted({str(one["environment"]) for one in found})
    drawn = "".join(_trends(name, found) for name in environments)
    return section("monitoring", "Monitoring", f"{body}<div class='grid'>{drawn}</div>")


def _trends(environment: str, found: Sequence[Document]) -> str:
    windows = [one for one in found if one["environment"] == environment]
    drawn = ""
    for metric, title, digits in _PLOTTED:
        points = [
            Point(moment(str(one["start"]))[5:], one["metrics"].get(metric)) for one in windows
        ]
        plot = trend(f"{title} in {environment}", points, None, digits)
        if plot:
            told = counted(len(windows), "window")
            drawn += figure(f"{title} in {environment}", told, plot)
    return drawn


def records(document: Document) -> str:
    """Rebuilds, human reviews and deletions."""
    found = document["records"]
    body = _reproductions(found["reproductions"])
    body += _listed("Human reviews of single decisions", found["reviews"])
    body += _listed("Deletions of persons from the data", found["deletions"])
    return section("records", "Other records", body)


def _reproductions(found: Sequence[Document]) -> str:
    if not found:
        return "<p>Nobody has rebuilt this version yet.</p>"
    return table(
        "Rebuilds of this version from its own record",
        ("when (UTC)", "by", "result", "what was compared"),
        (
            (
                moment(str(one.get("time") or "")),
                one["user"] or "–",
                chip(_CHIPS.get(str(one.get("verdict")), "warning"), str(one.get("verdict"))),
                str(one.get("sentence") or one.get("reason") or ""),
            )
            for one in found
        ),
    )


def _listed(caption: str, found: Sequence[Document]) -> str:
    if not found:
        return f"<p>{escape(caption)}: none recorded.</p>"
    return table(
        caption,
        ("when (UTC)", "by", "outcome", "record"),
        (
            (
                moment(str(one.get("time") or "")),
                one["user"] or "–",
                _outcome(one),
                code(one["uri"]),
            )
            for one in found
        ),
    )


def _outcome(one: Document) -> str:
    """What a review came to, or how much a deletion removed."""
    if one.get("outcome"):
        return str(one["outcome"])
    return counted(one["rows"], "row") if isinstance(one.get("rows"), int) else "–"


def _chain(chain: Document) -> str:
    if chain["problems"]:
        items = "".join(f"<li class='critical'>{escape(one)}</li>" for one in chain["problems"])
        return f"<ul class='findings'>{items}</ul>"
    if not chain["holds"]:
        return ""
    return (
        f"<p>{chip('ok', 'chain holds')}Each record names the one before it and its hash; none was "
        "found edited, removed or out of order.</p>"
    )
