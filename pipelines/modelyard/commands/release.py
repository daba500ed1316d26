"""modelyard release: brings an approved version into service and follows it to the end.

The approval's event usually starts the release by itself; this waits for it, asks for it where the
event got lost, and tells how far it is. Exits with 0 when the version serves.
"""

import argparse
import time
from typing import Any

from modelyard import registry, release, release_plan
from modelyard.aws import Place
from modelyard.commands import options
from modelyard.commands.release_progress import Progress
from modelyard.errors import ReleaseError
from modelyard.registry import Package
from modelyard.release_function import ask
from modelyard.workspace import Workspace

HELP = "bring an approved version into service and follow it"
_EVENT_WITHIN_S = 20.0
_BUSY_PAUSE_S, _BUSY_FOR_S = 5.0, 3600.0


def arguments(parser: argparse.ArgumentParser) -> None:
    options.add_environment(parser, "staging")
    options.add_version(parser, "the newest that is approved")
    parser.add_argument("--dry-run", action="store_true", help="print what would change, only")
    parser.add_argument(
        "--promote",
        action="store_true",
        help="let the challenger of a shadow or A/B release take everything",
    )


def execute(arguments: argparse.Namespace) -> int:
    options.require_environment(arguments, options.SERVING, "dev serves nothing")
    place = options.place(arguments)
    workspace = place.workspace()
    if arguments.promote:
        version = _begin(place, workspace, {"action": "promote"})
        return Progress(place, workspace, version, options.say).follow()
    package = registry.find(place, arguments.version, "Approved")
    if arguments.dry_run:
        plan = release_plan.plan(place, workspace, package, options.say)
        options.say(plan.text())
        return 0 if plan.possible else 1
    _require_approved(arguments.env, package)
    if _serves(place, workspace, package.version):
        options.say(f"{workspace.endpoint} serves {package.arn}")
        return 0
    if not _event_began(place, workspace, package.version):
        options.say("no event started this release; asking the release function")
        _begin(place, workspace, {"action": "release", "model_package_arn": package.arn})
    return Progress(place, workspace, package.version, options.say).follow()


def _require_approved(environment: str, package: Package) -> None:
    if package.status != "Approved":
        raise ReleaseError(f"version {package.version} is {package.status}, not Approved")
    if environment == "prod" and package.production != "Approved":
        raise ReleaseError(
            f"version {package.version} is not approved for production; "
            f"run `modelyard approve --stage production --version {package.version}`"
        )


def _serves(place: Place, workspace: Workspace, version: int) -> bool:
    """Whether the release is over already and what it brought still serves."""
    known, now = release.state(place, workspace), release.look(place)
    if known is None or (known.version, known.phase) != (version, "done"):
        return False
    return not known.config or (now is not None and now.config == known.config)


def _event_began(place: Place, workspace: Workspace, version: int) -> bool:
    """Whether the approval's event has begun the release, given a little time.

    A release of the version that ended badly is not begun again by itself, so nothing is awaited.
    """
    deadline = time.monotonic() + _EVENT_WITHIN_S
    for _, known in release.follow(place, workspace):
        if known is not None and known.version == version:
            return known.under_way
        if time.monotonic() > deadline:
            return False
    return False


def _begin(place: Place, workspace: Workspace, payload: dict[str, Any]) -> int:
    """Asks for the release until nothing else is under way; the version that began."""
    said, begun = "", time.monotonic()
    while time.monotonic() - begun < _BUSY_FOR_S:
        answer = ask(place, workspace, payload, options.say)
        if answer.get("refused"):
            raise ReleaseError(f"release refused: {answer['refused']}")
        if answer.get("outcome") != "busy":
            return int(answer["version"])
        if answer.get("reason") != said:
            said = str(answer.get("reason"))
            options.say(f"  waiting, {said}")
        time.sleep(_BUSY_PAUSE_S)
    raise ReleaseError(f"still waiting after {_BUSY_FOR_S / 60:.0f} minutes: {said}")
