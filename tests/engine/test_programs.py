"""Pulumi's own engine brings up a project's environment from the programs as they are shipped."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from sandbox.provider.layers import Estate
from tests.engine.conftest import Cli

pytestmark = [pytest.mark.engine, pytest.mark.timeout(900)]

PROJECT = Path(__file__).parents[1] / "sandbox" / "provider" / "project.yaml"
PROGRAMS = ("Pulumi.yaml", "infra", "policies")


@pytest.fixture
def stacks(environment: dict[str, str], tmp_path: Path, root: Path, account: str) -> list[Cli]:
    """Account, region and dev workspace of a project, in a copy that may hold stack files."""
    copy = tmp_path / "checkout"
    copy.mkdir()
    for name in PROGRAMS:
        source = root / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, copy / name)
    (copy / ".venv").symlink_to(root / ".venv", target_is_directory=True)
    document = yaml.safe_load(PROJECT.read_text())
    for place in document["environments"].values():
        place["account"] = account
    file = tmp_path / "project.yaml"
    file.write_text(yaml.safe_dump(document))
    layers = Estate.of(file).layers("dev")
    return [
        Cli(copy / one.program.root.relative_to(root), one.name, {**environment}).begin(one.config)
        for one in layers.in_order
    ]


def test_environment_comes_up_and_stays(stacks: list[Cli]) -> None:
    for stack in stacks:
        stack.done("preview")
        stack.done("up", "--yes", "--skip-preview")

    for stack in stacks:
        stack.done("preview", "--refresh", "--expect-no-changes")
