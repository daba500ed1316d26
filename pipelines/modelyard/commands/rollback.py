"""modelyard rollback: one command back to the version that served before, or to a named one.

Exits with 0 when the old version answers, with 1 when it cannot be brought back.
"""

import argparse
import time

from modelyard import rollback
from modelyard.commands import options
from modelyard.errors import ReleaseError

HELP = "go back to the previous version or a named one, also out of a release under way"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--env",
        choices=options.SERVING,
        required=True,
        help="the environment to act in; it has no default, because this changes what answers",
    )
    options.add_version(parser, "what served before")
    parser.add_argument("--reason", default="", metavar="TEXT", help="why; kept with the record")


def execute(arguments: argparse.Namespace) -> int:
    place = options.place(arguments)
    workspace = place.workspace()
    if workspace.serving.get("mode") == "batch":
        raise ReleaseError(
            "batch has no endpoint to go back; release the earlier version: "
            f"modelyard release --env {arguments.env} --version N"
        )
    begun = time.monotonic()
    wish = rollback.Wish(arguments.version, arguments.reason)
    now = rollback.roll_back(place, workspace, wish, options.say)
    seconds = time.monotonic() - begun
    options.say(f"{now.name} serves version {now.version} again, after {seconds:.1f} s")
    return 0
