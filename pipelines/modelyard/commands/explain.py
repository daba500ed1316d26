"""modelyard explain: why one prediction came out as it did, what would have changed it, a letter.

Reads the captured request and the registered model, and answers from those alone. The letter is for
the person concerned; --json holds everything, with exact contributions.
"""

import argparse
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modelyard.commands import options
from modelyard.errors import DecisionError

if TYPE_CHECKING:
    from modelyard.decided import Decided

HELP = "explain one decision in plain language, with what would have changed it"


def arguments(parser: argparse.ArgumentParser) -> None:
    options.add_environment(parser, "prod")
    parser.add_argument("inference_id", metavar="INFERENCE_ID", help="the prediction's passport")
    parser.add_argument(
        "--row", type=int, default=1, metavar="N", help="which row of the request (default: 1)"
    )
    add_day(parser)
    parser.add_argument(
        "--letter", type=Path, metavar="FILE", help="write the letter: .html, .md or .txt"
    )
    options.add_json(parser)


def execute(arguments: argparse.Namespace) -> int:
    from modelyard import letter
    from modelyard.decided import decided

    options.require_environment(arguments, options.SERVING, "dev serves nothing")
    place = options.place(arguments)
    found = decided(place, arguments.inference_id, arguments.row, day(arguments.day))
    written = letter.letter(place.project, found)
    if arguments.letter:
        letter.write(written, arguments.letter)
    if arguments.json:
        options.print_json(document(found))
    elif arguments.letter:
        options.say(f"the letter is in {arguments.letter}")
    else:
        options.say(letter.text(written).rstrip())
        for line in _assumed(found):
            options.say(line)
    return 0


def add_day(parser: argparse.ArgumentParser) -> None:
    """--day, for subcommands that look for a captured record."""
    parser.add_argument("--day", metavar="YYYY-MM-DD", help="when the prediction was made (UTC)")


def day(stated: str | None) -> date | None:
    """The day that was stated, if it is one."""
    try:
        return None if stated is None else date.fromisoformat(stated)
    except ValueError:
        raise DecisionError(f"--day {stated}: write it as YYYY-MM-DD") from None


def document(found: "Decided") -> dict[str, Any]:
    """Everything that is known of the decision, as plain data."""
    return {
        "inference_id": found.inference_id,
        "time": found.time.isoformat(),
        "model_package_arn": found.package.arn,
        "version": found.package.version,
        "answer": dict(found.answer),
        "reasons": [asdict(reason) for reason in found.reasons],
        "no_reasons": found.why_not,
        "counterfactuals": None if found.otherwise is None else asdict(found.otherwise),
    }


def _assumed(found: "Decided") -> list[str]:
    if found.otherwise is None or not found.otherwise.assumed:
        return []
    return [
        "",
        f"(taken to be changeable because data_contract.yaml does not say: "
        f"{', '.join(found.otherwise.assumed)}; state 'actionable' there)",
    ]
