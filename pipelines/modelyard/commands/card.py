"""modelyard card: the model card of a version, and whether it says what its package says."""

import argparse
import json

from modelyard import registry
from modelyard.aws import Place, code_of
from modelyard.card import check
from modelyard.card.status import card_name
from modelyard.card_page import lines, page
from modelyard.commands import options
from modelyard.errors import CardError
from modelyard.evidence import Dossier, gather
from modelyard.project import load

HELP = "show a version's model card, or check that nobody edited it by hand"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "version", nargs="?", type=int, metavar="VERSION", help="default: the newest version"
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="exit status 1 where the card is out of step with its package, or lacks something",
    )
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument("--json", action="store_true", help="print the card's content")
    shown.add_argument("--html", action="store_true", help="print the card as a page")


def execute(arguments: argparse.Namespace) -> int:
    place = Place(load(arguments.project), "dev")
    dossier = gather(place, arguments.version or _newest(place), ("dev",))
    name = card_name(place.project.name, dossier.package.version)
    stored = _stored(place, name)
    found = check.problems(dossier, name, stored)
    if stored is not None and arguments.json:
        options.print_json(stored.content)
    elif stored is not None and arguments.html:
        print(page(name, stored.status, stored.content, found), end="")
    elif stored is not None and not arguments.check:
        options.say(f"{name}, version {stored.version} of the card, {stored.status}")
        for line in lines(stored.content):
            options.say(line)
    _tell(name, dossier, found, arguments.check)
    return 1 if found and (arguments.check or stored is None) else 0


def _tell(name: str, dossier: Dossier, found: tuple[str, ...], checking: bool) -> None:
    for line in found:
        options.complain(line)
    for line in check.notes(dossier):
        options.complain(f"note: {line}")
    if checking and not found:
        options.say(f"{name} says what its package says")


def _newest(place: Place) -> int:
    found = registry.summaries(place)
    if not found:
        raise CardError(f"{place.project.name} has no model version yet: run the pipeline")
    return int(found[0]["ModelPackageVersion"])


def _stored(place: Place, name: str) -> check.Stored | None:
    """The card as SageMaker keeps it; None where there is none."""
    from botocore.exceptions import ClientError

    try:
        card = place.registry_client("sagemaker").describe_model_card(ModelCardName=name)
    except ClientError as error:
        if code_of(error) == "ResourceNotFound":
            return None
        raise
    identity = (card.get("LastModifiedBy") or {}).get("IamIdentity") or {}
    return check.Stored(
        name=name,
        version=card["ModelCardVersion"],
        status=card["ModelCardStatus"],
        content=json.loads(card["Content"]),
        changed_by=str(identity.get("Arn", "")).rsplit(":", 1)[-1],
    )
