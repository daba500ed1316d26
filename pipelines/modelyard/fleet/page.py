"""The fleet as one HTML page: a table to sort and filter, findings, rules with fixes, and gaps.

Nothing is loaded from elsewhere; without its script the page shows everything in order of urgency.
"""

from html import escape

from modelyard.fleet import words
from modelyard.fleet.page_script import SCRIPT, STYLE
from modelyard.fleet.report import Report
from modelyard.fleet.rules import KINDS, RULES, Verdict
from modelyard.pages.frame import Frame
from modelyard.pages.tables import Html, chip, code, section, shown, table
from modelyard.pages.words import counted

_COLOURS = {"non-compliant": "critical", "abandoned": "warning"}
_HEAD = (
    "Project", "State", "Owner", "Risk", "Package", "Template", "Models", "Serves",
    "Drift", "USD this month", "Last run", "Last release",
)  # fmt: skip
_SECTIONS = (
    ("projects", "Projects"),
    ("findings", "Findings"),
    ("rules", "Rules"),
    ("gaps", "Not known"),
)
# Sorted as numbers; all others as text.
_NUMBERS = ("Drift", "USD this month")


def page(report: Report) -> str:
    """The page of a report."""
    fleet = report.fleet
    body = _projects(report) + _findings(report) + _rules(report) + _gaps(report)
    return Frame(
        title="Fleet",
        subtitle=f"{fleet.asked:%Y-%m-%d}",
        where=f"{fleet.asked:%Y-%m-%d %H:%M} UTC · {_accounts(report)} · compared with modelyard "
        f"{fleet.package}",
        state=_state(report),
        verdict=report.sentence,
        sections=_SECTIONS,
        footer="Costs are AWS Budgets' actual spend of the calendar month, hours late. A sign of "
        "life is a run, a model, a release or a judged window.",
        style=STYLE,
    ).around(body + SCRIPT)


def _accounts(report: Report) -> str:
    places = report.fleet.accounts
    return places[0] if len(places) == 1 else f"{len(places)} accounts and regions"


def _state(report: Report) -> str:
    if not report.verdicts:
        return "insufficient"
    if report.having("non-compliant"):
        return "critical"
    return "warning" if report.having("abandoned") or report.fleet.gaps else "ok"


def _projects(report: Report) -> str:
    buttons = "".join(
        f"<button type='button' data-only='{kind}' aria-pressed='{str(not kind).lower()}'>{label}"
        f" <b>{count:,}</b></button>"
        for kind, label, count in (
            ("", "all", len(report.verdicts)),
            *((kind, kind, report.having(kind)) for kind in KINDS),
        )
    )
    heads = "".join(f"<th scope='col'{_right(name)}>{escape(name)}</th>" for name in _HEAD)
    rows = "".join(_row(one, report) for one in report.verdicts)
    return section(
        "projects",
        "Projects",
        f"<div class='tools' hidden><label>Find <input type='search' placeholder='project, owner, "
        f"version'></label>{buttons}<output></output></div>"
        "<div class='scroll' tabindex='0' role='group' aria-label='Projects'><table class='fleet'>"
        f"<caption>What needs attention most comes first</caption>"
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>",
    )


def _row(verdict: Verdict, report: Report) -> str:
    project, asked, newest = verdict.project, report.fleet.asked, report.fleet.package
    record, drifted = project.record, words.is_drifted(project.production)
    cells = (
        (_chips(verdict), f"{verdict.urgency[0]:04d}"),
        (record.owner, ""),
        (record.risk, ""),
        (words.package(project, newest), ""),
        (words.template(project, newest), ""),
        (words.models(project, asked), ""),
        (words.served(project, asked), ""),
        (chip("warning", words.drift(project)) if drifted else words.drift(project), ""),
        (words.cost(project), "" if project.spent is None else f"{project.spent}"),
        (words.last_run(project), ""),
        (words.last_release(project), ""),
    )
    others = "".join(
        f"<td{_right(name)}{_sorted_by(key)}>{shown(value)}</td>"
        for name, (value, key) in zip(_HEAD[1:], cells, strict=True)
    )
    kinds = " ".join(kind for kind in KINDS if verdict.of(kind))
    return f"<tr data-kinds='{kinds}'><th scope='row'>{_link(verdict)}</th>{others}</tr>"


def _right(name: str) -> str:
    return " class='number'" if name in _NUMBERS else ""


def _sorted_by(key: str) -> str:
    return f" data-sort='{escape(key)}'" if key else ""


def _chips(verdict: Verdict) -> Html:
    counts = [(kind, len(verdict.of(kind))) for kind in KINDS]
    chips = [
        chip(_COLOURS[kind], f"{kind} {count}" if count > 1 else kind)
        for kind, count in counts
        if count
    ]
    if verdict.alarms:
        chips.append(chip("warning", counted(verdict.alarms, "alarm")))
    if verdict.unjudged:
        chips.append(chip("dull", "not all known"))
    return Html("".join(chips) or chip("ok", "in order"))


def _link(verdict: Verdict) -> Html:
    name = escape(verdict.project.name)
    if verdict.findings or verdict.alarms:
        return Html(f"<a href='#{_anchor(verdict)}'>{name}</a>")
    return Html(name)


def _anchor(verdict: Verdict) -> str:
    return escape(f"of-{verdict.project.name}-{verdict.project.registry.replace('/', '-')}")


def _findings(report: Report) -> str:
    items = "".join(
        f"<li id='{_anchor(one)}' class='{'critical' if one.of('non-compliant') else 'warning'}'>"
        f"<h3>{escape(one.project.name)}</h3>"
        f"<p class='facts'>{escape(one.project.record.owner)} · registry {one.project.registry}</p>"
        f"<ul>{_sentences(one)}</ul></li>"
        for one in report.verdicts
        if one.findings or one.alarms
    )
    body = f"<ul class='findings'>{items}</ul>" if items else "<p>Nothing was found.</p>"
    return section("findings", "Findings", body)


def _sentences(verdict: Verdict) -> str:
    told = [
        f"<li>{chip(_COLOURS[one.rule.kind], one.rule.name)}{escape(one.sentence)}</li>"
        for one in verdict.findings
    ]
    if verdict.alarms:
        raging = escape(words.alarms(verdict.project))
        told.append(f"<li>{chip('warning', 'alarm')}{raging}</li>")
    return "".join(told)


def _rules(report: Report) -> str:
    counts = {
        rule.name: sum(
            1 for one in report.verdicts if any(found.rule is rule for found in one.findings)
        )
        for rule in RULES
    }
    rows = [
        (
            code(rule.name),
            rule.says,
            f"{counts[rule.name]:,}",
            rule.fix,
            code(rule.control) if rule.control else "–",
        )
        for rule in sorted(RULES, key=lambda rule: -counts[rule.name])
    ]
    head = ("Rule", "What it asks", "Projects", "Fix", "Control")
    return section(
        "rules",
        "Rules",
        table("Controls are those of policies/controls.yaml", head, rows),
    )


def _gaps(report: Report) -> str:
    asked = f"<p class='facts'>Asked: {escape(', '.join(report.fleet.accounts))}.</p>"
    if not report.fleet.gaps:
        answered = "<p>Every account answered everything.</p>"
        return section("gaps", "Not known", answered + asked)
    rows = [(gap.place, gap.what, gap.reason) for gap in report.fleet.gaps]
    told = "<p>Rules that need what is missing are not judged; a project whose record cannot be "
    told += "read is not listed.</p>"
    lacking = table("What could not be read", ("Where", "What", "Why"), rows)
    return section("gaps", "Not known", told + lacking + asked)
