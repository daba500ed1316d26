"""modelyard data history: what a data set was from run to run.

Per run: rows, the column with most missing values, files the contract refused, and the column whose
values moved furthest since the run before (0: not at all, 1: altogether).
"""

import argparse
from typing import TYPE_CHECKING

from modelyard.commands import options
from modelyard.errors import ModelyardError

if TYPE_CHECKING:
    from modelyard.data_history import DataRun

HELP = "rows, gaps, refusals and drift of a data set, run by run"
_SHOWN = 20


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the data set, as project.yaml calls it")
    parser.add_argument(
        "--limit", type=int, default=_SHOWN, metavar="N", help="the newest N runs only"
    )
    options.add_json(parser)


def execute(arguments: argparse.Namespace) -> int:
    from modelyard.data_history import history

    arguments.env = "dev"
    place = options.place(arguments)
    trained = place.project.dataset.name
    known = [dataset.name for dataset in place.project.data]
    if arguments.name not in known:
        raise ModelyardError(f"there is no data set {arguments.name}; known: {', '.join(known)}")
    if arguments.name != trained:
        raise ModelyardError(f"no run reads {arguments.name}: the pipeline trains on {trained}")
    workspace = place.workspace()
    runs = history(place.client("s3"), workspace.bucket_artifacts, workspace.bucket_raw)
    runs = runs[-max(1, arguments.limit) :]
    if arguments.json:
        options.print_json([run.document() for run in runs])
        return 0
    if not runs:
        options.say("no run has prepared it yet")
        return 0
    options.say(
        f"{'time':<17}{'rows':>9}{'expired':>9}{'refused':>9}  {'most missing':<26}furthest moved"
    )
    for run in runs:
        options.say(_line(run))
        for note in run.notes:
            options.say(f"{'':<17}{note}")
    return 0


def _line(run: "DataRun") -> str:
    missing = f"{run.missing[0]} {run.missing[1]:.1%}" if run.missing else "-"
    moved = f"{run.moved.column} {run.moved.distance:.2f}" if run.moved else "-"
    rows = "-" if run.rows is None else str(run.rows)
    refused = f"{run.refused} files" if run.refused else "-"
    return (
        f"{run.time:%Y-%m-%d %H:%M} {rows:>9}{run.expired or '-':>9}{refused:>9}"
        f"  {missing:<26}{moved}"
    )
