"""The fleet in a terminal: a line a project, its findings below it, and what is not known."""

from collections.abc import Iterator, Sequence

from modelyard.fleet import words
from modelyard.fleet.report import Report
from modelyard.fleet.rules import Verdict

_HEAD = (
    "project", "owner", "risk", "package", "template", "models", "serves", "drift",
    "USD this month", "last run", "released",
)  # fmt: skip


def lines(report: Report) -> Iterator[str]:
    """Everything, the summary last: it is what a terminal leaves in sight."""
    rows = [_row(one, report) for one in report.verdicts]
    widths = [max(len(row[place]) for row in (_HEAD, *rows)) for place in range(len(_HEAD))]
    if rows:
        yield _line(_HEAD, widths)
    for verdict, row in zip(report.verdicts, rows, strict=True):
        yield _line(row, widths)
        yield from (f"  {found.rule.name}: {found.sentence}" for found in verdict.findings)
        raging = words.alarms(verdict.project)
        if raging not in (words.NOTHING, words.UNKNOWN):
            yield f"  alarm: {raging}"
        for reason in dict.fromkeys(verdict.unjudged.values()):
            rules = [name for name, lack in verdict.unjudged.items() if lack == reason]
            yield f"  not judged by {', '.join(rules)}: {reason}"
    yield from fixes(report)
    yield from (f"not known: {gap}" for gap in report.fleet.gaps)
    asked = ", ".join(report.fleet.accounts)
    yield f"{report.sentence} (modelyard {report.fleet.package}, {asked})"


def fixes(report: Report) -> Iterator[str]:
    """What to do about each rule that is broken, once."""
    broken = {found.rule.name: found.rule.fix for one in report.verdicts for found in one.findings}
    yield from (f"fix {name}: {fix}" for name, fix in sorted(broken.items()))


def _row(verdict: Verdict, report: Report) -> tuple[str, ...]:
    project, fleet = verdict.project, report.fleet
    return (
        project.name,
        project.record.owner,
        project.record.risk,
        words.package(project, fleet.package),
        words.template(project, fleet.package),
        words.models(project, fleet.asked),
        words.served(project, fleet.asked),
        words.drift(project),
        words.cost(project),
        words.last_run(project),
        words.last_release(project),
    )


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True)).rstrip()
