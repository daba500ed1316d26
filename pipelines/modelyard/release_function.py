"""Asks the release function, which does one thing at a time: busy is not an error."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from botocore.config import Config
from botocore.exceptions import ClientError, ConnectTimeoutError, ReadTimeoutError

from modelyard.aws import Place, code_of
from modelyard.errors import ReleaseError
from modelyard.workspace import Workspace

Say = Callable[[str], None]
_PATIENCE_S, _PAUSE_S = 120.0, 2.0
_BUSY = ("TooManyRequestsException", "ResourceConflictException")


class BrokenError(ReleaseError):
    """The function itself fails or does not answer; what it should do is still to be done."""


def ask(
    place: Place,
    workspace: Workspace,
    payload: dict[str, Any],
    say: Say,
    patience: float = _PATIENCE_S,
) -> dict[str, Any]:
    """The function's answer; BrokenError when it has none. While it is busy, asks again."""
    # Asking twice by itself would hide that the first call went through.
    settings = Config(retries={"total_max_attempts": 1}, read_timeout=max(5.0, patience))
    client = place.client("lambda", settings)
    begun, told = time.monotonic(), False
    while True:
        try:
            with _answers():
                return _called(client, workspace.release_function, payload)
        except ClientError as error:
            if code_of(error) not in _BUSY:
                raise
            if time.monotonic() - begun > patience:
                raise BrokenError(
                    f"the release function has been busy for {patience:.0f} s; see its log "
                    f"/aws/lambda/{workspace.release_function.rsplit(':', 1)[1]}"
                ) from None
        if not told:
            say("  the release function is busy with another event; asking again")
            told = True
        time.sleep(_PAUSE_S)


@contextmanager
def _answers() -> Iterator[None]:
    try:
        yield
    except (ReadTimeoutError, ConnectTimeoutError) as error:
        raise BrokenError(f"the release function does not answer: {error}") from None


def _called(client: Any, function: str, payload: dict[str, Any]) -> dict[str, Any]:
    answer = client.invoke(FunctionName=function, Payload=json.dumps(payload).encode())
    said = json.loads(answer["Payload"].read() or b"null")
    if answer.get("FunctionError"):
        reason = said.get("errorMessage", said) if isinstance(said, dict) else said
        raise BrokenError(f"the release function failed: {reason}")
    return dict(said or {})
