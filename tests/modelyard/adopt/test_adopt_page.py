"""docs/adopt.md: its commands do what the page says, on a repo as a team has it."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from modelyard.cli import main
from tests.modelyard.adopt import repos
from tests.modelyard.adopt.conftest import hashes

# Run for real in test_make.py, which takes minutes.
ELSEWHERE = {"make test", "make try"}


def test_commands_of_the_page_work_in_its_order(
    root: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    page = (root / "docs" / "adopt.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    commands = [line for block in blocks for line in block.splitlines() if line not in ELSEWHERE]
    # The model of this repo names its columns, and age is one that the page protects.
    text = repos.WITH_FUNCTION.replace('["age", "income", "calls"]', '["income", "calls"]')
    repo = repos.make(tmp_path, {"train.py": text, "data/customers.csv": repos.customers()})
    monkeypatch.chdir(repo)
    for command in sorted(commands, key=lambda line: "--dry-run" not in line):
        before = hashes(repo)
        assert main(shlex.split(command)[1:]) == 0, capsys.readouterr().err
        assert (hashes(repo) == before) is ("--dry-run" in command)
    assert (repo / "modelyard_adapter.py").exists()
