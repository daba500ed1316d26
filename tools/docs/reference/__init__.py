"""The reference, written from code and schema for every build; none of it is committed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from tools.docs.reference import commands, contract, promises, schemas

PAGES: Final[Mapping[str, Callable[[], str]]] = {
    "commands.md": commands.page,
    "project-yaml.md": schemas.project,
    "data-contract-yaml.md": schemas.data_contract,
    "contract-parameters.md": contract.page,
    "access-matrix.md": promises.access,
    "guardrails.md": promises.guardrails,
    "controls.md": promises.stated_controls,
}


def write(folder: Path) -> None:
    """Write every page into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, page in PAGES.items():
        (folder / name).write_text(page(), encoding="utf-8")
