"""modelyard mitigate: what reweighing or another threshold would do to bias, and at what price.

Runs here, on the project's own data, and changes nothing: it fits the team's model anew for each
row of its table and prints how to adopt what the table shows.
"""

import argparse
import contextlib
import os
import shutil
import sys
import tempfile
from pathlib import Path

from modelyard.commands import options
from modelyard.errors import ModelyardError

HELP = "compare mitigations of bias on the project's own data; changes nothing"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--prepared",
        type=Path,
        metavar="FOLDER",
        help="rows the prepare job wrote (default: prepares project.yaml's data set first)",
    )
    options.add_json(parser)


def execute(arguments: argparse.Namespace) -> int:
    from modelyard import trade_off
    from modelyard.jobs.context import load_setting

    file = arguments.project.absolute()
    os.environ["MODELYARD_PROJECT_FILE"] = str(file)
    setting = load_setting()
    source = file.parent / "src"
    with tempfile.TemporaryDirectory() as scratch:
        folder = arguments.prepared or _prepared(
            file.parent / setting.project.dataset.source, Path(scratch)
        )
        rows = trade_off.table(setting.project, setting.contract, folder, source)
    if arguments.json:
        options.print_json(rows)
    else:
        for line in trade_off.lines(rows):
            options.say(line)
    return 0


def _prepared(data: Path, scratch: Path) -> Path:
    """The data set's rows as the pipeline would prepare them; what it says goes to stderr."""
    from modelyard.jobs.prepare import prepare

    if not data.exists():
        raise ModelyardError(f"{data}: no such file; name prepared rows with --prepared")
    folder, output = scratch / "data", scratch / "prepared"
    if data.is_dir():
        folder = data
    else:
        folder.mkdir()
        shutil.copy(data, folder / data.name)
    with contextlib.redirect_stdout(sys.stderr):
        prepare(folder, output)
    return output
