"""python -m policies report: one project for the audit binder, as JSON and as one page to print."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, Final

from modelyard.project import Project
from modelyard.project import load as load_project
from policies import controls, matrix
from policies.check import resources
from policies.duties import duties
from policies.exemptions import ExemptionError
from policies.exemptions import load as load_exemptions
from policies.graph import Graph, GraphError
from policies.guardrails.catalogue import all_rules
from policies.guardrails.judgement import judge
from policies.landscape import Documents, Source, service_control
from policies.places import REGISTRY, places
from policies.project_report import Judged, Material, document, written
from policies.provenance import provenance
from policies.report_difference import ReportError, difference
from policies.report_difference import load as load_report
from policies.verdicts import Line, lines, verdicts

ROOT: Final = Path(__file__).resolve().parent.parent
DEFAULT_OUT: Final = Path("build/report")


def register(commands: Any) -> None:
    """Name the command and its arguments."""
    report = commands.add_parser(
        "report",
        help="write a project's report: access, duties, guardrails, exemptions, controls",
        description="Writes report.json and report.html, the same bytes for the same inputs. Exit "
        "code 1: a promise or duty is broken, a finding stands, an exemption has expired, or the "
        "list of controls contradicts itself.",
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
    report.add_argument(
        "--model",
        type=Path,
        action="append",
        metavar="FOLDER",
        help="the report of a model, from `modelyard report`; may be repeated",
    )
    report.add_argument(
        "--previous", type=Path, metavar="FOLDER", help="an earlier report to compare with"
    )
    report.add_argument("--out", type=Path, default=DEFAULT_OUT, help=f"folder ({DEFAULT_OUT})")
    report.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Write data and page; 1 when something stands."""
    from policies.report_html import page

    wrong = list(controls.problems(controls.load()))
    try:
        found = _found(options)
    except ExemptionError as error:
        wrong.append(str(error))
    if wrong:
        print(*(f"policies: {each}" for each in wrong), sep="\n", file=sys.stderr)
        return 1
    options.out.mkdir(parents=True, exist_ok=True)
    for name, text in (("report.json", written(found)), ("report.html", page(found))):
        (options.out / name).write_text(text, encoding="utf-8")
    print(options.out / "report.html")
    print(found["verdict"]["sentence"])
    return 0 if found["verdict"]["clean"] else 1


def _found(options: argparse.Namespace) -> dict[str, Any]:
    file = options.project / "project.yaml" if options.project.is_dir() else options.project
    project = load_project(file)
    exemptions = load_exemptions(date.today())
    models = sorted(map(_model, options.model or ()), key=lambda one: int(one["version"]))
    before, sha256 = load_report(options.previous) if options.previous else (None, "")
    with _graphs(options.graph, file, project) as graphs:
        judged = [(name, resources(graph)) for name, graph in graphs.items()]
        table, judged_by = _matrix(project, graphs)
        material = Material(
            project,
            tuple(
                Judged(name, estate, judge(estate, all_rules(), exemptions))
                for name, estate in judged
            ),
            table,
            judged_by,
            duties(places(project)),
            controls.load(),
            exemptions,
            provenance(file, graphs),
            models,
        )
    found = document(material)
    whole = {**found, "difference": difference(found, before, sha256)}
    # As reading the file gives it, so that the page can be made again from the file.
    return dict(json.loads(written(whole)))


def _matrix(project: Project, graphs: Mapping[str, Path]) -> tuple[Sequence[Line], str]:
    """The access matrix by the graphs, if every environment has one, or else by the documents."""
    everywhere = places(project)
    source: Source = Documents.of(everywhere)
    values: Mapping[str, Mapping[str, str]] = Documents.of(everywhere).values
    judged_by = "the persona documents of policies/"
    if set(everywhere) <= set(graphs):
        graph = Graph.load(graphs.values())
        registry = everywhere[REGISTRY]
        values = {name: graph.values(place, registry) for name, place in everywhere.items()}
        source, judged_by = graph, "the policies that the rendered programs attach"
    asked = verdicts(matrix.cells(), everywhere, values, source, service_control(everywhere))
    return lines(asked), judged_by


def _model(folder: Path) -> dict[str, Any]:
    """What a project's report says of a model's own."""
    found, sha256 = load_report(folder)
    if found["kind"] != "model":
        raise ReportError(f"{folder}: not a model's report; make it with `modelyard report`")
    return {
        "version": found["model"]["version"],
        "arn": found["model"]["arn"],
        "verdict": found["verdict"]["sentence"],
        "state": found["verdict"]["state"],
        "sha256": sha256,
    }


@contextmanager
def _graphs(
    stated: Iterable[str] | None, file: Path, project: Project
) -> Iterator[dict[str, Path]]:
    """The graphs that are stated, or else those of every environment, rendered side by side."""
    if stated:
        yield dict(_stated(stated))
        return
    command = [sys.executable, "-m", "sandbox", "render", "--project", str(file.resolve())]
    with tempfile.TemporaryDirectory() as folder:
        graphs = {name: Path(folder) / f"{name}.json" for name in project.environments}
        running = [
            subprocess.Popen([*command, "--env", name, "--out", str(graph)], cwd=ROOT)
            for name, graph in graphs.items()
        ]
        if max(one.wait() for one in running):
            raise GraphError(f"{file}: the programs do not render")
        yield {str(name): graph for name, graph in graphs.items()}


def _stated(graphs: Iterable[str]) -> Iterator[tuple[str, Path]]:
    for stated in graphs:
        name, equals, file = stated.partition("=")
        if not equals:
            raise GraphError(f"--graph {stated}: write ENV=FILE, as in dev=dev.json")
        yield name, Path(file)
