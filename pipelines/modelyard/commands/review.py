"""modelyard review: records that a person looked at one decision again, and what came of it.

The record names the prediction and the model and holds nothing of the person's data: keep the
comment free of them too.
"""

import argparse

from modelyard.commands import options
from modelyard.commands.explain import add_day, day
from modelyard.errors import ModelyardError

OUTCOMES = ("upheld", "changed")
HELP = "record a person's review of one decision (as a model operator)"


def arguments(parser: argparse.ArgumentParser) -> None:
    options.add_environment(parser, "prod")
    parser.add_argument("inference_id", metavar="INFERENCE_ID", help="the prediction's passport")
    parser.add_argument(
        "--outcome",
        choices=OUTCOMES,
        required=True,
        help="upheld: the decision stands; changed: a person decided otherwise",
    )
    parser.add_argument(
        "--comment", required=True, help="why, without anything personal; kept for good"
    )
    add_day(parser)


def execute(arguments: argparse.Namespace) -> int:
    from modelyard import reviews

    options.require_environment(arguments, options.SERVING, "dev serves nothing")
    if not arguments.comment.strip():
        raise ModelyardError("--comment is empty; say why")
    place = options.place(arguments)
    uri = reviews.record(
        place, arguments.inference_id, arguments.outcome, arguments.comment, day(arguments.day)
    )
    options.say(f"the review of {arguments.inference_id} ({arguments.outcome}) is in {uri}")
    return 0
