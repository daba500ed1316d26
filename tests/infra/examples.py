"""The stacks that an example file states, and what has to exist before they are applied."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Template
from typing import Any

import yaml

from sandbox.provider.program import Program, Stack

ROOT = Path(__file__).resolve().parents[2]
DESTINATION = re.compile(r"^# (?P<folder>(?:\w+/)*)Pulumi\.(?P<stack>[\w.-]+)\.yaml$", re.MULTILINE)


def stacks(file: Path, project_file: Path) -> list[Stack]:
    """One stack per document, in the order in which they stand."""
    return [
        stack(ROOT / where["folder"], where["stack"], text, project_file)
        for text in file.read_text().split("---\n")[1:]
        if (where := DESTINATION.search(text))
    ]


def stack(folder: Path, name: str, text: str, project_file: Path) -> Stack:
    """A stack with the configuration of a Pulumi.<stack>.yaml, about a project that exists here."""
    stated: Mapping[str, Any] = yaml.safe_load(text)["config"]
    config = {
        key: value if isinstance(value, str) else json.dumps(value) for key, value in stated.items()
    }
    if "modelyard:projectFile" in config:
        config["modelyard:projectFile"] = str(project_file)
    return Stack(Program(folder), name, config)


def with_keys(file: Path, *keys: str) -> str:
    """An example in which these keys, which it shows as comments, are stated."""
    text = file.read_text()
    for key in keys:
        text, found = re.subn(rf"^  # (?=modelyard:{key}:)", "  ", text, flags=re.MULTILINE)
        assert found == 1, f"{file} does not show {key}"
    return text


def account_of(stack: Stack) -> str:
    """The account a stack belongs to, as its role says."""
    return stack.config["modelyard:assumeRole"].split(":")[4]


def accounts(found: list[Stack]) -> Iterator[str]:
    """Every account once."""
    yield from dict.fromkeys(account_of(one) for one in found)


def filled(name: str, **values: str) -> str:
    """A document of the bootstrap, with its placeholders filled in."""
    return Template((ROOT / "infra" / "bootstrap" / name).read_text()).substitute(values)
