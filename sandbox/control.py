"""What the sandbox answers about itself under `/_modelyard/`: no part of AWS, and not audited."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sandbox.faults import Answer

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox

PREFIX = "/_modelyard/"


class BadRequestError(Exception):
    """A request the sandbox does not understand, and what it does."""


def control(sandbox: Sandbox, environ: Mapping[str, Any]) -> Answer:
    """Answer one request to the sandbox itself."""
    what = (environ["REQUEST_METHOD"], environ["PATH_INFO"].removeprefix(PREFIX))
    try:
        match what:
            case ("GET", "info"):
                return _answer(200, sandbox.info())
            case ("GET", "clock"):
                return _answer(200, _clock(sandbox))
            case ("POST", "clock"):
                _set_clock(sandbox, _body(environ))
                return _answer(200, _clock(sandbox))
            case ("GET", "inbox"):
                return _answer(200, {"messages": sandbox.inbox.messages()})
            case _:
                return _answer(404, {"error": f"the sandbox has no {what[0]} {PREFIX}{what[1]}"})
    except (BadRequestError, ValueError) as error:
        return _answer(400, {"error": str(error)})


def _clock(sandbox: Sandbox) -> dict[str, Any]:
    return {"now": sandbox.clock.now().isoformat(), "rate": sandbox.clock.rate}


def _set_clock(sandbox: Sandbox, asked: Mapping[str, Any]) -> None:
    if set(asked) - {"advance", "rate"} or not asked:
        raise BadRequestError('the clock takes {"advance": seconds} and {"rate": number}')
    numbers = {name: _number(name, value) for name, value in asked.items()}
    if "rate" in numbers:
        sandbox.clock.set_rate(numbers["rate"])
    if "advance" in numbers:
        sandbox.clock.advance(numbers["advance"])


def _number(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadRequestError(f"{name} must be a number, not {value!r}")
    return float(value)


def _body(environ: Mapping[str, Any]) -> dict[str, Any]:
    length = int(environ.get("CONTENT_LENGTH") or 0)
    try:
        document = json.loads(environ["wsgi.input"].read(length) or b"{}")
    except ValueError:
        raise BadRequestError("the body must be a JSON object") from None
    if not isinstance(document, dict):
        raise BadRequestError("the body must be a JSON object")
    return document


def _answer(status: int, document: Any) -> Answer:
    return Answer(status, [("Content-Type", "application/json")], json.dumps(document).encode())
