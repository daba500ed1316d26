"""A card that does not say what its package says is found out, field by field."""

import copy
import json
from dataclasses import replace
from typing import Any

import pytest

from modelyard import cli
from modelyard.card import build
from modelyard.card.check import Stored, notes, problems
from modelyard.card.facts import of_dossier, statement
from modelyard.card.required import missing, require_complete
from modelyard.card_page import lines, page
from modelyard.commands import card as command
from modelyard.errors import CardError
from modelyard.evidence import Dossier
from modelyard.project import Project, parse
from tests.modelyard.card.conftest import document, dossier_of

NAME = "loans-dev-package-3"


@pytest.fixture
def recorded(dossier: Dossier) -> Dossier:
    """The dossier once the card function has written the card."""
    content = {
        "content": build(dossier),
        "statement": statement(dossier.project),
        "training": of_dossier(dossier).training,
    }
    return replace(dossier, card=document("reports/cards/3-x.json", **content))


@pytest.fixture
def stored(recorded: Dossier) -> Stored:
    """What SageMaker then keeps."""
    return Stored(NAME, 1, "Approved", json.loads(json.dumps(build(recorded))))


def test_card_as_written_has_no_problem(recorded: Dossier, stored: Stored) -> None:
    assert problems(recorded, NAME, stored) == ()


def test_card_edited_by_hand_is_told_by_field_and_hand(recorded: Dossier, stored: Stored) -> None:
    content: Any = copy.deepcopy(stored.content)
    content["intended_uses"]["risk_rating"] = "Low"
    edited = replace(stored, content=content, changed_by="assumed-role/admin/mallory")
    assert problems(recorded, NAME, edited) == (
        f"card {NAME} is out of step, changed last by assumed-role/admin/mallory: "
        'intended_uses.risk_rating says "Low" and should say "High"',
    )


def test_card_and_its_record_edited_alike_are_found_out(recorded: Dossier, stored: Stored) -> None:
    content: Any = copy.deepcopy(stored.content)
    content["additional_information"]["custom_details"]["model_sha256"] = "0" * 64
    forged = document("reports/cards/3-y.json", **{**recorded.card.content, "content": content})  # type: ignore[union-attr]
    (problem,) = problems(replace(recorded, card=forged), NAME, replace(stored, content=content))
    assert "additional_information.custom_details.model_sha256 says" in problem


@pytest.mark.parametrize(
    ("approval", "status", "should"),
    [
        ("Approved", "PendingReview", "Approved"),
        ("PendingManualApproval", "Approved", "PendingReview"),
        ("Rejected", "Approved", "Archived"),
    ],
)
def test_status_out_of_step_with_the_registry_is_told(
    recorded: Dossier, stored: Stored, approval: str, status: str, should: str
) -> None:
    package = replace(recorded.package, status=approval)
    found = problems(replace(recorded, package=package), NAME, replace(stored, status=status))
    assert (
        f"card {NAME} has the status {status} and should have {should}: version 3 is {approval}"
    ) in found


def test_approval_without_a_record_is_told(recorded: Dossier, stored: Stored) -> None:
    package = replace(recorded.package, production="Approved")
    found = problems(replace(recorded, package=package), NAME, stored)
    assert "no approval record says that it is Approved for production" in found


def test_absent_card_is_told(dossier: Dossier) -> None:
    (problem,) = problems(dossier, NAME, None)
    assert problem.startswith(f"SageMaker has no model card {NAME}")


def test_high_risk_project_with_missing_documents_is_told(project: Project) -> None:
    dossier = dossier_of(project)
    found = problems(dossier, NAME, Stored(NAME, 1, "Draft", build(dossier)))
    assert any("risk.documents.data_protection: is missing" in one for one in found)


def test_later_change_of_project_yaml_is_a_note_and_no_edit(
    recorded: Dossier, stored: Stored, stated: dict[str, Any]
) -> None:
    stated["risk"]["limitations"] = "Better understood today."
    later = replace(recorded, project=parse(stated))
    assert problems(later, NAME, stored) == ()
    assert notes(later) == ("project.yaml has changed since: risk.limitations",)


def test_reader_who_may_not_see_the_evaluation_compares_with_the_record(
    recorded: Dossier, stored: Stored
) -> None:
    assert problems(replace(recorded, evaluation=None), NAME, stored) == ()


@pytest.fixture
def asked(
    recorded: Dossier, stored: Stored, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> list[str]:
    """`modelyard card 3` with AWS's answers given."""
    from tests.modelyard.conftest import TEXT

    file = tmp_path / "project.yaml"
    file.write_text(TEXT, encoding="utf-8")
    monkeypatch.setattr(command, "gather", lambda *_: recorded)
    monkeypatch.setattr(command, "_stored", lambda *_: stored)
    return ["card", "--project", str(file), "3"]


def test_check_of_a_right_card_exits_with_0(
    asked: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([*asked, "--check"]) == 0
    assert f"{NAME} says what its package says" in capsys.readouterr().out


def test_check_of_an_edited_card_exits_with_1_and_names_the_field(
    asked: list[str],
    stored: Stored,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(command, "_stored", lambda *_: replace(stored, content={}))
    assert cli.main([*asked, "--check"]) == 1
    assert "business_details is missing" in capsys.readouterr().err


def test_content_is_printed_as_sagemaker_keeps_it(
    asked: list[str], stored: Stored, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([*asked, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == stored.content


def test_page_escapes_what_people_wrote(stored: Stored) -> None:
    content: Any = copy.deepcopy(stored.content)
    content["intended_uses"]["purpose_of_model"] = "<script>alert(1)</script>"
    shown = page(NAME, "Approved", content, ["<b>"])
    assert "<script>" not in shown
    assert "&lt;b&gt;" in shown


def test_terminal_shows_metrics_with_intervals(stored: Stored) -> None:
    assert any(
        "roc_auc: 0.841235 (95 % interval 0.79 to 0.88)" in one for one in lines(stored.content)
    )


def test_production_is_not_approved_while_the_card_lacks_something(project: Project) -> None:
    with pytest.raises(
        CardError, match=r"risk\.hazards: is missing(.|\n)*not approved for production"
    ):
        require_complete(missing(statement(project)))
