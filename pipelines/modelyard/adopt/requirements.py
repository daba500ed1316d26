"""What the image installs: the platform, the versions it was tested with, and what the team needs.

Their requirements.txt is added to where both can hold; where they contradict each other, a file of
our own beside it is what the image gets, and theirs is left alone.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from modelyard.adopt.errors import AdoptError

THEIRS = "requirements.txt"
OURS = "requirements-modelyard.txt"
_HEAD = """\
# What the image needs. The first line says which platform this repo follows; the versions are those
# the platform was tested with, so that a model is served by what trained it.
"""


@dataclass(frozen=True)
class Requirements:
    """The file the image is made of: its name, its text or what theirs gets added, and why."""

    file: str
    text: str
    added: bool
    notes: tuple[str, ...]


def requirements(repo: Path, platform: str, framework: str) -> Requirements:
    """`platform` is the line that installs modelyard, `framework` the template's name of it."""
    pins = _pins(framework)
    theirs = _lines(repo / THEIRS)
    platforms = {"modelyard", "", *(name.partition("[")[0] for name in pins)}
    block = _HEAD + platform + "\n" + "".join(f"{name}=={pins[name]}\n" for name in sorted(pins))
    if not theirs:
        extra = [line for line in _declared(repo) if _name(line) not in platforms]
        told = ("what pyproject.toml asks for is in it",) if extra else ()
        return Requirements(THEIRS, block + "".join(f"{line}\n" for line in extra), False, told)
    problems = [
        f"{THEIRS}:{number} says {line}, {reason}"
        for number, line in theirs
        if (reason := _contradiction(line, pins))
    ]
    if not problems:
        return Requirements(THEIRS, "\n" + block, True, ())
    kept = [
        line
        for _, line in theirs
        if _name(line) not in platforms and not _contradiction(line, pins)
    ]
    text = block + "".join(f"{line}\n" for line in kept)
    return Requirements(OURS, text, False, (*problems, f"so the image gets {OURS}"))


def _pins(framework: str) -> dict[str, str]:
    """The platform's own versions of what modelyard needs, and of the framework."""
    lines = [line for line in requires("modelyard") or () if "extra ==" not in line]
    needed = [re.split(r"[<>=!~;\[ ]", line)[0] for line in lines]
    framework = {"xgboost": "xgboost-cpu"}.get(framework, framework)
    pins = {canonicalize_name(name): version(name) for name in [*needed, framework]}
    extras = {canonicalize_name(re.split(r"\[", line)[0]): line for line in lines if "[" in line}
    named = {}
    for name, pinned in pins.items():
        extra = re.match(r"[^\]]*\]", extras.get(name, ""))
        named[extra[0] if extra else name] = pinned
    return named


def _lines(file: Path) -> list[tuple[int, str]]:
    """The lines that ask for something, with their numbers."""
    if not file.is_file():
        return []
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise AdoptError(f"{file.name}: is not UTF-8 text; save it as UTF-8") from None
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        stated = re.sub(r"(^|\s)#.*$", "", line).strip()
        if stated:
            found.append((number, stated))
    return found


def _declared(repo: Path) -> list[str]:
    """What pyproject.toml says the package depends on."""
    file = repo / "pyproject.toml"
    if not file.is_file():
        return []
    try:
        stated = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return []
    listed = stated.get("project", {}).get("dependencies", [])
    return [line for line in listed if isinstance(line, str) and _name(line)]


def _name(line: str) -> str:
    """What a line asks for, by its one name; nothing where it is no plain requirement."""
    try:
        return str(canonicalize_name(Requirement(line).name))
    except InvalidRequirement:
        return ""


def _contradiction(line: str, pins: dict[str, str]) -> str | None:
    """Why a line cannot hold beside the platform's versions, or None."""
    if line.startswith(("-e", "--editable", "./", ".")):
        return "which is not there when the image is made"
    if "--hash" in line or line.startswith("-"):
        return "which cannot stand beside versions without hashes or in other files"
    try:
        stated = Requirement(line)
    except InvalidRequirement:
        return "which is no requirement pip knows"
    name = canonicalize_name(stated.name)
    pinned = {key.partition("[")[0]: value for key, value in pins.items()}.get(name)
    if name == "xgboost" and _installed("xgboost-cpu"):
        return "and the platform has xgboost-cpu, the same without drivers of graphics cards"
    if pinned and not stated.specifier.contains(pinned, prereleases=True):
        return f"and the platform has {pinned}"
    return None


def _installed(name: str) -> bool:
    try:
        version(name)
    except PackageNotFoundError:
        return False
    return True
