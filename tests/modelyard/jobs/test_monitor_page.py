"""The report's page: complete by itself, and readable where alerts are read, on a phone."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.modelyard.jobs.watched import applications, watch
from tests.modelyard.outline import Outline

PHONE = 390


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
@pytest.mark.skipif(not shutil.which("chromium"), reason="Chromium is not installed")
def test_a_browser_shows_it_at_phone_width_without_complaint(page: Path, tmp_path: Path) -> None:
    probe = tmp_path / "probe.html"
    probe.write_text(
        f"<body><iframe id='f' src='{page.as_uri()}' width='{PHONE}' height='800'></iframe>"
        "<p id='told'></p><script>f.onload = () => { const d = f.contentDocument;"
        " const e = d.documentElement;"
        " const wide = [...d.querySelectorAll('main *')].filter(x => !x.closest('.scroll') &&"
        "   !x.closest('svg') && !x.closest('details') &&"
        "   x.getBoundingClientRect().right > e.clientWidth + 1).map(x => x.tagName);"
        " const plot = d.querySelector('svg').getBoundingClientRect();"
        " told.textContent = JSON.stringify([e.scrollWidth, e.clientWidth, wide.length,"
        "   d.title, plot.width > 200 && plot.height > 40]); };</script>"
    )
    done = subprocess.run(
        [
            "chromium",
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            "--allow-file-access-from-files",
            "--enable-logging=stderr",
            f"--user-data-dir={tmp_path / 'profile'}",
            "--dump-dom",
            probe.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    told = re.search(r"<p id=\"told\">(.*?)</p>", done.stdout)
    assert told is not None, done.stderr
    assert told[1] == (
        f'[{PHONE},{PHONE},0,"team-model in prod: monitoring report, 20260102T0000Z-24h",true]'
    )
    assert "CONSOLE" not in done.stderr
