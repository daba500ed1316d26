"""modelyard data key: the key that a project's pseudonyms are made with; never prints it."""

import argparse
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from modelyard.commands import options
from modelyard.pseudonym_store import KeyStore

HELP = "make, rotate or bring back the key that pseudonyms are made with"


def arguments(parser: argparse.ArgumentParser) -> None:
    act = parser.add_mutually_exclusive_group()
    act.add_argument(
        "--rotate",
        action="store_true",
        help="make a new key: every pseudonym changes; the old key is kept",
    )
    act.add_argument(
        "--restore",
        nargs="?",
        const="",
        metavar="ID",
        help="bring a kept key back (default: the newest)",
    )


def execute(arguments: argparse.Namespace) -> int:
    arguments.env = "dev"
    place = options.place(arguments)
    workspace = place.workspace()
    store = KeyStore(place.client("s3"), workspace.bucket_artifacts, workspace.key_arn)
    now = datetime.now(UTC)
    if arguments.rotate:
        _told("rotated to", store.rotate(now))
        options.say(
            "pseudonyms made with it differ from earlier ones: what was prepared before cannot be "
            "joined with what is prepared from now on; the rows stay in their splits"
        )
    elif arguments.restore is not None:
        _told("brought back", store.restore(arguments.restore or None))
    elif (current := store.current()) is not None:
        _told("in use:", current)
    else:
        _told("made", store.make(now))
    return 0


def _told(what: str, document: Mapping[str, Any]) -> None:
    options.say(f"{what} key {document['id']} of {document.get('created', 'unknown time')}")
    options.say(f'to hold the pipeline to it: "pseudonym_key: {document["id"]}" in project.yaml')
