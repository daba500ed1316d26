"""python -m policies check: the guardrails over rendered graphs, findings in plain language."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from policies.exemptions import FILE, ExemptionError, load
from policies.graph import GraphError
from policies.guardrails.catalogue import all_rules
from policies.guardrails.judgement import Excused, Judgement, judge
from policies.guardrails.resource import Resource, from_graph
from policies.guardrails.rule import Finding


def register(commands: Any) -> None:
    """Name the command and its arguments."""
    check = commands.add_parser(
        "check",
        help="judge rendered graphs by the guardrails",
        description="Exit code 0: nothing stands against the graphs; 1: findings, or an exemption "
        "that has expired; 2: a mistake in the arguments or a graph.",
    )
    check.add_argument(
        "--graph", type=Path, action="append", required=True, help="from `python -m sandbox render`"
    )
    check.add_argument("--exemptions", type=Path, default=FILE, help=argparse.SUPPRESS)
    check.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print what was found; 1 when something stands."""
    try:
        exemptions = load(date.today(), options.exemptions)
    except ExemptionError as error:
        print(f"policies: {error}", file=sys.stderr)
        return 1
    judged = [
        judge(resources(path), all_rules(), exemptions, date.today())
        for path in dict.fromkeys(options.graph)
    ]
    found = _distinct(judged)
    print(told(found))
    return 1 if found.findings else 0


def resources(path: Path) -> tuple[Resource, ...]:
    """The resources of a graph's file.

    Raises:
        GraphError: it is not a graph.
    """
    try:
        return from_graph(json.loads(path.read_text(encoding="utf-8"))["resources"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a rendered graph"
        raise GraphError(f"{path}: {reason}; make it with `python -m sandbox render`") from None


def told(judgement: Judgement) -> str:
    """A judgement as text for people."""
    lines = [_finding(each) for each in judgement.findings]
    lines += [_announced(each) for each in judgement.announced]
    lines += [_excused(each) for each in judgement.excused]
    lines.append(_summary(judgement))
    return "\n".join(lines)


def _distinct(judged: Sequence[Judgement]) -> Judgement:
    """One judgement of several graphs, which share account and region stacks."""
    findings = _once(each for one in judged for each in one.findings)
    announced = _once(each for one in judged for each in one.announced)
    excused = {
        (each.finding.rule.id, each.finding.resource.urn, each.finding.sentence): each
        for one in judged
        for each in one.excused
    }
    return Judgement(findings, tuple(excused.values()), announced)


def _once(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    found = {(each.rule.id, each.resource.urn, each.sentence): each for each in findings}
    return tuple(found.values())


def _finding(found: Finding) -> str:
    rule = found.rule
    return (
        f"{rule.severity.value:<8} {rule.id}  {found.resource.name} ({found.resource.type})\n"
        f"         {found.sentence}\n"
        f"         fix: {rule.remedy}"
    )


def _announced(found: Finding) -> str:
    rule = found.rule
    return (
        f"soon     {rule.id}  {found.resource.name} ({found.resource.type})\n"
        f"         {found.sentence}\n"
        f"         fix: {rule.remedy} (stops deployments from {rule.effective})"
    )


def _excused(excused: Excused) -> str:
    finding, exemption = excused.finding, excused.exemption
    return (
        f"exempt   {finding.rule.id}  {finding.resource.name} ({finding.resource.type})\n"
        f"         {finding.sentence}\n"
        f"         {exemption.reason} (until {exemption.expiry}, agreed by {exemption.approver})"
    )


def _summary(judgement: Judgement) -> str:
    count = len(judgement.findings)
    found = "no findings" if not count else f"{count} finding{'s' if count > 1 else ''}"
    exempt = f", {len(judgement.excused)} exempt" if judgement.excused else ""
    soon = f", {len(judgement.announced)} to come" if judgement.announced else ""
    return f"{len(all_rules())} rules: {found}{soon}{exempt}"
