"""What several subcommands take, and how they print."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from modelyard.aws import Place
from modelyard.errors import ModelyardError
from modelyard.project import ENVIRONMENTS, load

SERVING = ("staging", "prod")


def add_project(parser: argparse.ArgumentParser) -> None:
    """--project, the file every subcommand begins with."""
    parser.add_argument(
        "--project",
        type=Path,
        default=Path("project.yaml"),
        metavar="FILE",
        help="the project contract (default: project.yaml)",
    )


def add_environment(parser: argparse.ArgumentParser, default: str) -> None:
    """--env, for subcommands that ask AWS."""
    parser.add_argument(
        "--env",
        choices=ENVIRONMENTS,
        default=default,
        help=f"the environment to act in (default: {default})",
    )


def add_version(parser: argparse.ArgumentParser, default: str) -> None:
    """--version, for subcommands about one model package."""
    parser.add_argument(
        "--version", type=int, metavar="N", help=f"the model version (default: {default})"
    )


def add_json(parser: argparse.ArgumentParser) -> None:
    """--json, for subcommands whose answer a program may want."""
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def place(arguments: argparse.Namespace) -> Place:
    """The project's environment that the arguments name."""
    return Place(load(arguments.project), arguments.env)


def require_environment(arguments: argparse.Namespace, allowed: tuple[str, ...], why: str) -> None:
    """Refuses an environment in which the subcommand makes no sense."""
    if arguments.env not in allowed:
        raise ModelyardError(f"--env {arguments.env}: {why}; use --env {' or '.join(allowed)}")


def print_json(document: Any) -> None:
    """One JSON document on standard output."""
    print(json.dumps(document, indent=2, sort_keys=True, default=str))


def complain(text: str) -> None:
    """One line of what went wrong, on standard error."""
    print(text, file=sys.stderr, flush=True)


def say(text: str) -> None:
    """One line at once, also into a pipe."""
    print(text, flush=True)
