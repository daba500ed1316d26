"""The platform's template: what an adopted repo gets is what a generated one has, from one source.

Needs the platform's checkout, and runs in its environment, which has cookiecutter.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import modelyard
from modelyard.adopt.errors import AdoptError

FOLDER = "project_template"
REPO = "{{cookiecutter.project_slug}}"


@dataclass(frozen=True)
class Template:
    """A checkout's template, and the answers that its files are filled with."""

    home: Path
    answers: Mapping[str, str]

    @property
    def folder(self) -> Path:
        return self.home / FOLDER

    def render(self, name: str, **more: object) -> str:
        """A file of the generated repo with the answers in it; a path of ours begins with ../."""
        environment, filled = self._environment()
        text = (self.folder / REPO / name).resolve().read_text(encoding="utf-8")
        rendered: str = environment.from_string(text).render(cookiecutter=filled, **more)
        return rendered

    def answer(self, name: str) -> str:
        """One answer, or its default."""
        return str(self._environment()[1][name])

    def _environment(self) -> tuple[Any, _Filled]:
        defaults = json.loads((self.folder / "cookiecutter.json").read_text(encoding="utf-8"))
        unknown = sorted(set(self.answers) - set(defaults))
        if unknown:
            known = ", ".join(name for name in defaults if not name.startswith("_"))
            raise AdoptError(f"--set {unknown[0]}: is no answer of the template; it asks {known}")
        if str(self.folder) not in sys.path:
            sys.path.insert(0, str(self.folder))
        try:
            jinja = import_module("cookiecutter.environment")
        except ImportError:
            raise AdoptError(
                f"this Python has no cookiecutter: run {self.home}/.venv/bin/modelyard adopt"
            ) from None
        environment = jinja.StrictEnvironment(
            context={"cookiecutter": defaults}, keep_trailing_newline=True
        )
        return environment, _Filled(environment, defaults, self.answers)


class _Filled(dict[str, Any]):
    """The answers; a default is worked out only when a file asks for it."""

    def __init__(
        self, environment: Any, defaults: Mapping[str, Any], answers: Mapping[str, str]
    ) -> None:
        super().__init__(answers)
        self._environment, self._defaults = environment, defaults

    def __missing__(self, name: str) -> Any:
        default = self._defaults[name]
        if isinstance(default, str):
            default = self._environment.from_string(default).render(cookiecutter=self)
        self[name] = default
        return default


def home() -> Path:
    """The platform's checkout: named in MODELYARD_HOME, or the one this package lies in."""
    named = os.environ.get("MODELYARD_HOME")
    checkout = Path(named) if named else Path(modelyard.__file__).resolve().parents[2]
    if (checkout / FOLDER / "cookiecutter.json").is_file():
        return checkout.resolve()
    if named:
        raise AdoptError(f"MODELYARD_HOME names {named}, which is no checkout of the platform")
    raise AdoptError(
        "adopt writes what the platform's template holds: clone the platform"
        f"{_origin()}, and run its `make setup` and `.venv/bin/modelyard adopt`"
    )


def _origin() -> str:
    """Where this package was installed from, as far as it says."""
    try:
        stated = distribution("modelyard").read_text("direct_url.json")
        url = json.loads(stated or "{}").get("url", "")
    except (PackageNotFoundError, ValueError):
        url = ""
    return f" from {url}" if url else ""


def parts(makefile: str) -> dict[str, str]:
    """A Makefile's variables and rules by name, each with its comment and its recipe."""
    found: dict[str, str] = {}
    comment, name = "", ""
    for line in makefile.splitlines(keepends=True):
        begun = re.match(r"([\w./-]+)\s*(:=|\?=|=|:)", line)
        if line.startswith("\t") or (name and found[name].endswith("\\\n")):
            found[name] += line
        elif line.startswith("#"):
            comment += line
        elif begun:
            name = begun[1]
            found[name] = comment + line
            comment = ""
        else:
            comment, name = "", ""
    return found
