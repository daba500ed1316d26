"""modelyard image: waits for ECR's scan of a pushed image, and prints the address to run."""

import argparse
import base64
from typing import Any

from modelyard import images
from modelyard.commands import options

HELP = "check a pushed image for known vulnerabilities and print the address to run"
TOLERATED = ("low", "medium", "high", "critical")


def arguments(parser: argparse.ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--image", metavar="URI@DIGEST", help="what `docker buildx` pushed")
    what.add_argument(
        "--password",
        action="store_true",
        help="print the registry's password, for `docker login --username AWS --password-stdin`",
    )
    parser.add_argument(
        "--tolerate",
        choices=TOLERATED,
        default="medium",
        help="the worst severity that does not stop it (default: medium)",
    )
    parser.add_argument(
        "--accept",
        metavar="CVE",
        action="append",
        default=[],
        help="a vulnerability that was reviewed and does not matter here; may be repeated",
    )
    parser.add_argument(
        "--wait", type=float, default=600.0, metavar="SECONDS", help="for the scan (default: 600)"
    )
    options.add_environment(parser, "dev")


def execute(arguments: argparse.Namespace) -> int:
    options.require_environment(arguments, ("dev",), "images live where the registry is")
    place = options.place(arguments)
    ecr = place.client("ecr")
    if arguments.password:
        print(password(ecr))
        return 0
    image = images.to_run(ecr, images.Image.parse(arguments.image))
    found = images.vulnerabilities(ecr, image, arguments.wait)
    stopping = images.standing(found, arguments.tolerate.upper(), arguments.accept)
    for one in stopping:
        options.complain(str(one))
    if stopping:
        raise images.ImageError(
            f"{image} has {len(stopping)} of {len(found)} known vulnerabilities worse than "
            f"{arguments.tolerate}; rebuild it on a patched base image (`make image FRESH=1`), or "
            "pass --accept for what was reviewed"
        )
    options.complain(f"{len(found)} known vulnerabilities, none worse than {arguments.tolerate}")
    print(image)
    return 0


def password(ecr: Any) -> str:
    """What Docker signs in with for twelve hours, as the caller's own identity."""
    (data,) = ecr.get_authorization_token()["authorizationData"]
    return base64.b64decode(data["authorizationToken"]).decode().partition(":")[2]
