"""The report's page: complete by itself, and readable where alerts are read, on a phone."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.chromium import VIEWS, Browser, needs_chromium
from tests.modelyard.jobs.watched import applications, watch
from tests.modelyard.outline import Outline


@pytest.fixture(scope="module")
def page(mortgage: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The page of a window with drift, missing values, a name like markup, and history."""
    environment = pytest.MonkeyPatch()
    window = watch(mortgage, tmp_path_factory.mktemp("page") / "ml", environment)
    rows: list[dict[str, Any]] = []
    for number, row in enumerate(applications(400)):
        changed = row | {"loanprc": row["loanprc"] * 1.6, "<script>alert(1)</script>": 1}
        rows.append(changed | ({"married": None} if number % 4 else {}))
    window.serve(rows)
    window.window = {"served": 480, "errors_5xx": 10, "latency_p99_us": 2_400_000.0}
    window.report()
    for days in (3, 2, 1):
        window.remember(window.read("summary.json"), days)
    window.report()
    yield window.output("report.html")
    environment.undo()


def test_page_is_well_formed_and_has_its_landmarks(page: Path) -> None:
    outline = Outline()
    outline.feed(page.read_text(encoding="utf-8"))
    assert (outline.wrong, outline.open) == ([], [])
    assert {"header", "nav", "main", "footer", "h1"} <= set(outline.seen)
    assert outline.seen.count("h1") == 1


def test_every_plot_has_a_text_and_every_table_a_caption(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    plots = re.findall(r"<svg[^>]*role='img'><title>[^<]+</title><desc>[^<]+</desc>", text)
    assert len(plots) == text.count("<svg") > 20
    assert text.count("<table") == text.count("<caption>") > 4


def test_page_needs_nothing_else(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert re.findall(r"(?:src|href)=['\"](?!#|data:)", text) == []
    assert "<script" not in text
    assert "@import" not in text and "url(" not in text


def test_page_says_first_what_matters_and_what_to_do(page: Path) -> None:
    text = re.sub(r"<style>.*?</style>", "", page.read_text(encoding="utf-8"), flags=re.S)
    order = [
        text.index(mark) for mark in ("class='verdict critical'", "What to do", "Findings</h2>")
    ]
    assert order == sorted(order)
    assert "<code>modelyard" in text


@pytest.mark.browser
@needs_chromium
def test_a_browser_shows_it_on_phone_and_desk_without_complaint(page: Path, tmp_path: Path) -> None:
    seen = Browser(tmp_path / "profile").look(page)
    assert seen["complaints"] == []
    for view, (width, _) in VIEWS.items():
        found = seen[view]
        assert (found["width"], found["wide"], found["plots"]) == (width, [], 0)
        assert found["contrast"] >= 4.5, (view, found["palest"])
    assert seen["phone"]["title"] == "team-model in prod: monitoring report, 20260102T0000Z-24h"
