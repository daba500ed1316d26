"""python -m policies report: every control with what keeps it and what a project's graphs say."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from modelyard.project import load as load_project
from policies import controls
from policies.check import resources
from policies.exemptions import Exemption, ExemptionError
from policies.exemptions import load as load_exemptions
from policies.graph import GraphError
from policies.guardrails.catalogue import all_rules
from policies.guardrails.judgement import Judgement, judge
from policies.guardrails.resource import Resource
from policies.guardrails.rule import Rule

ROOT: Final = Path(__file__).resolve().parent.parent
DEFAULT_OUT: Final = Path("build/controls")


@dataclass(frozen=True)
class Judged:
    """One environment as the guardrails see it."""

    environment: str
    resources: tuple[Resource, ...]
    judgement: Judgement

    def answer(self, rule: Rule) -> str:
        """What the rule says here: how many resources obey, or how many do not."""
        breaching = sum(each.rule is rule for each in self.judgement.findings)
        if breaching:
            return f"{breaching} finding{'s' if breaching > 1 else ''}"
        seen = sum(rule.concerns(each) for each in self.resources)
        exempt = sum(each.finding.rule is rule for each in self.judgement.excused)
        return f"{seen} judged" + (f", {exempt} exempt" if exempt else "")


@dataclass(frozen=True)
class Report:
    """What the pages say."""

    title: str
    controls: tuple[controls.Control, ...]
    environments: tuple[Judged, ...]
    exemptions: tuple[Exemption, ...]

    @property
    def rules(self) -> Mapping[str, Rule]:
        """The guardrails by id."""
        return {rule.id: rule for rule in all_rules()}

    @property
    def findings(self) -> int:
        """How many breaches stand."""
        return sum(len(each.judgement.findings) for each in self.environments)

    @property
    def summary(self) -> str:
        """The report in one sentence."""
        found = _counted(self.findings)
        tests = {test for control in self.controls for test in control.tests}
        return (
            f"{len(self.controls)} controls, {len(self.rules)} guardrails and {len(tests)} tests "
            f"that prove them; {found} against {_listed(self.environments)}"
        )


def register(commands: Any) -> None:
    """Name the command and its arguments."""
    report = commands.add_parser(
        "report",
        help="write the control report: control, guardrail, test, frameworks, and the findings",
        description="Writes controls.md and controls.html. Exit code 1: a finding stands, an "
        "exemption has expired, or the list of controls contradicts itself.",
    )
    report.add_argument(
        "--project", type=Path, required=True, help="project.yaml, or the folder that holds it"
    )
    report.add_argument(
        "--graph",
        action="append",
        metavar="ENV=FILE",
        help="a rendered graph to judge (default: render every environment)",
    )
    report.add_argument("--out", type=Path, default=DEFAULT_OUT, help=f"folder ({DEFAULT_OUT})")
    report.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Write both pages; 1 when something stands."""
    from policies.report_html import html
    from policies.report_markdown import markdown

    wrong = list(controls.problems(controls.load()))
    try:
        report = _report(options)
    except ExemptionError as error:
        wrong.append(str(error))
    if wrong:
        print(*(f"policies: {each}" for each in wrong), sep="\n", file=sys.stderr)
        return 1
    options.out.mkdir(parents=True, exist_ok=True)
    for name, text in (("controls.md", markdown(report)), ("controls.html", html(report))):
        (options.out / name).write_text(text, encoding="utf-8")
        print(options.out / name)
    print(report.summary)
    return 1 if report.findings else 0


def _report(options: argparse.Namespace) -> Report:
    file = options.project / "project.yaml" if options.project.is_dir() else options.project
    project = load_project(file)
    exemptions = load_exemptions(date.today())
    if options.graph:
        drawn = dict(_stated(options.graph))
    else:
        drawn = _rendered(file, tuple(project.environments))
    judged = tuple(
        Judged(name, found, judge(found, all_rules(), exemptions)) for name, found in drawn.items()
    )
    return Report(project.title, controls.load(), judged, exemptions)


def _stated(graphs: Iterable[str]) -> Iterable[tuple[str, tuple[Resource, ...]]]:
    for stated in graphs:
        name, equals, file = stated.partition("=")
        if not equals:
            raise GraphError(f"--graph {stated}: write ENV=FILE, as in dev=dev.json")
        yield name, resources(Path(file))


def _rendered(file: Path, environments: tuple[str, ...]) -> dict[str, tuple[Resource, ...]]:
    """The environments' graphs, rendered side by side."""
    command = [sys.executable, "-m", "sandbox", "render", "--project", str(file.resolve())]
    with tempfile.TemporaryDirectory() as folder:
        graphs = {name: Path(folder) / f"{name}.json" for name in environments}
        running = [
            subprocess.Popen([*command, "--env", name, "--out", str(graph)], cwd=ROOT)
            for name, graph in graphs.items()
        ]
        if max(one.wait() for one in running):
            raise GraphError(f"{file}: the programs do not render")
        return {name: resources(graph) for name, graph in graphs.items()}


def _listed(environments: tuple[Judged, ...]) -> str:
    names = [each.environment for each in environments]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _counted(findings: int) -> str:
    if findings == 0:
        return "no finding stands"
    return "1 finding stands" if findings == 1 else f"{findings} findings stand"
