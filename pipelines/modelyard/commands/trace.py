"""modelyard trace: from a prediction to all its model was made of, or from data to its models.

One hop after the other, each proved by what is stored or said not to be. Exit status 1 where what
is stored contradicts what was recorded.
"""

import argparse
from datetime import date, datetime

from modelyard.commands import options
from modelyard.errors import TraceError
from modelyard.functions.windows import moment
from modelyard.project import EnvironmentName
from modelyard.trace import learned, text, trace
from modelyard.trace.backward import Wanted
from modelyard.trace.forward import Asked

HELP = "follow a prediction back to model, approvals, code and data, or data to its models"
_SERVING: tuple[EnvironmentName, ...] = ("staging", "prod")


def arguments(parser: argparse.ArgumentParser) -> None:
    options.add_environment(parser, "prod")
    asked = parser.add_mutually_exclusive_group(required=True)
    asked.add_argument("inference_id", nargs="?", metavar="INFERENCE_ID", help="of the prediction")
    asked.add_argument(
        "--dataset",
        metavar="SHA256",
        help="instead: which models learned from these rows or this file (hash or S3 version id)",
    )
    asked.add_argument(
        "--version", type=int, metavar="N", help="instead: which models share this one's data"
    )
    asked.add_argument("--file", metavar="S3_URI", help="instead: which models learned from it")
    parser.add_argument("--day", metavar="YYYY-MM-DD", help="when the prediction was made (UTC)")
    parser.add_argument(
        "--at",
        metavar="TIME",
        help="its exact time (UTC), to go by the releases where captured rows may not be read",
    )
    options.add_json(parser)


def execute(arguments: argparse.Namespace) -> int:
    place = options.place(arguments)
    if arguments.inference_id is None:
        wanted = Wanted(arguments.dataset or "", arguments.version, arguments.file or "")
        found, gaps = learned(place, wanted, _SERVING)
        if arguments.json:
            models = [one.document() for one in found]
            options.print_json({"data": wanted.name, "models": models, "gaps": gaps})
        else:
            options.say("\n".join(text.backward(wanted, found, gaps)))
        return 0
    options.require_environment(arguments, options.SERVING, "dev serves nothing")
    asked = Asked(arguments.inference_id, _day(arguments.day), _time(arguments.at))
    traced = trace(place, asked)
    if arguments.json:
        options.print_json(traced.document())
    else:
        options.say("\n".join(text.forward(traced)))
    return 1 if traced.broken else 0


def _day(stated: str | None) -> date | None:
    try:
        return None if stated is None else date.fromisoformat(stated)
    except ValueError:
        raise TraceError(f"--day {stated}: write it as YYYY-MM-DD") from None


def _time(stated: str | None) -> datetime | None:
    try:
        return None if stated is None else moment(stated)
    except ValueError:
        raise TraceError(f"--at {stated}: write it as YYYY-MM-DDTHH:MM:SSZ") from None
