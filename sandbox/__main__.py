"""The sandbox's command line: `python -m sandbox <command>`."""

from __future__ import annotations

import argparse
import sys

from sandbox import control_commands, identity, image, journey, server
from sandbox.cost import commands as cost
from sandbox.errors import SandboxError
from sandbox.provider import commands as provider
from sandbox.provider.plugin import commands as plugin

# Each module names its commands in `register(subparsers)` and sets `func` on them.
COMMANDS = (server, control_commands, image, identity, provider, plugin, cost, journey)


def parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    top = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    subparsers = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for module in COMMANDS:
        module.register(subparsers)
    return top


def main(argv: list[str] | None = None) -> int:
    """Run one command; its exit code."""
    arguments = parser().parse_args(argv)
    try:
        return int(arguments.func(arguments) or 0)
    except SandboxError as error:
        print(f"sandbox: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
