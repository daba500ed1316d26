"""Both reports in a browser: no complaint, no sideways scrolling, legible, and printable."""

import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from modelyard.evidence_report import build, page
from modelyard.project import load as load_project
from policies import matrix
from policies.controls import load
from policies.duties import duties
from policies.landscape import Documents, service_control
from policies.places import places
from policies.project_report import Material, document
from policies.report_html import page as project_page
from policies.verdicts import lines, verdicts
from tests.chromium import VIEWS, Browser, needs_chromium
from tests.modelyard.conftest import TEXT
from tests.modelyard.evidence_report import dossiers

pytestmark = [pytest.mark.browser, needs_chromium]
HOSTILE = "<script>alert(1)</script> " + "averylongnamewithoutanyspace" * 6


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Browser:
    return Browser(tmp_path_factory.mktemp("chromium") / "profile")


@pytest.fixture(scope="module", params=["model", "project"])
def report(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model's page whose names are hostile, and a project's with everything in it."""
    folder = tmp_path_factory.mktemp("page")
    (folder / "project.yaml").write_text(TEXT)
    project = load_project(folder / "project.yaml")
    file = folder / f"{request.param}.html"
    if request.param == "model":
        dossier = dossiers.dossier(
            project, approvals=(dossiers.approval(1, "staging", HOSTILE),), gaps=(HOSTILE,)
        )
        file.write_text(page(build(dossier, None, dossiers.records())), encoding="utf-8")
        return file
    everywhere = places(project)
    source = Documents.of(everywhere)
    asked = verdicts(matrix.cells(), everywhere, source.values, source, service_control(everywhere))
    material = Material(
        project=project,
        environments=(),
        lines=lines(asked),
        judged_by="the documents",
        duties=duties(everywhere),
        controls=load(),
        exemptions=(),
        provenance={"commit": "c" * 40, "dirty": False, "tools": {}, "inputs": [], "graphs": []},
        models=[{"version": 3, "verdict": HOSTILE, "state": "warning", "sha256": "e" * 64}],
    )
    file.write_text(project_page({**document(material), "difference": None}), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def seen(browser: Browser, report: Path) -> dict[str, Any]:
    """The page as a browser sees it."""
    return browser.look(report)


@pytest.mark.parametrize("view", ["phone", "desk"])
def test_page_shows_without_complaint_or_sideways_scrolling(
    seen: dict[str, Any], view: str
) -> None:
    assert seen["complaints"] == []
    assert (seen[view]["wide"], seen[view]["width"]) == ([], VIEWS[view][0])
    assert seen[view]["plots"] == 0


@pytest.mark.parametrize(
    ("view", "ink"), [("desk", "rgb(28, 39, 51)"), ("dark", "rgb(230, 235, 240)")]
)
def test_every_text_is_legible(seen: dict[str, Any], view: str, ink: str) -> None:
    assert seen[view]["ink"] == ink
    assert seen[view]["texts"] > 100
    assert seen[view]["contrast"] >= 4.5, seen[view]["palest"]


def test_page_has_landmarks_a_language_and_a_way_past_the_navigation(
    seen: dict[str, Any],
) -> None:
    found = seen["desk"]
    assert found["landmarks"] == ["header", "nav", "main", "footer"]
    assert (found["lang"], found["first"], found["focusable"]) == ("en", "skip", True)


def test_page_prints_to_several_sheets(browser: Browser, report: Path, tmp_path: Path) -> None:
    printed = browser.print(report, tmp_path / "report.pdf")
    assert printed.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", _readable(printed))) > 3


def _readable(pdf: bytes) -> bytes:
    """The PDF with its compressed object streams opened."""
    return pdf + b"".join(_opened(pdf))


def _opened(pdf: bytes) -> Iterator[bytes]:
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL):
        opener = zlib.decompressobj()
        try:
            yield opener.decompress(stream)
        except zlib.error:
            continue
