"""The control report as one HTML page that needs nothing else, for the audit binder."""

from __future__ import annotations

from html import escape
from typing import Final

from policies.controls import FAMILIES, Control
from policies.report import Judged, Report
from policies.report_markdown import requirements


def html(report: Report) -> str:
    """The whole report; the same graphs give the same bytes."""
    return _PAGE.format(
        title=escape(report.title),
        state="stands" if report.findings else "clean",
        summary=escape(report.summary),
        contents="".join(
            f"<li><a href='#{each.id}'>{escape(each.control)}</a></li>" for each in report.controls
        ),
        controls="".join(_control(each, report) for each in report.controls),
        findings=_findings(report),
        exemptions=_exemptions(report),
        frameworks="".join(_framework(name, report) for name in FAMILIES),
    )


def _control(control: Control, report: Report) -> str:
    kept = "".join(
        f"<li><span class='by'>{escape(each.by)}</span> <code>{escape(each.where)}</code></li>"
        for each in control.enforced
    )
    tests = "".join(f"<li><code>{_test(each)}</code></li>" for each in control.tests)
    asked = "".join(f"<span class='ref'>{escape(each)}</span> " for each in control.frameworks)
    return (
        f"<section id='{control.id}'><h3>{escape(control.control)}</h3>"
        f"<p class='id'><code>{control.id}</code> owned by {escape(control.owner)}</p>"
        f"{_rules(control, report)}"
        f"<div class='columns'><div><h4>Kept by</h4><ul>{kept}</ul></div>"
        f"<div><h4>Proved by</h4><ul>{tests}</ul></div></div>"
        f"<h4>Asked for by</h4><p>{asked}</p></section>"
    )


def _test(name: str) -> str:
    file, _, function = name.partition("::")
    return f"{escape(file)}<br>{escape(function)}"


def _rules(control: Control, report: Report) -> str:
    if not control.rules:
        return ""
    head = "".join(f"<th>{escape(each.environment)}</th>" for each in report.environments)
    rows = ""
    for name in control.rules:
        rule = report.rules[name]
        answers = "".join(_answer(each, name, report) for each in report.environments)
        rows += (
            f"<tr><td><b>{rule.id}</b><br>{escape(rule.control)}"
            f"<br><span class='why'>{escape(rule.rationale)}</span></td>"
            f"<td><span class='severity {rule.severity.value}'>{rule.severity.value}</span></td>"
            f"<td class='date'>{rule.effective}</td>{answers}</tr>"
        )
    return (
        "<table><thead><tr><th>guardrail</th><th>severity</th><th>since</th>"
        f"{head}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _answer(judged: Judged, name: str, report: Report) -> str:
    told = judged.answer(report.rules[name])
    kind = "bad" if "finding" in told else "none" if told == "0 judged" else "good"
    return f"<td><span class='{kind}'>{'none here' if kind == 'none' else told}</span></td>"


def _findings(report: Report) -> str:
    rows = "".join(
        f"<li><b>{escape(judged.environment)}, {each.rule.id}</b>: {escape(each.resource.name)}: "
        f"{escape(each.sentence)}. {escape(each.rule.remedy)}</li>"
        for judged in report.environments
        for each in judged.judgement.findings
    )
    return f"<ul>{rows}</ul>" if rows else "<p>None stands.</p>"


def _exemptions(report: Report) -> str:
    if not report.exemptions:
        return "<p>None.</p>"
    rows = "".join(
        f"<tr><td><b>{escape(each.id)}</b></td><td class='long'><code>{escape(each.resource)}"
        f"</code></td><td>{escape(' '.join(each.reason.split()))}</td><td>{escape(each.owner)}"
        f"</td><td>{escape(each.approver)}</td><td class='date'>{each.expiry}</td></tr>"
        for each in report.exemptions
    )
    return (
        "<table><thead><tr><th>rule</th><th>resource</th><th>reason</th><th>owner</th>"
        f"<th>approver</th><th>until</th></tr></thead><tbody>{rows}</tbody></table>"
    )


def _framework(name: str, report: Report) -> str:
    rows = "".join(
        f"<tr><td class='date'>{escape(reference)}</td><td>"
        + ", ".join(f"<a href='#{each.id}'>{each.id}</a>" for each in serving)
        + "</td></tr>"
        for reference, serving in requirements(report, name)
    )
    return f"<h3>{escape(name)}</h3><table class='frameworks'><tbody>{rows}</tbody></table>"


_PAGE: Final = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Controls of {title}</title>
<style>
body {{ font: 14px/1.5 system-ui, sans-serif; color: #1c2733; margin: 2rem auto; max-width: 72rem;
       padding: 0 1.5rem; }}
h1 {{ font-size: 1.6rem; margin: 0 0 .5rem; }}
h2 {{ font-size: 1.25rem; margin: 2.5rem 0 .5rem; border-bottom: 2px solid #33658a; }}
h3 {{ font-size: 1.05rem; margin: 0; }}
h4 {{ font-size: .8rem; margin: .8rem 0 .2rem; color: #5b6975; }}
a {{ color: #33658a; }} code {{ font-size: .85em; overflow-wrap: anywhere; }}
ul, ol {{ margin: .2rem 0; padding-left: 1.2rem; }}
.summary {{ font-weight: 600; background: #eef3f7; border-left: 4px solid #2f7d4f;
            padding: .6rem .9rem; margin: 1rem 0; }}
.summary.stands {{ border-left-color: #b91c1c; }}
.contents {{ columns: 2; column-gap: 2rem; }} .contents li {{ break-inside: avoid; }}
section {{ border: 1px solid #dde4ea; border-radius: 6px; padding: 1rem 1.2rem; margin: 1rem 0;
           break-inside: avoid; }}
.id {{ margin: .1rem 0 .6rem; color: #5b6975; }}
.columns {{ display: grid; grid-template-columns: 1fr 1fr; gap: 0 1.5rem; }}
.columns > div {{ min-width: 0; }}
table {{ border-collapse: collapse; width: 100%; margin: .4rem 0; }}
th {{ text-align: left; font-size: .8rem; color: #5b6975; border-bottom: 1px solid #b9c4cd;
      padding: .25rem .5rem .25rem 0; white-space: nowrap; }}
td {{ border-bottom: 1px solid #e9eef2; padding: .35rem .5rem .35rem 0; vertical-align: top; }}
td.date {{ white-space: nowrap; }} td.long {{ min-width: 14rem; }}
table.frameworks {{ margin-bottom: 1.2rem; }} table.frameworks td:first-child {{ width: 15rem; }}
.why {{ color: #5b6975; font-size: .88em; }}
.by {{ font-weight: 600; }}
.ref {{ display: inline-block; background: #eef3f7; border-radius: 3px; padding: 0 .4rem;
        margin: .1rem 0; font-size: .85em; white-space: nowrap; }}
.good, .bad, .none, .severity {{ font-size: .82em; white-space: nowrap; }}
.good {{ color: #14532d; }} .bad {{ background: #b91c1c; color: #fff; padding: 0 .3rem; }}
.none {{ color: #7b8790; }}
.severity {{ border-radius: 3px; padding: .05rem .4rem; background: #e9eef2; }}
.severity.critical {{ background: #f3c9c5; color: #7f1d1d; }}
.severity.high {{ background: #fbe3c8; color: #7a3e06; }}
@media (max-width: 50rem) {{ .columns {{ grid-template-columns: 1fr; }}
  .contents {{ columns: 1; }} }}
@media print {{ body {{ margin: 0; max-width: none; }}
  .severity, .bad, .ref {{ print-color-adjust: exact; }} }}
</style>
<h1>Controls of {title}</h1>
<p class="summary {state}">{summary}.</p>
<p>A control is what we promise. It is kept by policies, by guardrails that stop a deployment, and
by the code that releases models; each is proved by tests that anybody can run with
<code>.venv/bin/python -m pytest</code> and a name from this page.</p>
<ol class="contents">{contents}</ol>
<h2>Controls</h2>
{controls}
<h2>Findings</h2>
{findings}
<h2>Exemptions in force</h2>
{exemptions}
<h2>By framework</h2>
{frameworks}
</html>
"""
