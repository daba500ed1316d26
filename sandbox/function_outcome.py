"""What an invocation of a function came to, as Lambda tells it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Outcome:
    """What an invocation gave: a JSON document, and whether it is an error."""

    payload: Any
    failed: bool
    log: str


def outcome_of(place: Path, status: int | None, request: str, timeout: float) -> Outcome:
    """What the process of an invocation left in its folder; no status: it took too long."""
    log_file = place / "log"
    text = log_file.read_text("utf-8", "replace") if log_file.exists() else ""
    if status is None:
        now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"
        message = f"{now} {request} Task timed out after {timeout:.2f} seconds"
        return Outcome({"errorMessage": message}, True, f"{text}\n{message}")
    answer = place / "answer.json"
    if status != 0 or not answer.exists():
        message = f"RequestId: {request} Error: Runtime exited with error: exit status {status}"
        return Outcome(
            error_document("Runtime.ExitError", message, request), True, f"{text}\n{message}"
        )
    given = json.loads(answer.read_text())
    if "error" in given:
        return Outcome(given["error"], True, text)
    return Outcome(given.get("result"), False, text)


def error_document(kind: str, message: str, request: str) -> dict[str, Any]:
    """An error as a function answers it."""
    return {"errorType": kind, "errorMessage": message, "requestId": request}
