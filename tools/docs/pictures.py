"""Screenshots of the pages that Modelyard writes, of what a kept demo has to show.

They are neither committed nor needed: where one was not taken, the site says so in its place. The
demo's people make the pages by the commands that docs show, each in the role that may.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from sandbox.identity import login
from sandbox.journey import server
from sandbox.journey.commands import JourneyError, clean_environment, run
from sandbox.journey.demo import CHECKOUT, PLACE
from sandbox.journey.stages import PRODUCTION, REGISTRY, Journey
from tools.docs.gathering import DocsError
from tools.docs.places import PICTURES

BROWSER: Final = "chromium"
# What a reader sees without scrolling, at twice the points for sharp text.
SIZE: Final = (1200, 1000)


def evidence_report(journey: Journey, file: Path) -> None:
    """The evidence report of the version that serves, as production's auditor makes it."""
    auditor = journey.session(PRODUCTION, "auditor")
    journey.modelyard(auditor, "report", serving(journey), "--out", str(file.parent))
    (file.parent / "report.html").replace(file)


def model_card(journey: Journey, file: Path) -> None:
    """The model card of the version that serves, as its approver reads it."""
    approver = journey.session(REGISTRY, "model-approver")
    page = journey.modelyard(approver, "card", serving(journey), "--html")
    file.write_text(page, encoding="utf-8")


def serving(journey: Journey) -> str:
    """The version that answers in production."""
    operator = journey.session(PRODUCTION, "model-operator")
    status = journey.modelyard(operator, "status", "--env", PRODUCTION, "--json")
    return str(json.loads(status)["endpoint"]["version"])


def monitoring(journey: Journey, file: Path) -> None:
    """The last hours of production's traffic, judged now for the operator."""
    operator = journey.session(PRODUCTION, "model-operator")
    try:
        asked = ("monitor", "--env", PRODUCTION, "--page", str(file))
        journey.modelyard(operator, *asked)
    except JourneyError:
        # A critical window is an exit status of its own; its page is there all the same.
        if not file.is_file():
            raise


def fleet(journey: Journey, file: Path) -> None:
    """Every project of the account, as its platform administrator sees them."""
    place = journey.project.environments[REGISTRY]
    administrator = login(
        journey.url, place.account, "modelyard-platform-admin", "ada", place.region
    )
    journey.modelyard(administrator, "fleet", "--html", str(file))


def access(journey: Journey, file: Path) -> None:
    """Who may do what in the demo's project, judged from its documents; needs no account."""
    run(
        [
            *(sys.executable, "-m", "policies", "matrix", "--format", "html", "--out", str(file)),
            *("--project", str(journey.repo / "project.yaml")),
        ],
        CHECKOUT,
        clean_environment({}),
    )


PAGES: Final[Mapping[str, Callable[[Journey, Path], None]]] = {
    "evidence-report": evidence_report,
    "model-card": model_card,
    "monitoring": monitoring,
    "fleet": fleet,
    "access": access,
}


def take(into: Path = PICTURES) -> None:
    """Have each page made and take its picture.

    Raises:
        DocsError: there is no Chromium, or no demo that serves.
    """
    if not shutil.which(BROWSER):
        raise DocsError("screenshots need Chromium, which is not installed; the site does without")
    running = server.recall(CHECKOUT / PLACE / "sandbox.json")
    if running is None:
        raise DocsError("screenshots are of a demo that serves: `make demo KEEP=1` first")
    (project,) = (CHECKOUT / PLACE).glob("*/project.yaml")
    journey = Journey(project.parent, running.url)
    into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="modelyard-pages-") as scratch:
        for name, make in PAGES.items():
            page = Path(scratch) / f"{name}.html"
            make(journey, page)
            screenshot(page.as_uri(), into / f"{name}.png")
            sys.stdout.write(f"{name}.png\n")


def screenshot(address: str, file: Path, size: tuple[int, int] = SIZE) -> None:
    """What a browser shows of a page without scrolling."""
    with tempfile.TemporaryDirectory(prefix="modelyard-browser-") as profile:
        done = subprocess.run(
            [
                BROWSER,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--hide-scrollbars",
                "--force-device-scale-factor=2",
                "--virtual-time-budget=3000",
                f"--window-size={size[0]},{size[1]}",
                f"--user-data-dir={profile}",
                f"--screenshot={file}",
                address,
            ],
            capture_output=True,
            text=True,
            timeout=120,
        )
    if done.returncode or not file.is_file():
        raise DocsError(f"{BROWSER} took no picture of {address}: {done.stderr.strip()[-300:]}")
