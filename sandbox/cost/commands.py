"""The command cost."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from sandbox.errors import SandboxError

# Pulumi takes half a second to import, which no other command should pay: hence the late imports.


def register(subparsers: Any) -> None:
    """Name the command of this package."""
    parser = subparsers.add_parser(
        "cost", help="what a project's environments cost a month while nothing runs"
    )
    parser.add_argument("--project", type=Path, required=True, help="path of project.yaml")
    parser.add_argument(
        "--projects", type=int, default=1, help="how many projects share the foundation (1)"
    )
    parser.add_argument(
        "--studio",
        action="store_true",
        help="with the interface endpoints that Studio needs where nothing reaches the internet",
    )
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.set_defaults(func=_cost)


def _cost(args: argparse.Namespace) -> int:
    from sandbox.cost.prices import price_table
    from sandbox.cost.rendering import STUDIO_ENDPOINTS, priced
    from sandbox.cost.report import data, text

    if args.projects < 1:
        raise SandboxError("--projects must be at least 1")
    endpoints = STUDIO_ENDPOINTS if args.studio else ()
    estimate, table = priced(args.project, endpoints), price_table()
    if args.json:
        print(json.dumps(data(estimate, table, args.projects), indent=2))
    else:
        print(text(estimate, table, args.projects))
    return 0
