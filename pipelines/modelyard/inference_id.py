"""The id of an inference: a caller's own, or one of ours that names the version and the second.

`7-20260102T030405Z-9f86d081884c7d65` was answered by version 7 at that time: who may not see the
captured rows still knows from which model to go on. It is a claim; a captured record proves it.
"""

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

_OURS = re.compile(r"(\d+)-(\d{8}T\d{6}Z)-[0-9a-f]{16}")
_TIME = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True)
class Claim:
    """What an id of ours says of itself."""

    version: int
    time: datetime


def made(model_package: str, now: datetime) -> str:
    """A new id; a model that is not registered is version 0."""
    version = model_package.rpartition("/")[2]
    number = version if version.isdigit() and len(version) < 10 else "0"
    return f"{number}-{now:{_TIME}}-{secrets.token_hex(8)}"


def claim(inference_id: str) -> Claim | None:
    """What the id says; None for a caller's own."""
    found = _OURS.fullmatch(inference_id)
    if not found or found[1] == "0":
        return None
    try:
        return Claim(int(found[1]), datetime.strptime(found[2], _TIME).replace(tzinfo=UTC))
    except ValueError:
        return None
