"""modelyard release: waits until an environment serves an approved version."""

import argparse
import time

from modelyard import registry, release
from modelyard.aws import Place
from modelyard.commands import options
from modelyard.errors import ReleaseError
from modelyard.registry import Package

HELP = "wait until an environment serves an approved version"
_EVENT_WITHIN_S = 20.0


def arguments(parser: argparse.ArgumentParser) -> None:
    options.add_environment(parser, "staging")
    options.add_version(parser, "the newest that is approved")
    parser.add_argument("--dry-run", action="store_true", help="print what would change, only")


def execute(arguments: argparse.Namespace) -> int:
    options.require_environment(arguments, options.SERVING, "dev serves nothing")
    place = options.place(arguments)
    workspace = place.workspace()
    package = registry.find(place, arguments.version, "Approved")
    if package.status != "Approved":
        raise ReleaseError(f"version {package.version} is {package.status}, not Approved")
    if arguments.env == "prod" and package.production != "Approved":
        raise ReleaseError(
            f"version {package.version} is not approved for production; "
            f"run `modelyard approve --stage production --version {package.version}`"
        )
    now = release.look(place)
    if arguments.dry_run:
        options.say(_plan(now, package, workspace.endpoint))
        return 0
    if not _begun(now, package):
        now = _await_event(place, package)
    if not _begun(now, package):
        options.say("no event started this release; asking the release function")
        outcome = release.push(place, workspace, package)
        options.say(f"release function: {outcome.get('outcome')}")
    return _await_service(place, package)


def _plan(now: release.Endpoint | None, package: Package, endpoint: str) -> str:
    if now is None:
        return f"would create endpoint {endpoint} with version {package.version}"
    if now.version == package.version:
        return f"endpoint {endpoint} already has version {package.version} ({now.status})"
    return f"would update endpoint {endpoint} from version {now.version} to {package.version}"


def _begun(now: release.Endpoint | None, package: Package) -> bool:
    return now is not None and now.coming == package.version and now.status != "Failed"


def _await_event(place: Place, package: Package) -> release.Endpoint | None:
    """The approval's event usually does all; it is given a little time."""
    deadline = time.monotonic() + _EVENT_WITHIN_S
    now = None
    for now in release.follow(place):
        if _begun(now, package) or time.monotonic() > deadline:
            break
    return now


def _await_service(place: Place, package: Package) -> int:
    said, started = "", time.monotonic()
    for now in release.follow(place):
        if now is None:
            continue
        if now.status != said:
            said = now.status
            seconds = time.monotonic() - started
            options.say(f"  {now.name} {said.lower()} (version {now.coming}) {seconds:6.1f} s")
        if now.serves(package.version):
            options.say(f"{now.name} serves {package.arn}")
            return 0
        if now.status == "Failed" or (now.status == "InService" and not _begun(now, package)):
            raise ReleaseError(f"version {package.version} did not come into service: {now.reason}")
    return 1
