"""The access matrix again, judged by what the Pulumi programs attach to roles and resources."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.policies.conftest import ACCOUNT, PROJECT

ONE = (ACCOUNT,) * 3
THREE = ("111111111111", "222222222222", "333333333333")


@pytest.mark.parametrize("accounts", [ONE, THREE], ids=["one account", "three accounts"])
def test_the_programs_keep_every_promise(
    root: Path, tmp_path: Path, accounts: tuple[str, ...]
) -> None:
    (tmp_path / "project.yaml").write_text(PROJECT % accounts)
    command = [sys.executable, "-m", "policies", "matrix", "--project", str(tmp_path)]
    done = subprocess.run([*command, "--rendered"], cwd=root, capture_output=True, text=True)
    assert done.stderr == ""
    assert ", 0 broken" in done.stdout
    assert done.returncode == 0
