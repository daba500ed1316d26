"""python -m policies report: the auditor's page, in Markdown and in HTML."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from policies.__main__ import main
from policies.controls import FAMILIES, load
from policies.guardrails.catalogue import all_rules
from tests.policies.guardrails.twins import TWINS

if TYPE_CHECKING:
    from tests.policies.guardrails.conftest import Entry

MOVABLE = next(twin for twin in TWINS if twin.rule == "immutable-images")


class Page(HTMLParser):
    """The elements of a page that are open, the ids it has and the ids it links to."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: set[str] = set()
        self.links: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.ids |= {str(found["id"])} if "id" in found else set()
        self.links |= {str(found["href"])} if "href" in found else set()
        if tag not in ("br", "meta"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def reported(graph: Mapping[str, Entry], project: Path, out: Path) -> int:
    """Write the report of one graph; the command's exit code."""
    file = out / "graph.json"
    file.write_text(json.dumps({"resources": list(graph.values())}))
    arguments = ["report", "--project", str(project), "--graph", f"dev={file}", "--out", str(out)]
    return main(arguments)


def test_report_tells_every_control_rule_and_framework(
    good: Mapping[str, Entry], project_file: Path, tmp_path: Path
) -> None:
    assert reported(good, project_file, tmp_path) == 0
    for page in ("controls.md", "controls.html"):
        text = (tmp_path / page).read_text()
        assert [each.id for each in load() if each.id not in text] == []
        assert [each.id for each in all_rules() if each.id not in text] == []
        assert [each for each in FAMILIES if each not in text] == []


def test_page_is_whole_and_its_links_lead_somewhere(
    good: Mapping[str, Entry], project_file: Path, tmp_path: Path
) -> None:
    reported(good, project_file, tmp_path)
    page = Page()
    page.feed((tmp_path / "controls.html").read_text())
    assert page.open == []
    assert page.links == {f"#{name}" for name in page.ids}


def test_same_graph_gives_the_same_bytes(
    good: Mapping[str, Entry], project_file: Path, tmp_path: Path
) -> None:
    for folder in ("first", "second"):
        (tmp_path / folder).mkdir()
        reported(good, project_file, tmp_path / folder)
    for page in ("controls.md", "controls.html"):
        first, second = (tmp_path / folder / page for folder in ("first", "second"))
        assert first.read_bytes() == second.read_bytes()


def test_finding_stands_in_the_report_and_in_the_exit_code(
    good: Mapping[str, Entry],
    project_file: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert reported(MOVABLE.of(good), project_file, tmp_path) == 1
    assert "1 finding stands against dev" in capsys.readouterr().out
    for page in ("controls.md", "controls.html"):
        assert "an image can be swapped under its tag" in (tmp_path / page).read_text()


def test_graph_without_its_environment_is_told_in_one_line(
    project_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", "--project", str(project_file), "--graph", "dev.json"]) == 2
    assert capsys.readouterr().err == (
        "policies: --graph dev.json: write ENV=FILE, as in dev=dev.json\n"
    )
