"""Every point of Annex IV is answered with evidence or named as a gap; nothing is invented."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from modelyard import cli
from modelyard.commands import technical_file as command
from modelyard.evidence import Dossier
from modelyard.project import Project, parse
from modelyard.technical_file import TechnicalFile, build
from modelyard.technical_file.law import law, numbers
from modelyard.technical_file.render import markdown, page
from tests.modelyard.card.conftest import document, dossier_of
from tests.modelyard.conftest import TEXT

POINTS = [point for point in law()["points"] if not (point in "23" or point == "1")]
DOCUMENTS = {
    "design": "https://example.com/design",
    "instructions_for_use": "https://example.com/use",
    "standards": "https://example.com/standards",
    "declaration_of_conformity": "https://example.com/declaration",
    "post_market_plan": "https://example.com/plan",
}
SERVED = {
    "releases": (
        document("releases/3-deploying.json", phase="deploying", time="t"),
        document(
            "releases/3-done.json",
            phase="done",
            endpoint="loans-prod",
            environment="prod",
            time="t",
        ),
    ),
    "verifications": (document("releases/verifications/3.json", passed=True),),
    "monitoring": (
        document("reports/monitoring/2026-01-02T00/summary.json", verdict="ok", rows=300),
    ),
}


@pytest.fixture
def full(stated: dict[str, Any]) -> Dossier:
    """A version of which everything is stated and recorded."""
    stated["risk"]["documents"] |= DOCUMENTS
    stated["risk"]["metrics_rationale"] = "Ranking matters, because capacity to review is limited."
    stated["data"][0]["description"] = "Applications of one year, labelled by the decision made."
    dossier = dossier_of(parse(stated), **SERVED)
    evaluation = dossier.evaluation
    assert evaluation is not None
    explained = {**evaluation.content, "explanation": {"importance": {"loanamt": 0.4}}}
    return replace(dossier, evaluation=replace(evaluation, content=explained))


@pytest.fixture
def file(full: Dossier) -> TechnicalFile:
    """Its technical file."""
    return build(full)


def test_borrowed_data_are_their_owners(stated: dict[str, Any]) -> None:
    stated["data"] = [{"name": "seen", "source": "dataset://lending/applications"}]
    told = markdown(build(dossier_of(parse(stated))))
    assert "Data set seen: owner that of dataset://lending/applications" in told


def test_sections_are_those_of_annex_iv(file: TechnicalFile) -> None:
    assert tuple(one.number for one in file.sections) == numbers() == tuple("123456789")


@pytest.mark.parametrize("point", POINTS)
def test_point_is_stated_with_evidence(file: TechnicalFile, point: str) -> None:
    told = [one for part in file.sections for one in part.statements if one.point == point]
    assert told
    assert all(len(proof.sha256) == 64 for one in told for proof in one.evidence)


def test_complete_version_has_no_gap(file: TechnicalFile) -> None:
    assert file.gaps == ()


@pytest.mark.parametrize("point", POINTS)
def test_point_is_answered_or_a_gap_where_nothing_is_known(project: Project, point: str) -> None:
    bare = dossier_of(
        project, evaluation=None, manifest=None, dataset_versions=None, execution=None, approvals=()
    )
    found = build(bare)
    told = {one.point for part in found.sections for one in part.statements}
    assert point in told | {gap.point for gap in found.gaps}


@pytest.mark.parametrize(
    ("point", "where"),
    [
        ("3(b)", "project.yaml: risk.hazards"),
        ("5", "project.yaml: risk.documents.data_protection"),
        ("7", "project.yaml: risk.documents.standards"),
        ("8", "project.yaml: risk.documents.declaration_of_conformity"),
        ("9", "project.yaml: risk.documents.post_market_plan"),
        ("1(d)", "`modelyard release`"),
    ],
)
def test_gap_says_where_to_fill_it(project: Project, point: str, where: str) -> None:
    gaps = [gap for gap in build(dossier_of(project)).gaps if gap.point == point]
    assert any(where in gap.sentence for gap in gaps)


def test_evidence_carries_the_hash_of_its_document(full: Dossier, file: TechnicalFile) -> None:
    assert full.evaluation is not None
    (gates,) = [one for one in file.sections[1].statements if one.text.startswith("Gates: ")]
    assert [(one.uri, one.sha256) for one in gates.evidence] == [
        (full.evaluation.uri, full.evaluation.sha256)
    ]


def test_decisions_name_who_when_and_why(file: TechnicalFile) -> None:
    told = " ".join(one.text for one in file.sections[1].statements if one.point == "2(g)")
    assert "Approved for staging by arn:aws:sts::123456789012:assumed-role" in told
    assert "2026-01-02T03:04:05" in told


def test_changes_list_endings_of_releases_only(file: TechnicalFile) -> None:
    told = [one.text for one in file.sections[5].statements]
    assert any("release done (prod)" in one for one in told)
    assert not any("deploying" in one for one in told)


def test_same_dossier_makes_the_same_file(full: Dossier, file: TechnicalFile) -> None:
    assert json.dumps(build(full).document()) == json.dumps(file.document())


def test_summary_counts_what_the_sections_hold(file: TechnicalFile) -> None:
    assert [one["number"] for one in file.summary()] == list("123456789")
    assert all(one["statements"] == one["evidenced"] for one in file.summary())


def test_law_that_nobody_checked_is_marked(file: TechnicalFile) -> None:
    assert "not checked at its source" in markdown(file)
    assert "not checked at its source" in page(file)


def test_page_escapes_what_people_wrote(stated: dict[str, Any]) -> None:
    stated["risk"]["limitations"] = "<script>alert(1)</script>"
    shown = page(build(dossier_of(parse(stated))))
    assert "<script>" not in shown


@pytest.fixture
def asked(full: Dossier, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """`modelyard technical-file 3` with AWS's answers given."""
    (tmp_path / "project.yaml").write_text(TEXT, encoding="utf-8")
    monkeypatch.setattr(command, "gather", lambda *_: full)
    return ["technical-file", "--project", str(tmp_path / "project.yaml"), "3"]


def test_command_writes_three_files(
    asked: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([*asked, "--out", str(tmp_path / "out")]) == 0
    assert sorted(one.name for one in (tmp_path / "out").iterdir()) == [
        "technical-file.html",
        "technical-file.json",
        "technical-file.md",
    ]
    assert "technical-file.html" in capsys.readouterr().out


def test_strict_exits_with_1_where_a_high_risk_model_has_gaps(
    asked: list[str],
    project: Project,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(command, "gather", lambda *_: dossier_of(project))
    assert cli.main([*asked, "--strict", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["risk_tier"] == "high"
