"""A project's report as one HTML page that needs nothing else, for the audit binder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any, Final

from modelyard.pages.frame import Frame
from modelyard.pages.tables import Html, chip, code, facts, section, table
from modelyard.pages.words import counted
from modelyard.project import ENVIRONMENTS
from policies.report_controls import controls, frameworks

_SECTIONS: Final = (
    ("summary", "At a glance"),
    ("access", "Who may do what"),
    ("duties", "Separation of duties"),
    ("guardrails", "Guardrails"),
    ("exemptions", "Exemptions"),
    ("retention", "Retention"),
    ("models", "Models"),
    ("controls", "Controls"),
    ("frameworks", "Frameworks"),
    ("difference", "Since the last report"),
    ("provenance", "Provenance"),
)
Document = Mapping[str, Any]


def page(found: Document) -> str:
    """The whole report; the same report gives the same bytes."""
    project = found["project"]
    places = "; ".join(
        f"{name}: account {project['environments'][name]['account']}, "
        f"{project['environments'][name]['region']}"
        for name in ENVIRONMENTS
        if name in project["environments"]
    )
    frame = Frame(
        title=f"{project['title']}: controls and access",
        subtitle=project["name"],
        where=f"{project['name']}, owned by {project['owner']}; {places}",
        state=found["verdict"]["state"],
        verdict=f"{_state(found)}: {found['verdict']['sentence']}.",
        sections=_SECTIONS,
        footer="Made by `python -m policies report` from reviewed files, without a clock: the same "
        "files give the same bytes. How to read it: docs/evidence.md of the platform.",
    )
    return frame.around(
        _summary(found)
        + _access(found["matrix"])
        + _duties(found["duties"])
        + _guardrails(found)
        + _exemptions(found["exemptions"])
        + _retention(found["retention"])
        + _models(found["models"])
        + controls(found)
        + frameworks(found["frameworks"])
        + _difference(found["difference"])
        + _provenance(found["provenance"])
    )


def _state(found: Document) -> str:
    return "Every promise is kept" if found["verdict"]["clean"] else "Something stands"


def _summary(found: Document) -> str:
    project, matrix = found["project"], found["matrix"]
    tests = {test for one in found["controls"] for test in one["tests"]}
    rows = [
        ("Risk tier", f"{project['tier']}; decisions: {project['decision']}"),
        ("Promises of access", f"{matrix['promises']:,}, {len(matrix['broken'])} broken"),
        ("Judged by", matrix["judged_by"]),
        ("Guardrails", counted(len(found["guardrails"]["rules"]), "rule")),
        *(
            (
                f"Resources of {one['environment']}",
                f"{one['resources']:,}, {counted(one['findings'], 'finding')}, "
                f"{one['exempt']:,} exempt",
            )
            for one in found["guardrails"]["environments"]
        ),
        ("Controls", f"{len(found['controls'])}, proved by {counted(len(tests), 'test')}"),
        *((f"Team: {persona}", ", ".join(people)) for persona, people in project["team"].items()),
    ]
    return section("summary", "At a glance", facts("This project in a few lines", rows))


def _access(matrix: Document) -> str:
    told = (
        "<p>Each row is a kind of act, asked in several forms: who is named is allowed so many of "
        "those that the matrix asks of them; whoever is not is denied every one. Every form, with "
        "the statement that decides it: <code>python -m policies matrix --format html</code>.</p>"
    )
    order = [name for name in ENVIRONMENTS if all(name in one["allowed"] for one in matrix["rows"])]
    shown = table(
        f"Who may do what, by {matrix['judged_by']}",
        ("row", "act", *order, "promises kept"),
        (
            (
                str(one["row"]),
                one["title"],
                *(_allowed(one["allowed"][name]) for name in order),
                _kept(one),
            )
            for one in matrix["rows"]
        ),
    )
    return section("access", "Who may do what", told + _broken(matrix["broken"]) + shown)


def _allowed(personas: Mapping[str, str]) -> str:
    """Who is allowed, with the share where it is not everything that was asked."""
    told = (
        name if share.split(" of ")[0] == share.split(" of ")[1] else f"{name} ({share})"
        for name, share in personas.items()
    )
    return ", ".join(told) or "nobody"


def _kept(row: Document) -> str | Html:
    if row["broken"]:
        return chip("critical", f"{row['broken']} of {row['promises']} broken")
    return f"all {row['promises']}"


def _broken(broken: list[Document]) -> str:
    items = [
        f"row {one['row']}: {one['persona']} in {one['environment']}, {one['action']}: promised "
        f"{one['promised']}, decided {one['decided']}"
        for one in broken
    ]
    return _list("critical", items, "Every promise of the access matrix holds.")


def _duties(duties: list[Document]) -> str:
    shown = table(
        "Judged over every role of the project",
        ("duty", "what is kept apart", "result", "who could get around it"),
        (
            (
                one["id"],
                one["promise"],
                chip("critical", "breached") if one["breaches"] else chip("ok", "holds"),
                "; ".join(one["breaches"]) or "nobody",
            )
            for one in duties
        ),
    )
    return section("duties", "Separation of duties", shown)


def _guardrails(found: Document) -> str:
    names = [one["environment"] for one in found["guardrails"]["environments"]]
    shown = table(
        "Rules that stop a deployment, and what they say of what is rendered",
        ("rule", "what it asks", "severity", "since", *names),
        (
            (
                one["id"],
                one["control"],
                one["severity"],
                one["effective"],
                *(_answer(one["answers"][name]) for name in names),
            )
            for one in found["guardrails"]["rules"]
        ),
    )
    items = [
        f"{one['environment']}, {one['rule']}: {one['resource']}: {one['sentence']}. "
        f"{one['remedy']}"
        for one in found["findings"]
    ]
    return section("guardrails", "Guardrails", _list("critical", items, "No finding.") + shown)


def _answer(counts: Document) -> str | Html:
    if counts["findings"]:
        return chip("critical", counted(counts["findings"], "finding"))
    if not counts["judged"]:
        return "none here"
    exempt = f", {counts['exempt']} exempt" if counts["exempt"] else ""
    return f"{counts['judged']} judged{exempt}"


def _exemptions(exemptions: list[Document]) -> str:
    if not exemptions:
        return section("exemptions", "Exemptions in force", "<p>None.</p>")
    shown = table(
        "Reviewed exceptions: who lives with it, who agreed, and until when",
        ("rule", "resource", "reason", "owner", "approver", "until", "judged by"),
        (
            (
                one["rule"],
                code(one["resource"]),
                one["reason"],
                one["owner"],
                one["approver"],
                Html(f"<span class='day'>{escape(one['expiry'])}</span>"),
                _judge(one),
            )
            for one in exemptions
        ),
    )
    return section("exemptions", "Exemptions in force", shown)


def _judge(exemption: Document) -> str:
    """Checkov judges by rules of its own; ours say how many resources are excused here."""
    if exemption["rule"].startswith("CKV"):
        return "Checkov"
    return f"a guardrail, {counted(exemption['excuses'], 'resource')} here"


def _retention(kept: list[Document]) -> str:
    if not kept:
        return section("retention", "Retention", "<p>Nothing that keeps logs is rendered.</p>")
    shown = table(
        "How long logs and evidence are kept",
        ("what", "environment", "kind", "days"),
        (
            (
                one["name"],
                one["environment"],
                one["kind"],
                "not stated" if one["days"] is None else f"{one['days']:,}",
            )
            for one in kept
        ),
    )
    return section("retention", "Retention of logs and evidence", shown)


def _models(models: list[Document]) -> str:
    if not models:
        told = "<p>No model's report was given: <code>--model FOLDER</code>.</p>"
        return section("models", "Models", told)
    shown = table(
        "Evidence reports of the project's models",
        ("model", "verdict", "sha256 of its report.json"),
        (
            (
                f"version {one['version']}",
                Html(f"{chip(one['state'])}{escape(one['verdict'])}"),
                code(one["sha256"]),
            )
            for one in models
        ),
    )
    return section("models", "Models", shown)


def _difference(found: Document | None) -> str:
    if found is None:
        told = "<p>There is no earlier report to compare with.</p>"
        return section("difference", "Since the last report", told)
    head = facts(
        "The report before this one",
        [
            ("verdict", found["verdict"] or "not known"),
            ("commit", code(found["commit"] or "not known")),
            ("sha256", code(found["sha256"])),
        ],
    )
    items = [f"{kind}: {one}" for kind in ("new", "gone", "changed") for one in found[kind]]
    return section(
        "difference", "Since the last report", head + _list("", items, "Nothing changed.")
    )


def _provenance(found: Document) -> str:
    rows = [
        ("commit", code(found["commit"] or "not known")),
        ("tracked files changed since", _dirty(found["dirty"])),
        *((name, version) for name, version in found["tools"].items()),
    ]
    read = [*_hashes("graph", found["graphs"]), *_hashes("file", found["inputs"])]
    shown = table("What was read", ("kind", "name", "sha256"), read)
    return section("provenance", "Provenance", facts("Made from", rows) + shown)


def _dirty(dirty: bool | None) -> str:
    return "not known" if dirty is None else "yes" if dirty else "no"


def _hashes(kind: str, found: list[Document]) -> Iterator[tuple[str, str, Html]]:
    for one in found:
        yield kind, one["name"], code(one["sha256"])


def _list(kind: str, items: list[str], otherwise: str) -> str:
    if not items:
        return f"<p>{escape(otherwise)}</p>"
    told = "".join(f"<li class='{kind}'>{escape(one)}</li>" for one in items)
    return f"<ul class='findings'>{told}</ul>"
