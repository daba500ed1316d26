"""modelyard adopt: brings an existing repo under Modelyard without moving any of its files.

Reads the repo's code without running it, shows what it found and what it will write, and asks for
the rest; every answer is an option too. What it writes is left uncommitted, for review.
"""

import argparse
import shlex
import sys
from pathlib import Path

from modelyard.adopt.errors import AdoptError
from modelyard.commands.options import say

HELP = "bring an existing repo under Modelyard, where its files lie"
OF_A_PROJECT = False
STATED = ("name", "estimator", "data", "target", "problem", "protected", "row_key")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "path", nargs="?", default=".", metavar="PATH", help="the repo (default: .)"
    )
    parser.add_argument("--name", help="the project's name in AWS, for good")
    parser.add_argument(
        "--estimator", metavar="MODULE:FUNCTION", help="what builds the unfitted model"
    )
    parser.add_argument("--data", metavar="FILE", help="the CSV or Parquet file it learns from")
    parser.add_argument("--target", metavar="COLUMN", help="the column to predict")
    parser.add_argument("--problem", metavar="KIND", help="binary, multiclass or regression")
    parser.add_argument("--protected", metavar="COLUMNS", help="protected attributes: a,b")
    parser.add_argument("--row-key", metavar="COLUMN", help="the column that names each row")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="ANSWER=VALUE",
        help="an answer of the template: owner, data_scientist, model_approver, aws_account, ...",
    )
    parser.add_argument("--ci", choices=("github", "gitlab"), help="write CI beside their own")
    parser.add_argument(
        "--makefile", action="store_true", help="add one line to their Makefile: make modelyard-try"
    )
    parser.add_argument("--no-input", action="store_true", help="ask nothing; say what lacks")
    parser.add_argument("--dry-run", action="store_true", help="show what would be written")
    parser.add_argument(
        "--allow-dirty", action="store_true", help="adopt although something is not committed"
    )


def execute(arguments: argparse.Namespace) -> int:
    # Reading data takes libraries that `modelyard --help` need not wait for.
    from modelyard.adopt.adoption import Wishes, adopted, prepare
    from modelyard.adopt.interview import home_of

    repo = home_of(arguments.path)
    name = adopted(repo)
    if name:
        say(f"{name} is adopted already (project.yaml); nothing was changed")
        return 0
    ask = None if arguments.no_input or not sys.stdin.isatty() else _ask
    wishes = Wishes(
        {option: getattr(arguments, option) for option in STATED},
        dict(_pair(text) for text in arguments.set),
        arguments.ci,
        arguments.makefile,
        arguments.allow_dirty,
    )
    plan = prepare(repo, wishes, ask, say)
    if arguments.dry_run:
        say("Nothing was written (--dry-run).")
        return 0
    if ask is not None and ask("Write this? (yes, no)", "yes").lower() not in ("yes", "y"):
        say("Nothing was written.")
        return 1
    plan.write(repo)
    make = "make" if plan.new.get("Makefile") else "make -f modelyard.mk"
    here = "" if repo == Path.cwd() else f"cd {shlex.quote(str(repo))} && "
    say(f"Written. Next: {here}{make} test, then {make} try; then review and commit.")
    say("Before AWS, put people, account and objective into project.yaml: they are examples.")
    return 0


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise AdoptError(f"--set {text}: write ANSWER=VALUE, such as owner=credit-team")
    return name, value


def _ask(question: str, default: str) -> str:
    shown = f" [{default}]" if default else ""
    try:
        return input(f"{question}{shown}: ").strip() or default
    except EOFError:
        raise AdoptError("no answer came; state the rest as options (--help)") from None
