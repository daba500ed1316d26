"""What the docs tell people to type exists, and their links lead somewhere."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from modelyard.cli import parser

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted(
    path
    for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("*/README.md")]
    if "build" not in path.parts
)
BLOCK = re.compile(r"^```[a-z]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")


def commands() -> list[tuple[str, str]]:
    """Every command line in a code block, with its page."""
    return [
        (str(page.relative_to(ROOT)), line.split("#")[0].strip())
        for page in PAGES
        for block in BLOCK.findall(page.read_text())
        for line in block.splitlines()
        if line.strip() and not line.startswith((" ", "#"))
    ]


def links() -> list[tuple[str, str]]:
    """Every relative link, with its page."""
    return [
        (str(page.relative_to(ROOT)), target)
        for page in PAGES
        for target in LINK.findall(page.read_text())
        if "://" not in target
    ]


@pytest.mark.parametrize(("page", "target"), links())
def test_links_lead_somewhere(page: str, target: str) -> None:
    assert ((ROOT / page).parent / target).exists()


@pytest.mark.parametrize(
    ("page", "target"),
    sorted(
        {(page, word) for page, line in commands() for word in re.findall(r"make ([a-z-]+)", line)}
    ),
)
def test_make_targets_in_docs_exist(page: str, target: str) -> None:
    makefiles = [ROOT / "Makefile", *ROOT.glob("project_template/*/Makefile")]
    assert any(re.search(rf"^{target}:", file.read_text(), re.MULTILINE) for file in makefiles)


def python_commands() -> list[str]:
    """Distinct `python -m <room> <command>` lines with the options they use."""
    found = {
        line for _, line in commands() if re.search(r"python -m (sandbox|policies|bench)", line)
    }
    return sorted(found)


@pytest.mark.parametrize("line", python_commands())
def test_commands_in_docs_take_the_options_shown(line: str) -> None:
    words = shlex.split(line)
    start = words.index("-m") + 1
    room, rest = words[start], words[start + 1 :]
    command = [rest[0]] if rest and not rest[0].startswith("-") else []
    shown = subprocess.run(
        [sys.executable, "-m", room, *command, "--help"], cwd=ROOT, capture_output=True, text=True
    )
    assert shown.returncode == 0, shown.stderr
    for option in (word.split("=")[0] for word in rest if word.startswith("--")):
        assert option in shown.stdout


def modelyard_commands() -> list[str]:
    """Distinct `modelyard <command>` lines."""
    return sorted({line for _, line in commands() if line.startswith("modelyard ")})


@pytest.mark.parametrize("line", modelyard_commands())
def test_modelyard_takes_the_commands_shown(line: str) -> None:
    filled = line.replace("$ENV", "prod").replace("$VERSION", "7")
    assert parser().parse_args(shlex.split(filled)[1:]).execute
