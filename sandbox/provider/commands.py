"""The commands apply, render and destroy."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

# Pulumi takes half a second to import, which no other command should pay: hence the late imports.


def register(subparsers: Any) -> None:
    """Name the commands of this package."""
    applying = subparsers.add_parser(
        "apply", help="bring the sandbox at AWS_ENDPOINT_URL to what the Pulumi programs say"
    )
    _add_place(applying)
    applying.add_argument("--verbose", action="store_true", help="name each resource")
    applying.set_defaults(func=_apply)
    rendering = subparsers.add_parser(
        "render", help="write the graph of an environment's resources, without a server"
    )
    _add_place(rendering)
    rendering.add_argument("--out", required=True, help="file to write; - for standard output")
    rendering.set_defaults(func=_render)
    destroying = subparsers.add_parser(
        "destroy", help="remove a project's workspace from the sandbox, but not its data"
    )
    _add_place(destroying)
    destroying.set_defaults(func=_destroy)


def _add_place(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--project", type=Path, required=True, help="path of project.yaml")
    parser.add_argument("--env", required=True, help="dev, staging or prod")


def _apply(args: argparse.Namespace) -> int:
    from sandbox.provider.apply import StackResult, Step, apply

    def show(progress: Step | StackResult) -> None:
        if isinstance(progress, StackResult):
            print(progress, flush=True)
        elif args.verbose:
            # Several threads report: a line and its end must be written at once.
            print(f"  {progress.action:<10} {progress.urn}\n", end="", flush=True)

    apply(args.project, args.env, os.environ.get("AWS_ENDPOINT_URL"), show)
    return 0


def _render(args: argparse.Namespace) -> int:
    from sandbox.provider.graph import render

    text = json.dumps(render(args.project, args.env), indent=2, sort_keys=True) + "\n"
    if args.out == "-":
        sys.stdout.write(text)
        return 0
    out = Path(args.out)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(text)
    return 0


def _destroy(args: argparse.Namespace) -> int:
    from sandbox.provider.destroy import destroy

    result = destroy(args.project, args.env, os.environ.get("AWS_ENDPOINT_URL"))
    print(f"{result.stack:<24} {result.deleted} deleted, {len(result.kept)} kept")
    removals = [one for one in result.kept if one.removal]
    for kept in removals:
        print(f"  kept {kept.type.split(':')[-1]} {kept.id}; to remove it: {kept.removal}")
    if settings := len(result.kept) - len(removals):
        print(f"  kept {settings} settings, which go with what they belong to")
    return 0
