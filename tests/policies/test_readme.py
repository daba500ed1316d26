"""policies/README.md read as an auditor: each claim's command runs, and its answer says so."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

README = Path(__file__).parents[2] / "policies" / "README.md"
TEXT = README.read_text(encoding="utf-8")
CLAIMS = re.findall(r"^```\n(.*?)^```\n→ (.*?)$", TEXT, re.DOTALL | re.MULTILINE)


def named(claim: tuple[str, str]) -> str:
    return re.sub(r"\W+", " ", claim[0].split("-m policies", 1)[1]).strip()[:60]


@pytest.mark.parametrize("claim", CLAIMS, ids=named)
def test_the_command_proves_its_claim(root: Path, claim: tuple[str, str]) -> None:
    commands, answers = claim
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands], cwd=root, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    expected = re.findall(r"`([^`]+)`", answers)
    assert expected
    assert [one for one in expected if one not in done.stdout] == []


def test_every_command_is_followed_by_its_answer() -> None:
    assert len(CLAIMS) == TEXT.count("\n```\n") // 2


def test_every_claim_is_followed_by_its_command() -> None:
    claims = TEXT.split("## The claims")[1].split("\n## ")[0]
    assert claims.count("\n**") == len(CLAIMS)


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`((?:tests|policies)/[^`*<]+)`", TEXT))))
def test_every_named_file_exists(root: Path, path: str) -> None:
    assert (root / path).exists()
