"""Where the template comes from: the checkout we run in, its address, or what is kept here."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import modelyard
from modelyard.errors import ModelyardError
from modelyard.provenance import TEMPLATE_FOLDER
from modelyard.upgrade.git import git, knows, tried
from modelyard.upgrade.template import Template, slug

HOME_FILE = ".modelyard-home"
# Many repos of one fleet ask for the same history at once.
_FETCHING = threading.Lock()


class SourceError(ModelyardError):
    """No history of the template can be reached."""


def cache() -> Path:
    """Where generated repos keep clones of the platform too."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "modelyard"


def home() -> Path | None:
    """The platform's checkout on this machine: the one named, or the one whose code this is."""
    named = os.environ.get("MODELYARD_HOME")
    if named:
        if not _is_checkout(Path(named)):
            raise SourceError(f"MODELYARD_HOME names {named}, which is no checkout of Modelyard")
        return Path(named).resolve()
    own = Path(modelyard.__file__).resolve().parents[2]
    return own if _is_checkout(own) else None


def locate(repo: Path, address: str, commit: str, say: Callable[[str], None]) -> Template:
    """The template's history, with the commit that the repo comes from.

    A checkout of the platform wins: it works without a network, and models are tested in it.
    """
    checkout = home()
    if checkout is not None and knows(checkout, commit):
        return Template(checkout, address, checkout)
    if checkout is not None:
        say(f"{checkout} does not hold commit {commit[:7]}: asking {address}")
    clone = cache() / f"{slug(address)}.git"
    with _FETCHING:
        problem = _fetched(address, clone)
    if problem:
        for kept in (clone, _named(repo), cache() / commit):
            if kept is not None and kept.is_dir() and knows(kept, commit):
                say(f"{address} cannot be reached: going by what {kept} knows")
                return Template(kept, address)
        raise SourceError(
            f"{address} cannot be reached ({problem}): set MODELYARD_HOME to a checkout of the "
            "platform, or try again with a network"
        )
    if not knows(clone, commit):
        raise SourceError(
            f"{address} does not hold commit {commit[:7] or '(none)'}, which this repo comes from: "
            "set MODELYARD_HOME to a checkout that does"
        )
    return Template(clone, address)


def _fetched(address: str, clone: Path) -> str:
    """Bring the clone up to date; git's reason where that fails, or nothing."""
    if clone.is_dir():
        done = tried(
            clone, "fetch", "--quiet", "--prune", "--tags", "origin", "+HEAD:refs/heads/newest"
        )
        if not done.returncode:
            git(clone, "symbolic-ref", "HEAD", "refs/heads/newest")
    else:
        clone.parent.mkdir(parents=True, exist_ok=True)
        done = tried(clone.parent, "clone", "--quiet", "--bare", address, str(clone))
    said = done.stderr.strip().splitlines()
    return "" if not done.returncode else (said[-1] if said else "no reason given")


def _named(repo: Path) -> Path | None:
    """The checkout that this repo was generated in."""
    file = repo / HOME_FILE
    return Path(file.read_text().strip()) if file.is_file() else None


def _is_checkout(folder: Path) -> bool:
    return (folder / TEMPLATE_FOLDER).is_dir() and (folder / ".git").exists()
