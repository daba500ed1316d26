"""modelyard render: writes pipeline.json from project.yaml, offline."""

import argparse
from pathlib import Path

from modelyard.commands import options
from modelyard.errors import DefinitionError
from modelyard.project import load

HELP = "write pipeline.json from project.yaml (offline)"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="where to write (default: pipeline.json beside the project file)",
    )
    parser.add_argument(
        "--check", action="store_true", help="write nothing; fail when the file is not current"
    )


def execute(arguments: argparse.Namespace) -> int:
    from modelyard.definition import render

    project = load(arguments.project)
    file: Path = arguments.out or arguments.project.with_name("pipeline.json")
    text = render(project)
    if arguments.check:
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            raise DefinitionError(f"{file}: is not current; run `make render` and commit it")
        options.say(f"{file} is current")
        return 0
    file.write_text(text, encoding="utf-8")
    options.say(f"wrote {file}")
    return 0
