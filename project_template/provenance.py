"""Writes into a generated repo which template it came from, and with which answers.

The answers must mean the same on any machine: data from a file are in the repo by now, and what
cookiecutter was told about a path here is not.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from example_data import EXAMPLES
from platform_home import TEMPLATE, source

from modelyard import pins
from modelyard.provenance import Provenance


def portable(told: Mapping[str, Any]) -> dict[str, Any]:
    """The answers to the questions asked, as cookiecutter would be told them in the repo."""
    asked = json.loads((TEMPLATE / "cookiecutter.json").read_text())
    answers = {name: told[name] for name in asked if not name.startswith("_")}
    answers["protected"] = ",".join(told["protected"])
    if told["dataset"] not in EXAMPLES:
        answers["dataset"] = f"data/{told['data_file']}"
    return answers


def write(told: Mapping[str, Any], folder: Path) -> None:
    """The file `.cruft.json` in a new repo."""
    checkout = TEMPLATE.parent
    origin = source(checkout)
    stated = Provenance(origin.url, origin.commit, pins.release(checkout), portable(told))
    stated.write(folder)
