"""The site that `make docs` builds: strictly, from here alone, and fit to be looked at."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.chromium import VIEWS, Browser, needs_chromium
from tools.docs.pictures import screenshot
from tools.docs.places import ROOT, SITE

pytestmark = pytest.mark.slow


class Sources(HTMLParser):
    """Everything a page makes a browser fetch, and what it names as its parts."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag in ("script", "img", "iframe", "source", "video", "audio", "embed"):
            self.found.append(told.get("src") or "")
        if tag == "link":
            self.found.append(told.get("href") or "")


@pytest.fixture(scope="module")
def site() -> Path:
    """The site, built as people build it."""
    done = subprocess.run(
        [sys.executable, "-m", "tools.docs", "build"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return SITE


@pytest.fixture
def address(site: Path) -> Iterator[str]:
    """Where the site is served."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_nothing_is_fetched_from_elsewhere(site: Path) -> None:
    elsewhere = []
    for page in site.rglob("*.html"):
        sources = Sources()
        sources.feed(page.read_text())
        elsewhere += [
            f"{page.name}: {one}" for one in sources.found if re.match("(https?:)?//", one)
        ]
    for sheet in site.rglob("*.css"):
        elsewhere += re.findall(r"url\([\"']?https?:[^)]*|@import[^;]*", sheet.read_text())
    assert elsewhere == []


def test_no_table_or_heading_is_left_as_markdown(site: Path) -> None:
    left = [
        f"{page.name}: {text[:60]}"
        for page in site.rglob("*.html")
        if "source" not in page.parts
        for text in re.findall(r"<p>(?:\||#|!!!|- ).*", page.read_text())
    ]
    assert left == []


def test_reference_is_on_the_site(site: Path) -> None:
    assert 'id="modelyard-rollback"' in (site / "reference" / "commands.html").read_text()


@pytest.mark.browser
@needs_chromium
@pytest.mark.parametrize("page", ["index.html", "tutorial.html"])
def test_page_fits_a_phone_and_a_desk_without_complaints(
    site: Path, tmp_path: Path, page: str
) -> None:
    # Where a test may write beside the pages.
    shutil.copytree(site, tmp_path / "site")
    told = Browser(tmp_path / "site" / "profile").look(tmp_path / "site" / page)
    assert {view: told[view]["width"] for view in VIEWS} == {
        view: width for view, (width, _) in VIEWS.items()
    }
    assert told["complaints"] == []


@pytest.mark.browser
@needs_chromium
def test_served_page_is_no_blank_one(address: str, tmp_path: Path) -> None:
    screenshot(f"{address}/index.html", tmp_path / "index.png", (1280, 900))
    # A blank page of this size compresses to a tenth of it.
    assert (tmp_path / "index.png").stat().st_size > 50_000
