"""modelyard approve: an approver's decision about one model version.

Where fairness gates are open, approving needs --accept-bias: the decision with its reason becomes a
record of its own, without which no environment releases the version.
"""

import argparse

from modelyard import approval_text, approvals, decisions, registry
from modelyard.aws import Place
from modelyard.card.required import require_complete
from modelyard.commands import options
from modelyard.errors import RegistryError

HELP = "approve or reject a model version (as a model approver)"


def arguments(parser: argparse.ArgumentParser) -> None:
    options.add_environment(parser, "dev")
    options.add_version(parser, "the newest that waits for this decision")
    parser.add_argument(
        "--stage",
        choices=registry.STAGES,
        default="staging",
        help="how far the model may go; production comes after staging (default: staging)",
    )
    parser.add_argument("--reject", action="store_true", help="reject it instead")
    parser.add_argument("--comment", required=True, help="why; kept with the decision")
    parser.add_argument(
        "--accept-bias",
        metavar="REASON",
        help="why the model may serve although fairness gates are open; becomes evidence",
    )


def execute(arguments: argparse.Namespace) -> int:
    options.require_environment(arguments, ("dev",), "decisions are made where the registry is")
    if not arguments.comment.strip():
        raise RegistryError("--comment is empty; say why")
    place = options.place(arguments)
    workspace = place.workspace()
    status = "Rejected" if arguments.reject else "Approved"
    if arguments.stage == "production" and not arguments.reject:
        require_complete(workspace.card_gaps)
    package = _undecided(place, arguments.version, arguments.stage, status)
    seen = approvals.shown(place, package)
    for line in approval_text.lines(package, seen):
        options.say(line)
    if not arguments.reject:
        approvals.require_evidence(package, seen)
        decisions.settle(place, workspace, package, arguments.accept_bias, options.say)
    record = approvals.decide(
        place, workspace, package, seen, status, arguments.comment, arguments.stage
    )
    options.say(f"{status.lower()} {package.arn} for {arguments.stage}; recorded in {record}")
    return 0


def _undecided(place: Place, version: int | None, stage: str, status: str) -> registry.Package:
    """The version to decide on; what was decided so already is told."""
    if stage == "staging":
        package = registry.find(place, version, "PendingManualApproval")
        decided = package.status
    else:
        package = registry.find(place, version, "Approved")
        decided = package.production
        if package.status != "Approved":
            raise RegistryError(
                f"version {package.version} is {package.status}: it goes through staging first; "
                "run `modelyard approve` without --stage"
            )
    if decided == status:
        raise RegistryError(f"version {package.version} is {status} for {stage} already")
    return package
