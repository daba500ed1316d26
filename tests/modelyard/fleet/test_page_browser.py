"""The fleet's page in a browser: legible anywhere, sorted and filtered by its own script."""

import re
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from modelyard.fleet import page
from modelyard.fleet.facts import Measured, Spending
from modelyard.fleet.limits import Limits
from modelyard.fleet.projects import Gap
from modelyard.fleet.report import report
from tests.chromium import VIEWS, Browser, needs_chromium
from tests.modelyard.fleet.known import PLACE, ago, environment, fleet, project

pytestmark = [pytest.mark.browser, needs_chromium]
CLICKS = """<script>addEventListener('load', () => {
  document.querySelectorAll('table.fleet thead button')[9].click();
  const sorted = [...document.querySelectorAll('table.fleet tbody th')].map(one => one.textContent);
  document.querySelector('.tools button[data-only=non-compliant]').click();
  const told = document.querySelector('.tools output').textContent;
  const kept = [...document.querySelectorAll('table.fleet tbody tr')]
    .filter(row => row.offsetHeight > 0).map(row => row.cells[0].textContent);
  document.body.setAttribute('data-seen', JSON.stringify([sorted, kept, told]));
});</script>"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Browser:
    return Browser(tmp_path_factory.mktemp("chromium") / "profile")


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three projects of different costs, one over its budget, one with long names, and a gap."""
    stated = {
        "cheap": environment("prod", spending=Spending(500.0, 9.0)),
        "dear": environment("prod", spending=Spending(500.0, 1000.0), alarms=("abort",)),
        "middling": environment(
            "prod", owner="averylongnamewithoutanyspace" * 3, drift=Measured(0.4, ago(0.5))
        ),
    }
    named = [replace(project(one), name=name) for name, one in stated.items()]
    gap = Gap(PLACE, "alarms", "AWS denies DescribeAlarms: " + "arn:aws:sts::x" * 9)
    file = tmp_path_factory.mktemp("page") / "fleet.html"
    file.write_text(page.page(report(fleet(*named, gaps=(gap,)), Limits())), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def seen(browser: Browser, shown: Path) -> dict[str, Any]:
    return browser.look(shown)


def test_nothing_is_complained_of(seen: dict[str, Any]) -> None:
    assert seen["complaints"] == []


@pytest.mark.parametrize("view", VIEWS)
def test_page_fits_every_screen_and_can_be_read(seen: dict[str, Any], view: str) -> None:
    found = seen[view]
    assert found["width"] <= VIEWS[view][0]
    assert found["wide"] == []
    assert found["contrast"] >= 4.5, found["palest"]
    assert found["focusable"]


def test_columns_sort_as_numbers_and_filters_keep_what_they_say(
    browser: Browser, shown: Path
) -> None:
    file = shown.with_name("clicked.html")
    text = shown.read_text(encoding="utf-8")
    file.write_text(text.replace("</head>", f"{CLICKS}</head>", 1), encoding="utf-8")
    dom = browser._run("--dump-dom", file.as_uri()).stdout
    told = re.search(r'data-seen="([^"]*)"', dom)
    assert told is not None
    assert unescape(told[1]) == (
        '[["cheap","middling","dear"],["dear"],"1 of 3 shown"]'
    )  # fmt: skip


def test_print_shows_every_project(browser: Browser, shown: Path, tmp_path: Path) -> None:
    assert browser.print(shown, tmp_path / "fleet.pdf").startswith(b"%PDF")
