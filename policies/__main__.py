"""python -m policies: ask what IAM would decide, and whether every promise holds, without AWS."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from typing import Final

from modelyard.errors import ModelyardError
from policies.ask import QuestionError
from policies.documents import DocumentError
from policies.evaluation import PolicyError
from policies.graph import GraphError
from policies.matrix import MatrixError
from policies.report_difference import ReportError

# Modules with `register(commands)`, which sets the function that runs as `run`.
COMMANDS: Final = ("policies.ask", "policies.matrix_command", "policies.check", "policies.report")
MISTAKES: Final = (
    DocumentError,
    GraphError,
    MatrixError,
    ModelyardError,
    PolicyError,
    QuestionError,
    ReportError,
    OSError,
)


def parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    top = argparse.ArgumentParser(prog="python -m policies", description=__doc__)
    commands = top.add_subparsers(dest="command", required=True)
    for name in COMMANDS:
        import_module(name).register(commands)
    return top


def main(arguments: list[str] | None = None) -> int:
    """What the command says; 2: a mistake in the arguments or the input, told in one line."""
    options = parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except BrokenPipeError:
        return 0
    except MISTAKES as error:
        print(f"policies: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
