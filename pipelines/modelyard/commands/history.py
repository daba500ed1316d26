"""modelyard history: what was released when, by whom, and how it ended."""

import argparse

from modelyard import release_history
from modelyard.commands import options

HELP = "show the release records of an environment"
_SHOWN = 20


def arguments(parser: argparse.ArgumentParser) -> None:
    options.add_environment(parser, "prod")
    parser.add_argument("--limit", type=int, default=_SHOWN, metavar="N", help="the newest N only")
    options.add_json(parser)


def execute(arguments: argparse.Namespace) -> int:
    options.require_environment(arguments, options.SERVING, "dev serves nothing")
    place = options.place(arguments)
    found = release_history.records(place, place.workspace())[-max(1, arguments.limit) :]
    if arguments.json:
        options.print_json(found)
        return 0
    for record in found:
        reason = f"  {record['reason']}" if record.get("reason") else ""
        options.say(
            f"{record['time'][:19]}  version {record['version']}  {record['phase']:<12}"
            f"  {record.get('strategy', '')}{reason}"
        )
    if not found:
        options.say("no release yet")
    return 0
