"""The docs site is complete, its links lead somewhere, and it shows roles what they may type."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from tests.docs.pages import broken, in_nav
from tools.docs import pictures, reference
from tools.docs.gathering import gather

ROOT = Path(__file__).resolve().parents[2]
ROLES = ("platform-engineer", "data-scientist", "approver", "operator", "auditor")
PICTURE = re.compile(r"^<!-- picture: ([a-z-]+): .+ -->$", re.MULTILINE)


@pytest.fixture(scope="module")
def gathered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What mkdocs reads, on a machine that took no pictures."""
    place = tmp_path_factory.mktemp("site")
    reference.write(place / "reference")
    gather(place / "docs", ROOT, place / "reference", place / "pictures")
    return place / "docs"


def test_every_page_is_in_the_navigation_once(gathered: Path) -> None:
    listed = in_nav(ROOT)
    there = {str(file.relative_to(gathered)) for file in gathered.rglob("*.md")}
    assert sorted(listed) == sorted(set(listed))
    assert {name for name in there if not name.startswith("source/")} == set(listed)


def test_every_link_leads_to_a_page_and_a_heading(gathered: Path) -> None:
    assert broken(gathered) == []


def test_every_decision_is_in_the_list_of_decisions() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = (folder / "README.md").read_text()
    assert [one.name for one in folder.glob("2*.md") if f"({one.name})" not in listed] == []


@pytest.mark.parametrize("role", ROLES)
def test_role_is_told_what_to_type_first_and_what_not_to_do(role: str) -> None:
    text = (ROOT / "docs" / "start" / f"{role}.md").read_text()
    assert f"start/{role}.md" in (ROOT / "docs" / "index.md").read_text()
    assert re.search(r"^```\n(?:.+\n)*?(?:modelyard|make|\.venv/bin/python) ", text, re.MULTILINE)
    refused = text.split("## What you may not do, and why\n")[1]
    assert len(re.findall(r"^- \*\*", refused, re.MULTILINE)) >= 3


@pytest.mark.parametrize("page", sorted((ROOT / "docs").rglob("*.md")), ids=lambda page: page.stem)
def test_pictures_that_pages_ask_for_can_be_taken(page: Path) -> None:
    assert set(PICTURE.findall(page.read_text())) <= set(pictures.PAGES)


def test_warnings_fail_the_build() -> None:
    # Read without its tags, which only mkdocs knows.
    said = yaml.safe_load((ROOT / "mkdocs.yml").read_text())
    assert said["strict"] is True
    assert said["theme"]["font"] is False
    assert set(said["validation"]["links"].values()) == {"warn"}


def test_docs_are_pinned_with_hashes_and_no_index() -> None:
    pins = (ROOT / "docs" / "requirements.txt").read_text()
    packages = re.findall(r"^[a-z].*?(?=^[a-z]|\Z)", pins, re.MULTILINE | re.DOTALL)
    assert any(one.startswith("mkdocs-material==") for one in packages)
    assert [one for one in packages if "--hash=sha256:" not in one] == []
    assert "index-url" not in pins
