"""modelyard fleet: every project of the platform; who is abandoned, who breaks a rule.

Reads bulk lists only, as a platform-admin of each account; no project.yaml is needed. Exit status 0
means that all is known, whatever was found; 1 that something could not be read: it is named.
"""

import argparse
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

from modelyard.commands import fleet_upgrade, options
from modelyard.errors import ModelyardError

HELP = "platform: every project, how far behind, who is abandoned or non-compliant"
# A fleet has no project of its own.
OF_A_PROJECT = False
THREADS = 16
_ACTIONS: dict[str, ModuleType] = {"upgrade": fleet_upgrade}
_KINDS = ("abandoned", "non-compliant")


def arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    for name, module in _ACTIONS.items():
        sub = actions.add_parser(name, help=module.HELP, description=module.__doc__)
        module.arguments(sub)
        sub.set_defaults(act=module.execute)
    parser.set_defaults(act=_list)
    for name, meaning in (
        ("--profile", "an account's AWS profile; repeat it for each account"),
        ("--region", "a region; repeat it for each (default: the profile's)"),
        ("--project", "show this project only; repeat it for several"),
    ):
        parser.add_argument(name, action="append", default=[], metavar="NAME", help=meaning)
    parser.add_argument("--only", choices=_KINDS, help="show these projects only")
    for name, default, meaning in (
        ("--abandoned-after", 90, "days without a run, release or judged window"),
        ("--behind", 1, "minor versions that package and template may lag"),
        ("--model-age", 365, "days after which a model that serves is old"),
    ):
        parser.add_argument(
            name, type=_whole, default=default, metavar="N", help=f"{meaning} (default: {default})"
        )
    parser.add_argument("--html", type=Path, metavar="FILE", help="write a page, too")
    options.add_json(parser)


def execute(arguments: argparse.Namespace) -> int:
    act: Callable[[argparse.Namespace], int] = arguments.act
    return act(arguments)


def _list(arguments: argparse.Namespace) -> int:
    # Nothing heavy is loaded before the command is known.
    from modelyard.fleet import account, document, page, projects, report, table
    from modelyard.fleet.limits import Limits

    limits = Limits(
        abandoned_after=arguments.abandoned_after,
        minor_versions=arguments.behind,
        model_days=arguments.model_age,
    )
    doors = account.opened(arguments.profile, arguments.region, THREADS)
    fleet = projects.read(
        doors, datetime.now(UTC), version("modelyard"), limits.abandoned_after, THREADS
    )
    found = report.report(fleet, limits, arguments.only, arguments.project)
    if arguments.html:
        _write(arguments.html, page.page(found))
    if arguments.json:
        options.print_json(document.document(found))
        for gap in fleet.gaps:
            options.complain(f"not known: {gap}")
    else:
        for line in table.lines(found):
            options.say(line)
    return 1 if fleet.gaps else 0


def _write(file: Path, text: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ModelyardError(f"--html {file}: {error.strerror}; choose another path") from None


def _whole(text: str) -> int:
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"'{text}' is no whole number; write 0 or more")
    return int(text)
