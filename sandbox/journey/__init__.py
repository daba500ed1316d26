"""The whole journey on a laptop: what `make demo` and a model repo's `make try` run."""

from __future__ import annotations

import argparse
from importlib import import_module
from typing import Any


def _later(module: str, function: str) -> Any:
    """A command that imports what it needs only when it runs."""

    def command(arguments: argparse.Namespace) -> int:
        return int(getattr(import_module(f"sandbox.journey.{module}"), function)(arguments))

    return command


def register(subparsers: Any) -> None:
    """Add the `demo`, `demo-stop` and `try` commands."""
    port = {"type": int, "default": 0, "help": "port to serve on (default: any free one)"}
    demo = subparsers.add_parser("demo", help="the whole journey on an embedded sandbox")
    demo.add_argument("--port", **port)
    demo.add_argument("--keep", action="store_true", help="leave the sandbox serving at the end")
    demo.set_defaults(func=_later("demo", "demo"))
    stop = subparsers.add_parser("demo-stop", help="stop the sandbox a demo left serving")
    stop.set_defaults(func=_later("demo", "demo_stop"))
    attempt = subparsers.add_parser("try", help="take one model repo to a served prediction")
    attempt.add_argument("--project", default="project.yaml", help="path of project.yaml")
    attempt.add_argument("--port", **port)
    attempt.set_defaults(func=_later("attempt", "attempt"))
