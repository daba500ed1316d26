"""Give a model repo an environment layered on this checkout's: no download, a few seconds.

    .venv/bin/python tools/model_environment.py PATH_OF_THE_REPO

The repo's .venv sees everything installed here, has the repo itself installed editable, and holds
the commands its Makefile and its jobs call: train, serve and modelyard.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

LAYER = "modelyard-platform.pth"
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
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    site = environment / "lib" / version / "site-packages"
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


def add_command(python: Path) -> None:
    """The modelyard command, run by the repo's interpreter."""
    launcher = python.with_name("modelyard")
    launcher.write_text(LAUNCHER.format(python=python))
    launcher.chmod(0o755)


def main(arguments: list[str]) -> int:
    """Entry point: exit code 1 and one clear message when the environment cannot be made."""
    if len(arguments) != 1 or not (Path(arguments[0]) / "pyproject.toml").is_file():
        sys.stderr.write("usage: model_environment.py PATH_OF_A_MODEL_REPO\n")
        return 2
    if sys.prefix == sys.base_prefix:
        sys.stderr.write("run this with the .venv/bin/python of the checkout\n")
        return 2
    repo = Path(arguments[0]).resolve()
    try:
        python = create(repo / ".venv")
        layer(repo / ".venv")
        install(repo, python)
        add_command(python)
    except LayerError as error:
        sys.stderr.write(f"modelyard set-up: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
