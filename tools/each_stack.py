"""Runs one pulumi command for every stack that is configured here, in the order of their layers."""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
# Each layer reads from those before it.
LAYERS = ("infra/account", "infra/region", ".")
FILE = re.compile(r"Pulumi\.(?P<stack>(?!example\b)[\w.-]+)\.yaml")
ROLE = "modelyard:assumeRole"
PREVIEW = "-preview"


@dataclass(frozen=True)
class Stack:
    """A stack by its program's folder and name, and the role it is applied as."""

    folder: str
    name: str
    role: str | None

    @property
    def order(self) -> tuple[int, bool, str]:
        """Layer by layer; dev before the environments that read from it."""
        return LAYERS.index(self.folder), not self.name.endswith(".dev"), self.name


def stacks(root: Path) -> list[Stack]:
    """Every stack with a Pulumi.<stack>.yaml, in the order in which they are applied."""
    return sorted(_found(root), key=lambda stack: stack.order)


def _found(root: Path) -> Iterator[Stack]:
    for folder in LAYERS:
        for file in (root / folder).glob("Pulumi.*.yaml"):
            if match := FILE.fullmatch(file.name):
                config = (yaml.safe_load(file.read_text()) or {}).get("config") or {}
                yield Stack(folder, match["stack"], config.get(ROLE))


def command(stack: Stack, arguments: Sequence[str], as_preview: bool) -> list[str]:
    """The pulumi command for one stack."""
    place = ["--cwd", stack.folder, "--stack", stack.name, "--non-interactive"]
    if as_preview and stack.role:
        # A role that may do nothing: a preview without refresh asks AWS for nothing.
        place += ["--config", f"{ROLE}={stack.role}{PREVIEW}"]
    return ["pulumi", *arguments, *place]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command for each stack; the exit status is 1 when it failed for any."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, default=ROOT, help="the checkout (default: this one)")
    parser.add_argument("--stop", action="store_true", help="stop at the first stack that fails")
    parser.add_argument(
        "--as-preview", action="store_true", help=f"assume the roles that end in {PREVIEW}"
    )
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="what follows `pulumi`")
    given = parser.parse_args(argv)
    failed = []
    for stack in stacks(given.root):
        print(f"### {stack.name}", flush=True)
        done = subprocess.run(command(stack, given.arguments, given.as_preview), cwd=given.root)
        if done.returncode:
            failed.append(stack.name)
            if given.stop:
                break
    for name in failed:
        print(f"failed: {name}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
