"""modelyard fleet upgrade: upgrades many repos, each on a branch that is pushed for its team.

Nothing is pushed to a main branch, and nothing in which a person has to decide. Running it again
does what is left. Exit status 1 when a repo could not be upgraded or its tests fail.
"""

import argparse
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from modelyard.commands import options

if TYPE_CHECKING:
    from modelyard.upgrade.fleet import Row

HELP = "upgrade many repos, each on a pushed branch"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file",
        type=Path,
        metavar="FILE",
        help="git addresses, one a line, or the output of `modelyard fleet --json`",
    )
    parser.add_argument("--to", metavar="VERSION|COMMIT", help="where to (default: the newest)")
    parser.add_argument(
        "--work",
        type=Path,
        default=Path("build/fleet-upgrade"),
        metavar="DIR",
        help="where clones and logs lie (default: build/fleet-upgrade)",
    )
    parser.add_argument(
        "--jobs",
        type=int,
        default=min(4, os.cpu_count() or 1),
        metavar="N",
        help="repos at a time (default: %(default)s)",
    )
    parser.add_argument(
        "--pull-request", action="store_true", help="open a pull request by gh or glab"
    )


def execute(arguments: argparse.Namespace) -> int:
    from modelyard.upgrade.fleet import Order, upgrade_all
    from modelyard.upgrade.fleet_list import read

    repos = read(arguments.file)
    order = Order(arguments.work.absolute(), arguments.to, arguments.pull_request)
    begun = time.monotonic()
    rows = upgrade_all(
        repos, order, max(1, arguments.jobs), lambda row: options.say(f"{row.name}: {row.result}")
    )
    options.say("")
    for line in table(rows):
        options.say(line)
    failed = sum(not row.succeeded for row in rows)
    options.say(
        f"{len(rows)} {'repo' if len(rows) == 1 else 'repos'} in {time.monotonic() - begun:.0f} s, "
        f"{failed or 'none'} of them need a look; clones and logs are in {order.work}"
    )
    return 1 if failed else 0


def table(rows: Sequence["Row"]) -> list[str]:
    """The rows in columns, as wide as they need to be."""
    cells = [("repo", "from", "to", "branch", "result")]
    cells += [
        (row.name, row.old, row.new, row.branch, f"{row.result} {row.link}".strip()) for row in rows
    ]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in cells
    ]
