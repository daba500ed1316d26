"""modelyard weights: how much of an A/B test's traffic the challenger gets, from now on."""

import argparse

from modelyard import release
from modelyard.aws import polls
from modelyard.commands import options
from modelyard.errors import ReleaseError
from modelyard.functions.live import CHALLENGER, MAIN

HELP = "change the challenger's share of the requests in an A/B test"


def arguments(parser: argparse.ArgumentParser) -> None:
    options.add_environment(parser, "prod")
    parser.add_argument("--challenger", type=int, required=True, metavar="PERCENT", help="0 to 100")


def execute(arguments: argparse.Namespace) -> int:
    options.require_environment(arguments, options.SERVING, "dev serves nothing")
    percent: int = arguments.challenger
    if not 0 <= percent <= 100:
        raise ReleaseError(f"--challenger {percent}: write a percentage from 0 to 100")
    place = options.place(arguments)
    place.workspace()
    now = release.look(place)
    if now is None or CHALLENGER not in now.variants:
        raise ReleaseError(
            "no A/B test is running: set serving.rollout to 'ab', release a version, then weigh it"
        )
    wanted = {MAIN: float(100 - percent), CHALLENGER: float(percent)}
    sagemaker = place.client("sagemaker")
    sagemaker.update_endpoint_weights_and_capacities(
        EndpointName=now.name,
        DesiredWeightsAndCapacities=[
            {"VariantName": name, "DesiredWeight": weight} for name, weight in wanted.items()
        ],
    )
    for _ in polls(sagemaker):
        described = sagemaker.describe_endpoint(EndpointName=now.name)
        weights = {
            item["VariantName"]: item["CurrentWeight"] for item in described["ProductionVariants"]
        }
        if described["EndpointStatus"] == "InService" and weights == wanted:
            break
    options.say(f"{now.name}: {100 - percent} % {MAIN}, {percent} % {CHALLENGER}")
    return 0
