"""modelyard data forget: removes a person's rows and captured predictions, and proves it.

Acts in one environment: data for modelling are in dev, captured predictions in staging and prod.
Models that learned from the person are named, not touched: what becomes of them is a decision.
"""

import argparse
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from modelyard.commands import options

if TYPE_CHECKING:
    from modelyard.forgetting.forget import Outcome

HELP = "remove a person's rows and captured predictions, and prove it"


def arguments(parser: argparse.ArgumentParser) -> None:
    options.add_environment(parser, "dev")
    parser.add_argument(
        "--subject",
        required=True,
        metavar="ID",
        help="the person, as the data name them; - reads it from standard input",
    )
    parser.add_argument("--dataset", metavar="NAME", help="this data set only (default: all)")
    parser.add_argument(
        "--dry-run", action="store_true", help="say what would be removed; change nothing"
    )
    options.add_json(parser)


def execute(arguments: argparse.Namespace) -> int:
    from modelyard.forgetting.forget import Request, chosen, forget

    place = options.place(arguments)
    subject = sys.stdin.readline() if arguments.subject == "-" else arguments.subject
    if not subject.strip():
        options.complain("modelyard: --subject is empty; name the person as the data do")
        return 1
    datasets = chosen(place, arguments.dataset)
    request = Request(subject.strip(), datasets, arguments.dry_run)
    outcome = forget(place, request, datetime.now(UTC))
    if arguments.json:
        options.print_json({**outcome.record, "proof": outcome.proof})
    else:
        _tell(outcome, arguments.dry_run)
    return 1 if outcome.search.missed else 0


def _tell(outcome: "Outcome", dry_run: bool) -> None:
    would = "would remove" if dry_run else "removed"
    for one in outcome.record["objects"]:
        held = len(one["versions_removed"])
        options.say(f"{would} {one['rows']} rows of {one['uri']} ({held} versions)")
    if not outcome.record["objects"]:
        options.say("no row and no captured prediction is about this person")
    if outcome.models:
        options.say("models that learned from the person, or were judged by them; decide:")
    for model in outcome.models:
        options.say(f"  {model.sentence}")
    for sentence in outcome.record["not_reached"]:
        options.say(f"not reached: {sentence}")
    options.say(f"proof: {outcome.proof}" if outcome.proof else "nothing was changed (dry run)")
