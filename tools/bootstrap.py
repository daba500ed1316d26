"""Set up .venv at the checkout root from the pinned requirements; needs only Python 3.11+.

Fast when nothing changed: a stamp in the environment names what it was built from.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
STAMP = ENVIRONMENT / "modelyard-stamp"
LOCK = ROOT / "build" / "set-up.lock"
OLDEST_PYTHON = (3, 11)
SOURCES = ("requirements.txt", "pyproject.toml", "pipelines/pyproject.toml", "tools/bootstrap.py")
PACKAGES = ("infra", "policies", "sandbox", "pipelines/modelyard")


class SetupError(Exception):
    """Set-up cannot go on; the message says what to do."""


def fingerprint() -> str:
    """What the environment is built from: interpreter, pins, place and this script."""
    digest = hashlib.sha256(f"{sys.version}|{ROOT}".encode())
    for source in SOURCES:
        digest.update((ROOT / source).read_bytes())
    return digest.hexdigest()


def environment_python() -> Path:
    """The interpreter of .venv."""
    return ENVIRONMENT / "bin" / "python"


def check_interpreter() -> None:
    """Refuse an interpreter that cannot build the environment, naming the remedy."""
    if sys.version_info < OLDEST_PYTHON:
        raise SetupError(
            f"Python {platform.python_version()} is too old: Modelyard needs 3.11 or newer. "
            "Install one and run `make PYTHON=python3.11 ...`."
        )
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        package = f"python3.{sys.version_info.minor}-venv"
        raise SetupError(
            f"this Python has no venv with pip: install it first (Debian, Ubuntu: apt-get install "
            f"{package}), then run make again."
        ) from None


def child_environment() -> dict[str, str]:
    """This process's environment without what would redirect the install or skip bytecode."""
    dropped = {"PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "PIP_USER"}
    return {key: value for key, value in os.environ.items() if key not in dropped}


def run(arguments: list[str], failure: str) -> None:
    """Run a command quietly; on failure show its last lines and say what failed."""
    done = subprocess.run(arguments, capture_output=True, text=True, env=child_environment())
    if done.returncode:
        tail = "\n".join((done.stdout + done.stderr).strip().splitlines()[-15:])
        raise SetupError(f"{failure}\n{tail}")


def create_environment() -> None:
    """Create .venv, or recreate it when its interpreter does not start."""
    python = environment_python()
    if python.exists():
        works = subprocess.run([python, "-m", "pip", "--version"], capture_output=True)
        if works.returncode == 0:
            return
        shutil.rmtree(ENVIRONMENT)
    run([sys.executable, "-m", "venv", str(ENVIRONMENT)], "could not create .venv")


def say(text: str) -> None:
    """Progress: one line rewritten on a terminal, one line each elsewhere."""
    if sys.stdout.isatty():
        sys.stdout.write(f"\r\x1b[K{text}")
    else:
        sys.stdout.write(text + "\n")
    sys.stdout.flush()


def install_requirements() -> None:
    """Install the pinned requirements, reporting each package as pip reaches it."""
    pins = (ROOT / "requirements.txt").read_text().splitlines()
    total = sum(1 for line in pins if "==" in line and not line.startswith((" ", "#")))
    command = [str(environment_python()), "-m", "pip", "install", "--require-hashes"]
    command += ["--progress-bar", "off", "--disable-pip-version-check", "--no-input"]
    command += ["-r", str(ROOT / "requirements.txt")]
    lines: list[str] = []
    reached = 0
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=child_environment(),
    ) as pip:
        assert pip.stdout is not None
        for line in pip.stdout:
            lines.append(line.rstrip())
            if line.startswith(("Collecting ", "Requirement already satisfied")):
                reached += 1
                if reached % (1 if sys.stdout.isatty() else 40) == 0:
                    say(f"Setting up .venv: package {reached} of at most {total}")
            elif line.startswith("Installing collected"):
                say("Setting up .venv: installing and compiling (about two minutes)")
    if pip.returncode:
        raise SetupError("pip could not install requirements.txt\n" + "\n".join(lines[-15:]))


def install_ourselves() -> None:
    """Install the platform and modelyard editable, and compile their bytecode."""
    python = str(environment_python())
    command = [python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"]
    command += ["--disable-pip-version-check", "-e", str(ROOT), "-e", str(ROOT / "pipelines")]
    run(command, "could not install the platform into .venv")
    places = [str(ROOT / place) for place in PACKAGES]
    run([python, "-m", "compileall", "-q", *places], "could not compile the platform's bytecode")


@contextmanager
def alone() -> Iterator[None]:
    """No other process sets up this checkout meanwhile: two would install into each other."""
    LOCK.parent.mkdir(exist_ok=True)
    with LOCK.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Setting up .venv: another command of this checkout is at it; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def up_to_date() -> bool:
    """Whether .venv is what the pins and this interpreter ask for."""
    return STAMP.exists() and STAMP.read_text() == fingerprint() and environment_python().exists()


def set_up() -> None:
    """Bring .venv up to date; does nothing when it is."""
    check_interpreter()
    if up_to_date():
        return
    with alone():
        if not up_to_date():
            _build()


def _build() -> None:
    say("Setting up .venv (once; needs a Python package index)")
    create_environment()
    install_requirements()
    install_ourselves()
    STAMP.write_text(fingerprint())
    say("Setting up .venv: done")
    sys.stdout.write("\n" if sys.stdout.isatty() else "")


def main() -> int:
    """Entry point: exit code 1 and one clear message when set-up fails."""
    try:
        set_up()
    except SetupError as error:
        sys.stderr.write(f"\nmodelyard set-up: {error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("\nmodelyard set-up: interrupted; run the same command to go on\n")
        return 130
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
