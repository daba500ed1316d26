"""`sandbox clock` and `sandbox inbox`: the time in a running sandbox, and the mail it sent."""

from __future__ import annotations

import argparse
import json
import os
import re
import urllib.error
import urllib.request
from typing import Any

from sandbox.errors import SandboxError

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
DURATION = re.compile(r"(\d+(?:\.\d+)?)([smhd])")


def register(subparsers: Any) -> None:
    """Add the commands to the sandbox's command line."""
    clock = subparsers.add_parser("clock", help="tell, advance or hurry the sandbox's clock")
    clock.add_argument("--advance", type=_duration, metavar="1d", help="such as 90s, 15m, 6h or 1d")
    clock.add_argument("--rate", type=float, help="seconds per second of the world; 0 stops it")
    clock.set_defaults(func=_clock)
    inbox = subparsers.add_parser("inbox", help="show what people were sent")
    inbox.add_argument("--json", action="store_true", help="as the sandbox answers it")
    inbox.set_defaults(func=_inbox)


def _duration(text: str) -> float:
    parts = DURATION.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise argparse.ArgumentTypeError(f"'{text}' is no time such as 90s, 15m, 6h or 1d12h")
    return sum(float(number) * UNITS[unit] for number, unit in parts)


def _clock(arguments: argparse.Namespace) -> int:
    asked = {
        name: value
        for name, value in (("rate", arguments.rate), ("advance", arguments.advance))
        if value is not None
    }
    answer = _ask("clock", asked or None)
    print(f"{answer['now']}  rate {answer['rate']:g}")
    return 0


def _inbox(arguments: argparse.Namespace) -> int:
    messages = _ask("inbox")["messages"]
    if arguments.json:
        print(json.dumps(messages, indent=2))
        return 0
    for message in messages:
        print(f"{message['time']}  {message['topic'].rsplit(':', 1)[-1]}")
        print(f"to {message['protocol']} {message['endpoint']}")
        print(f"{message['subject'] or '(no subject)'}\n\n{message['message']}\n")
    return 0


def _ask(path: str, body: dict[str, Any] | None = None) -> Any:
    endpoint = os.environ.get("AWS_ENDPOINT_URL")
    if not endpoint:
        raise SandboxError("AWS_ENDPOINT_URL is not set: name the sandbox to ask")
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{endpoint}/_modelyard/{path}", data=data)
    try:
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise SandboxError(json.load(error).get("error", str(error))) from None
    except (urllib.error.URLError, OSError) as error:
        raise SandboxError(f"no sandbox answers at {endpoint}: {error}") from None
