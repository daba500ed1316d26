"""The control report as Markdown, for repositories and wikis."""

from __future__ import annotations

from collections.abc import Iterator

from policies.controls import FAMILIES, Control, by_number, family
from policies.report import Report


def markdown(report: Report) -> str:
    """The whole report; the same graphs give the same text."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    yield f"# Controls of {report.title}"
    yield ""
    yield f"{report.summary}."
    for control in report.controls:
        yield from _control(control, report)
    yield from _findings(report)
    yield from _exemptions(report)
    yield from _frameworks(report)


def _control(control: Control, report: Report) -> Iterator[str]:
    yield from ("", f"## {control.control}", "")
    yield f"`{control.id}`, owned by {control.owner}."
    yield ""
    for each in control.enforced:
        yield f"- kept by {each.by}: `{each.where}`"
    for test in control.tests:
        yield f"- proved by `{test}`"
    yield f"- asked for by {', '.join(control.frameworks)}"
    if control.rules:
        names = [each.environment for each in report.environments]
        yield from ("", f"| guardrail | severity | in force since | {' | '.join(names)} |")
        yield "|---|---|---|" + "---|" * len(names)
        for name in control.rules:
            rule = report.rules[name]
            answers = " | ".join(each.answer(rule) for each in report.environments)
            yield (
                f"| `{rule.id}`: {rule.control} | {rule.severity.value} | {rule.effective} "
                f"| {answers} |"
            )


def _findings(report: Report) -> Iterator[str]:
    yield from ("", "## Findings", "")
    for judged in report.environments:
        for each in judged.judgement.findings:
            yield (
                f"- {judged.environment}: **{each.rule.id}** {each.resource.name}: "
                f"{each.sentence}. {each.rule.remedy}"
            )
    if not report.findings:
        yield "None stands."


def _exemptions(report: Report) -> Iterator[str]:
    yield from ("", "## Exemptions in force", "")
    if not report.exemptions:
        yield "None."
        return
    yield "| rule | resource | reason | owner | approver | until |"
    yield "|---|---|---|---|---|---|"
    for each in report.exemptions:
        reason = " ".join(each.reason.split())
        yield (
            f"| {each.id} | `{each.resource}` | {reason} | {each.owner} | {each.approver} "
            f"| {each.expiry} |"
        )


def _frameworks(report: Report) -> Iterator[str]:
    for name in FAMILIES:
        yield from ("", f"## {name}", "", "| requirement | controls |", "|---|---|")
        for reference, serving in requirements(report, name):
            yield f"| {reference} | {', '.join(f'`{each.id}`' for each in serving)} |"


def requirements(report: Report, name: str) -> list[tuple[str, list[Control]]]:
    """The requirements of a framework, each with the controls that serve it."""
    asked = {
        reference
        for control in report.controls
        for reference in control.frameworks
        if family(reference) == name
    }
    return [
        (each, [one for one in report.controls if each in one.frameworks])
        for each in sorted(asked, key=by_number)
    ]
