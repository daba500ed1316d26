"""Where the platform is: the checkout that holds this template, its source, and its interpreter."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

TEMPLATE = Path(__file__).resolve().parent
CLONES = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "modelyard"


class PlatformError(Exception):
    """The platform cannot be used; the message says what to do."""


@dataclass(frozen=True)
class Source:
    """Where pip finds the platform: a git URL and commit, or a folder without history."""

    url: str
    commit: str

    @property
    def requirement(self) -> str:
        """The line of requirements.txt that installs modelyard from here."""
        if self.commit:
            return f"modelyard @ git+{self.url}@{self.commit}#subdirectory=pipelines"
        return f"modelyard @ {self.url}/pipelines"


def _git(folder: Path, *arguments: str) -> str:
    """What git prints, or nothing where git or the history is missing."""
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _pip_url(remote: str) -> str:
    """A remote as pip wants it: a URL with a host, and never with somebody's token in it.

    Pip before 24 takes a git+file URL without a host for a path.
    """
    if re.match(r"^https?://", remote):
        return re.sub(r"^(https?://)[^/@]*@", r"\1", remote)
    if "://" in remote:
        return remote.replace("file:///", "file://localhost/", 1)
    scp = re.match(r"^([^/:]+@)?([^/:]+):(?!/)(.+)$", remote)
    if scp:
        return f"ssh://{scp[1] or ''}{scp[2]}/{scp[3]}"
    return _pip_url(Path(remote).resolve().as_uri())


def source(checkout: Path) -> Source:
    """The URL and commit that a generated repo installs modelyard from."""
    top = _git(checkout, "rev-parse", "--show-toplevel")
    if not top or Path(top).resolve() != checkout.resolve():
        return Source(checkout.resolve().as_uri(), "")
    remote = _git(checkout, "remote", "get-url", "origin") or str(checkout)
    return Source(_pip_url(remote), _git(checkout, "rev-parse", "HEAD"))


def _python(home: Path) -> Path:
    return home / ".venv" / "bin" / "python"


def _is_checkout(folder: Path) -> bool:
    return (folder / "pipelines" / "modelyard").is_dir() and (folder / "tools").is_dir()


def _kept_clone(checkout: Path) -> Path:
    """A copy of a passing clone that outlives it, where `make try` looks too."""
    origin = source(checkout)
    clone = CLONES / (origin.commit or "latest")
    if not clone.exists():
        clone.parent.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            ["git", "clone", "--quiet", "--no-hardlinks", str(checkout), str(clone)], check=False
        )
        if done.returncode:
            raise PlatformError(f"could not copy the platform to {clone}: see git's message above")
        _git(clone, "checkout", "--quiet", origin.commit)
        _git(clone, "remote", "set-url", "origin", origin.url)
    return clone


def home(passing_clones: Path | None = None) -> Path:
    """The checkout whose environment does the work: this one, MODELYARD_HOME, or a kept copy.

    Cookiecutter deletes what it cloned from a URL when it clones again, so work never settles
    below `passing_clones`, its folder for them.
    """
    checkout = TEMPLATE.parent
    usable = _is_checkout(checkout)
    passing = passing_clones is not None and passing_clones.resolve() in checkout.parents
    if usable and not passing and _python(checkout).exists():
        return checkout
    named = os.environ.get("MODELYARD_HOME")
    if named and not _is_checkout(Path(named)):
        raise PlatformError(f"MODELYARD_HOME names {named}, which is no checkout of Modelyard")
    if named:
        return Path(named).resolve()
    if not usable:
        raise PlatformError(
            f"{TEMPLATE} is not inside a checkout of Modelyard: name one in MODELYARD_HOME"
        )
    return _kept_clone(checkout) if passing else checkout


def interpreter(checkout: Path) -> Path:
    """The Python that has modelyard, set up first when it is missing (prints its progress)."""
    python = _python(checkout)
    if not python.exists():
        done = subprocess.run([sys.executable, str(checkout / "tools" / "bootstrap.py")])
        if done.returncode:
            raise PlatformError("the platform's environment could not be set up: see above")
    return python
