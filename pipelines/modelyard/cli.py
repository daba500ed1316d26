"""The command line: `modelyard SUBCOMMAND`; a user's mistake is one line and exit status 1."""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from modelyard.commands import options
from modelyard.errors import ModelyardError

SUBCOMMANDS = (
    "adopt",
    "render",
    "upload",
    "data",
    "image",
    "publish",
    "run",
    "runs",
    "status",
    "mitigate",
    "approve",
    "release",
    "rollback",
    "weights",
    "compare",
    "history",
    "silence",
    "predict",
    "actuals",
    "monitor",
    "explain",
    "review",
    "trace",
    "reproduce",
    "report",
    "card",
    "technical-file",
    "upgrade",
    "doctor",
    "fleet",
    "schema",
)
_EPILOG = """\
Credentials and region come from the AWS SDK's usual places; AWS_ENDPOINT_URL is honoured.
A model's way: render, publish, run (a data scientist), approve (another person), release, predict.
When it goes wrong: status, monitor, doctor, rollback, history.
"""


def parser() -> argparse.ArgumentParser:
    """The parser of all subcommands."""
    top = argparse.ArgumentParser(
        prog="modelyard",
        description="Takes a model from project.yaml to governed production on Amazon SageMaker.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    subparsers = top.add_subparsers(dest="subcommand", metavar="SUBCOMMAND", required=True)
    for name in SUBCOMMANDS:
        module = import_module(f"modelyard.commands.{name.replace('-', '_')}")
        sub = subparsers.add_parser(name, help=module.HELP, description=module.__doc__)
        if getattr(module, "OF_A_PROJECT", True):
            options.add_project(sub)
        module.arguments(sub)
        sub.set_defaults(execute=module.execute)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a subcommand and returns the exit status."""
    arguments = parser().parse_args(argv)
    try:
        return int(arguments.execute(arguments))
    except ModelyardError as error:
        return _fail(str(error))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read our output has left; nothing more can be told.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        from botocore.exceptions import BotoCoreError, ClientError

        from modelyard.aws import explain

        if isinstance(error, BotoCoreError | ClientError):
            return _fail(explain(error))
        raise


def _fail(message: str) -> int:
    for line in message.splitlines():
        print(f"modelyard: {line}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
