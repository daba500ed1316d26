"""Environments layered on this checkout's .venv: they see what is installed here, and add to it."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

LAYER = "modelyard-platform.pth"
_VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"


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


def layer(environment: Path, *more: Path) -> None:
    """Let the environment see the packages of the platform's, its editable ones included."""
    here = (sysconfig.get_path("purelib"), *map(str, more))
    lines = (f"import site; site.addsitedir({place!r})\n" for place in here)
    (packages(environment) / LAYER).write_text("".join(lines))


def packages(environment: Path) -> Path:
    """Where an environment keeps what is installed."""
    return environment / "lib" / f"python{_VERSION}" / "site-packages"


def pip(python: Path, *arguments: str) -> None:
    """Run the platform's pip for another interpreter; LayerError ends with what it said."""
    command = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
    done = subprocess.run(
        [*command, "--disable-pip-version-check", *arguments], capture_output=True, text=True
    )
    if done.returncode:
        tail = "\n".join((done.stdout + done.stderr).strip().splitlines()[-15:])
        raise LayerError(f"pip could not install {' '.join(arguments)}\n{tail}")
