"""The command plugin: the sandbox as the provider that Pulumi's own engine uses."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from sandbox.provider.plugin.install import VERSION, install


def register(subparsers: Any) -> None:
    """Name the command of this package."""
    plugin = subparsers.add_parser(
        "plugin", help="let the pulumi CLI drive the sandbox as its provider aws"
    )
    actions = plugin.add_subparsers(title="actions", metavar="ACTION", required=True)
    installing = actions.add_parser("install", help=f"put it into Pulumi's plugins as {VERSION}")
    installing.add_argument(
        "--pulumi-home", type=Path, help="default: $PULUMI_HOME, or .pulumi in your home"
    )
    installing.set_defaults(func=_install)


def _install(args: argparse.Namespace) -> int:
    home = args.pulumi_home or Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
    launcher = install(home)
    print(f"installed {launcher}")
    print("it replaces the provider of AWS itself there; remove its folder to use that again")
    return 0
