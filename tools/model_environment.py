"""Give a model repo an environment layered on this checkout's: no download, a few seconds.

    .venv/bin/python tools/model_environment.py PATH_OF_THE_REPO [--adopted REQUIREMENTS]

The repo's .venv sees everything installed here, has the repo itself installed editable, and holds
the commands its Makefile and its jobs call: train, serve and modelyard. A repo that was adopted
keeps its own .venv, so its environment is .venv-modelyard; it need not be a package, so its folders
are put on the path; and what its requirements ask for beyond what is here, pip installs.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import sysconfig
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement

from modelyard.adopt import environment as adopted

LAYER = "modelyard-platform.pth"
_VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
# The first lines start Python also where its path is long or holds a space, which #! cannot.
LAUNCHER = """\
#!/bin/sh
'''exec' "{python}" "$0" "$@"
' '''
import sys

from modelyard.cli import main

sys.exit(main())
"""


class LayerError(Exception):
    """The environment cannot be made; the message says what to do."""


def create(environment: Path) -> Path:
    """A virtual environment without pip, from the interpreter this one was made from."""
    base = Path(getattr(sys, "_base_executable", sys.executable))
    if environment.exists():
        shutil.rmtree(environment)
    done = subprocess.run(
        [base, "-m", "venv", "--without-pip", environment], capture_output=True, text=True
    )
    if done.returncode or not (environment / "bin" / "python").exists():
        raise LayerError(f"{base} could not create {environment}: {done.stderr.strip()}")
    return environment / "bin" / "python"


def layer(environment: Path) -> None:
    """Let the environment see the packages of the platform's, its editable ones included."""
    site = environment / "lib" / f"python{_VERSION}" / "site-packages"
    here = sysconfig.get_path("purelib")
    (site / LAYER).write_text(f"import site; site.addsitedir({here!r})\n")


def install(repo: Path, python: Path) -> None:
    """Install the repo editable, by the platform's pip and build backend, without a network."""
    command = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
    command += ["--disable-pip-version-check", "--no-deps", "--no-build-isolation", "-e", str(repo)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        tail = "\n".join((done.stdout + done.stderr).strip().splitlines()[-15:])
        raise LayerError(f"pip could not install {repo}\n{tail}")


def adopt(repo: Path, requirements: str, python: Path) -> None:
    """Put the repo on the environment's path, and install what its requirements lack here."""
    lines = (repo / requirements).read_text().splitlines()
    lacking = [line for line in lines if not _is_here(line.partition(" #")[0].strip())]
    if lacking:
        command = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
        done = subprocess.run(
            [*command, "--disable-pip-version-check", *lacking], capture_output=True, text=True
        )
        if done.returncode:
            tail = "\n".join((done.stdout + done.stderr).strip().splitlines()[-15:])
            raise LayerError(
                f"pip could not install {', '.join(lacking)} of {requirements}\n{tail}"
            )
    site = python.parent.parent / "lib" / f"python{_VERSION}" / "site-packages"
    adopted.complete(repo, site, python)


def _is_here(line: str) -> bool:
    """Whether what a line asks for is installed here, or is none of this machine's business."""
    if not line or line.startswith(("#", "modelyard ")):
        return True
    try:
        stated = Requirement(line)
        return (stated.marker is not None and not stated.marker.evaluate()) or (
            stated.specifier.contains(version(stated.name), prereleases=True)
        )
    except (InvalidRequirement, PackageNotFoundError):
        return False


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
        layer(environment)
        if told.adopted:
            adopt(repo, told.adopted, python)
        else:
            install(repo, python)
        add_command(python)
    except LayerError as error:
        sys.stderr.write(f"modelyard set-up: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
