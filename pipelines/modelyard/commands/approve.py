"""modelyard approve: an approver's decision about one model version."""

import argparse

from modelyard import registry
from modelyard.commands import options
from modelyard.errors import RegistryError

HELP = "approve or reject a model version (as a model approver)"


def arguments(parser: argparse.ArgumentParser) -> None:
    options.add_environment(parser, "dev")
    options.add_version(parser, "the newest that is pending")
    parser.add_argument("--reject", action="store_true", help="reject it instead")
    parser.add_argument("--comment", required=True, help="why; kept with the decision")


def execute(arguments: argparse.Namespace) -> int:
    options.require_environment(arguments, ("dev",), "decisions are made where the registry is")
    if not arguments.comment.strip():
        raise RegistryError("--comment is empty; say why")
    place = options.place(arguments)
    workspace = place.workspace()
    package = registry.find(place, arguments.version, "PendingManualApproval")
    status = "Rejected" if arguments.reject else "Approved"
    if package.status == status:
        raise RegistryError(f"version {package.version} is {status} already")
    record = registry.decide(place, workspace, package, status, arguments.comment)
    options.say(f"{status.lower()} {package.arn}; recorded in {record}")
    return 0
