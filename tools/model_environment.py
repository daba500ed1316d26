"""Give a model repo an environment layered on this checkout's: no download, a few seconds.

    .venv/bin/python tools/model_environment.py PATH_OF_THE_REPO [--adopted REQUIREMENTS]

The repo's .venv sees everything installed here, has the repo itself installed editable, and holds
the commands its Makefile and its jobs call: train, serve and modelyard. A repo that was adopted
keeps its own .venv, so its environment is .venv-modelyard; it need not be a package, so its folders
are put on the path. What requirements ask for beyond what is here, pip installs; PyTorch is here
too where `make torch` was run (tools/torch_environment.py).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from importlib.metadata import distributions
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from modelyard.adopt import environment as adopted
from tools import torch_environment
from tools.layered import LayerError, create, layer, packages, pip

# The first lines start Python also where its path is long or holds a space, which #! cannot.
LAUNCHER = """\
#!/bin/sh
'''exec' "{python}" "$0" "$@"
' '''
import sys

from modelyard.cli import main

sys.exit(main())
"""


def unmet(requirements: Path, beside: Sequence[Path] = ()) -> list[str]:
    """The lines of a requirements file that neither this environment nor those beside it meet."""
    installed = _installed(beside)
    return [
        line
        for line, stated in _asked_for(requirements)
        if stated is None
        or (here := installed.get(canonicalize_name(stated.name))) is None
        or not stated.specifier.contains(here, prereleases=True)
    ]


def absent(requirements: Path, beside: Sequence[Path] = ()) -> list[str]:
    """Those of which there is no version at all: a generated repo takes the platform's own."""
    installed = _installed(beside)
    return [
        line
        for line, stated in _asked_for(requirements)
        if stated is None or canonicalize_name(stated.name) not in installed
    ]


def _installed(beside: Sequence[Path]) -> dict[str, str]:
    """Versions by name, of what is imported first where there are two."""
    found = distributions(path=[*sys.path, *map(str, beside)])
    return {canonicalize_name(one.name): one.version for one in reversed(list(found))}


def _asked_for(requirements: Path) -> Iterator[tuple[str, Requirement | None]]:
    """Each line that concerns this machine, with what it says if it is a plain requirement."""
    lines = requirements.read_text().splitlines() if requirements.is_file() else []
    for line in lines:
        text = line.partition(" #")[0].strip()
        if not text or text.startswith(("#", "modelyard ")):
            continue
        try:
            stated = Requirement(text)
        except InvalidRequirement:
            yield line, None
            continue
        if stated.marker is None or stated.marker.evaluate():
            yield line, stated


def add_command(python: Path) -> None:
    """The modelyard command, run by the repo's interpreter."""
    launcher = python.with_name("modelyard")
    launcher.write_text(LAUNCHER.format(python=python))
    launcher.chmod(0o755)


def main(arguments: list[str]) -> int:
    """Entry point: exit code 1 and one clear message when the environment cannot be made."""
    parser = argparse.ArgumentParser(prog="model_environment.py")
    parser.add_argument("repo", type=Path)
    parser.add_argument("--adopted", metavar="REQUIREMENTS")
    told = parser.parse_args(arguments)
    if not (told.repo / (told.adopted or "pyproject.toml")).is_file():
        sys.stderr.write("usage: model_environment.py PATH_OF_A_MODEL_REPO\n")
        return 2
    if sys.prefix == sys.base_prefix:
        sys.stderr.write("run this with the .venv/bin/python of the checkout\n")
        return 2
    repo = told.repo.resolve()
    environment = repo / (".venv-modelyard" if told.adopted else ".venv")
    try:
        python = create(environment)
        requirements = repo / (told.adopted or "requirements.txt")
        lacking = unmet if told.adopted else absent
        made = torch_environment.STAMP.is_file() and lacking(requirements)
        beside = [packages(torch_environment.PLACE)] if made else []
        layer(environment, *beside)
        if missing := lacking(requirements, beside):
            pip(python, *missing)
        if told.adopted:
            adopted.complete(repo, packages(environment), python)
        else:
            pip(python, "--no-deps", "--no-build-isolation", "-e", str(repo))
        add_command(python)
    except LayerError as error:
        sys.stderr.write(f"modelyard set-up: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
