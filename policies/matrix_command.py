"""python -m policies matrix: every promise of the access matrix, judged and shown."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from modelyard.project import ENVIRONMENTS, load
from policies import matrix
from policies.graph import Graph, GraphError
from policies.landscape import Documents, Source, service_control
from policies.matrix_pages import Binder, html, markdown
from policies.matrix_text import explanation, summary, table
from policies.places import REGISTRY, Place, places
from policies.verdicts import Verdict, lines, verdicts

ROOT: Final = Path(__file__).resolve().parent.parent


def register(commands: Any) -> None:
    """Name the command and its arguments."""
    shown = commands.add_parser(
        "matrix",
        help="judge every promise about who may do what, and show the table",
        description="Without --graph or --rendered the persona documents are judged, with "
        "stand-ins for what AWS names. Exit code 1: a promise does not hold.",
    )
    shown.add_argument(
        "--project", type=Path, required=True, help="project.yaml, or the folder that holds it"
    )
    shown.add_argument("--env", choices=ENVIRONMENTS, help="this environment only")
    which = shown.add_mutually_exclusive_group()
    which.add_argument(
        "--graph", type=Path, action="append", help="judge rendered graphs (once per environment)"
    )
    which.add_argument(
        "--rendered", action="store_true", help="render the programs first, then judge them"
    )
    shown.add_argument(
        "--explain", metavar="ROW[:PERSONA[:ENV]]", help="the statement that decided, per cell"
    )
    shown.add_argument("--format", choices=("text", "markdown", "html"), default="text")
    shown.add_argument("--out", type=Path, help="write to this file")
    shown.add_argument("--plain", action="store_true", help="no colours")
    shown.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Judge and show; 1 when a promise does not hold."""
    file = options.project / "project.yaml" if options.project.is_dir() else options.project
    project = load(file)
    everywhere = places(project)
    chosen = {options.env: everywhere[options.env]} if options.env else everywhere
    source, values, judged_by = _source(options, file, everywhere, chosen)
    judged = verdicts(matrix.cells(), everywhere, values, source, service_control(everywhere))
    if options.explain:
        picked = _picked(options.explain, judged)
        _put(explanation(picked, everywhere, source), options.out)
        return 0 if all(one.kept for one in picked) else 1
    binder = Binder(project.title, chosen, judged_by, lines(judged), source)
    _put(_shown(binder, options), options.out)
    if options.out:
        print(summary(binder.lines))
    return 0 if all(one.kept for one in judged) else 1


def _shown(binder: Binder, options: argparse.Namespace) -> str:
    if options.format == "markdown":
        return markdown(binder)
    if options.format == "html":
        return html(binder)
    coloured = not options.plain and options.out is None and sys.stdout.isatty()
    return table(binder.lines, binder.environments, coloured)


def _source(
    options: argparse.Namespace,
    file: Path,
    everywhere: Mapping[str, Place],
    chosen: Mapping[str, Place],
) -> tuple[Source, dict[str, Mapping[str, str]], str]:
    """Where policies come from, the placeholders' values, and how to call it."""
    if not options.graph and not options.rendered:
        from_documents = Documents.of(everywhere)
        values = {name: from_documents.values[name] for name in chosen}
        return from_documents, dict(values), "the persona documents of policies/"
    if options.graph:
        graph = Graph.load(options.graph)
    else:
        graph = _rendered(file, dict.fromkeys((REGISTRY, *chosen)))
    registry = everywhere[REGISTRY]
    known = {name: graph.values(place, registry) for name, place in chosen.items()}
    return graph, dict(known), "the policies that the rendered programs attach"


def _rendered(file: Path, environments: Mapping[str, None]) -> Graph:
    """The programs as one graph per environment, rendered side by side."""
    with tempfile.TemporaryDirectory() as folder:
        graphs = {name: Path(folder) / f"{name}.json" for name in environments}
        command = [sys.executable, "-m", "sandbox", "render", "--project", str(file.resolve())]
        running = [
            subprocess.Popen([*command, "--env", name, "--out", str(graph)], cwd=ROOT)
            for name, graph in graphs.items()
        ]
        if max(one.wait() for one in running):
            raise GraphError(f"{file}: the programs do not render")
        return Graph.load(graphs.values())


def _picked(cell: str, judged: Sequence[Verdict]) -> list[Verdict]:
    row, persona, environment = (*cell.split(":"), "", "")[:3]
    found = [
        one
        for one in judged
        if one.cell.row == row
        and persona in ("", one.cell.persona)
        and environment in ("", one.cell.environment)
    ]
    if not found:
        raise matrix.MatrixError(f"no cell {cell}; write ROW, ROW:PERSONA or ROW:PERSONA:ENV")
    return found


def _put(text: str, out: Path | None) -> None:
    if out is None:
        print(text)
    else:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text if text.endswith("\n") else f"{text}\n", encoding="utf-8")
