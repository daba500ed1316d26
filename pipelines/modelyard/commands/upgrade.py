"""modelyard upgrade: brings the template's and the package's changes into this repo, on a branch.

What the team wrote stays; conflicts are git's own. The repo's lint and tests decide.
"""

import argparse

from modelyard.commands import options

HELP = "bring this repo to another version of the platform, on a branch"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--to",
        metavar="VERSION|COMMIT",
        help="where to (default: the checkout this runs from, or the newest version)",
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="change nothing; exit with 1 when the repo is behind",
    )


def execute(arguments: argparse.Namespace) -> int:
    from modelyard.upgrade.plan import plan
    from modelyard.upgrade.upgrade import upgrade

    repo = arguments.project.absolute().parent
    if arguments.check:
        found = plan(repo, arguments.to, options.say)
        more = "; run `make upgrade`" if found.is_behind else ""
        options.say(found.sentence + more)
        return int(found.is_behind)
    return 0 if upgrade(repo, arguments.to, options.say).succeeded else 1
