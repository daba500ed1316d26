"""The report's page: complete by itself, in order, and safe whatever the evidence says."""

import re
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from modelyard.evidence_report import build, page
from modelyard.project import Project
from tests.modelyard.evidence_report import dossiers
from tests.modelyard.outline import Outline

HOSTILE = "<script>alert('x')</script>&\"'<img src=x onerror=alert(1)>"


@pytest.fixture
def text(project: Project) -> str:
    return page(build(dossiers.dossier(project), None, dossiers.records()))


def test_same_report_gives_the_same_page(project: Project, text: str) -> None:
    assert page(build(dossiers.dossier(project), None, dossiers.records())) == text


def test_page_is_well_formed_with_landmarks_and_headings_in_order(text: str) -> None:
    outline = Outline()
    outline.feed(text)
    assert (outline.wrong, outline.open) == ([], [])
    assert {"header", "nav", "main", "footer"} <= set(outline.seen)
    levels = [int(tag[1]) for tag in outline.seen if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert max(b - a for a, b in pairwise(levels)) == 1


def test_navigation_leads_to_every_section(text: str) -> None:
    links = re.findall(r"<a href='#([^']+)'>", text)
    assert re.findall(r"<h2 id='([^']+)'", text) == links


def test_every_plot_has_a_text_and_every_table_a_caption_and_scopes(text: str) -> None:
    plots = re.findall(r"<svg[^>]*role='img'><title>[^<]+</title><desc>[^<]+</desc>", text)
    assert len(plots) == text.count("<svg") >= 5
    assert text.count("<table") == text.count("<caption>") > 10
    assert re.findall(r"<th(?! scope=)(?!ead)[^>]*>", text) == []


def test_page_needs_nothing_else(text: str) -> None:
    assert re.findall(r"(?:src|href)=['\"](?!#|data:)", text) == []
    assert "<script" not in text
    assert "@import" not in text
    assert "url(" not in text


def test_verdict_comes_first(text: str) -> None:
    body = text.split("<body>")[1]
    assert body.index("Version 3: incomplete, 3 gaps, 2 deviations.") < body.index("<main")


def test_every_hash_on_the_page_is_in_the_report(project: Project, text: str) -> None:
    report = build(dossiers.dossier(project), None, dossiers.records())
    assert set(re.findall(r"\b[0-9a-f]{64}\b", text)) <= set(
        re.findall(r"\b[0-9a-f]{64}\b", report.text)
    )


def test_groups_are_shown_with_their_intervals_and_decisions_with_what_was_offered(
    text: str,
) -> None:
    assert "0.920 (0.88 to 0.95)" in text
    assert "30 people are too few to tell; collected again in March." in text
    assert "threshold 0.3" in text
    assert "{&#x27;" not in text


def hostile(project: Project) -> dict[str, Any]:
    """Markup wherever people or data have the word."""
    found = dossiers.evaluation()
    found["explanation"]["importance"][HOSTILE] = 0.1
    found["metrics"][HOSTILE] = {"value": 0.5, "low": 0.4, "high": 0.6}
    found["fairness"][HOSTILE] = found["fairness"]["black"]
    found["fairness_gates"]["results"][0]["group"] = HOSTILE
    found["champion"]["sentence"] = HOSTILE
    rows = {**dossiers.manifest(), "ignored_columns": [HOSTILE]}
    risky = project.model_copy(update={"title": HOSTILE, "owner": HOSTILE})
    watched = dossiers.window(4, HOSTILE)
    return {
        "project": risky,
        "evaluation": dossiers.stored("s3://x/evaluation.json", found),
        "manifest": dossiers.stored("s3://x/manifest.json", rows),
        "approvals": (dossiers.approval(1, HOSTILE, HOSTILE),),
        "releases": (dossiers.release(1, HOSTILE),),
        "monitoring": (watched,),
        "gaps": (HOSTILE,),
        "problems": (HOSTILE,),
    }


def test_markup_in_names_and_comments_stays_text(project: Project) -> None:
    dossier = replace(dossiers.dossier(project), **hostile(project))
    previous = dossiers.stored(f"s3://x/{HOSTILE}/report.json", {"verdict": {"sentence": HOSTILE}})
    text = page(build(dossier, previous, dossiers.records()))
    outline = Outline()
    outline.feed(text)
    assert (outline.wrong, outline.open) == ([], [])
    assert {"script", "img"} & set(outline.seen) == set()
    assert text.count("&lt;script&gt;") > 10


def test_page_of_an_empty_dossier_says_so(project: Project) -> None:
    empty: dict[str, Any] = dict.fromkeys(
        ("evaluation", "manifest", "dataset_versions", "baseline_profile", "execution")
    )
    empty |= dict.fromkeys(("approvals", "releases", "monitoring"), ())
    text = page(build(dossiers.dossier(project, **empty)))
    assert "The evaluation was not read." in text
    assert "No decision about this version was read." in text
    assert "Not known: the evaluation holds no explanation." in text
