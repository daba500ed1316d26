"""python -m policies matrix: the table, its reasons, and pages for the binder."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from policies.__main__ import main
from policies.documents import ENVIRONMENTS
from policies.landscape import Documents, Place, service_control
from policies.matrix import Cell, cells
from policies.matrix_pages import TITLES
from policies.matrix_text import SHORT, summary, table
from policies.verdicts import PERSONAS, lines, number, verdicts
from tests.policies.conftest import ACCOUNT, PROJECT

PLACES = {name: Place("loans", name, "123456789012", "us-east-1") for name in ENVIRONMENTS}
LANDSCAPE = Documents.of(PLACES)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "project.yaml").write_text(PROJECT % ((ACCOUNT,) * 3))
    return tmp_path


def cell(persona: str, allowed: bool) -> Cell:
    """A promise about the audit trail, which is the auditor's."""
    return Cell("52", "cloudtrail:LookupEvents", "*", "", persona, "dev", allowed, "because")


def judged(*promises: Cell) -> str:
    found = verdicts(promises, PLACES, LANDSCAPE.values, LANDSCAPE, service_control(PLACES))
    return summary(lines(found))


def test_every_promise_is_kept_and_counted(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["matrix", "--project", str(folder)]) == 0
    printed = capsys.readouterr().out
    found = re.search(r"(\d+) promises, (\d+) kept, 0 broken", printed)
    assert found
    assert found[1] == found[2]
    assert "\x1b" not in printed


def test_a_broken_promise_is_named_with_what_decided() -> None:
    told = judged(cell("auditor", False), cell("pipeline", False))
    assert "2 promises, 1 kept, 1 broken" in told
    assert "row 52: auditor in dev" in told
    assert "ReadTrail" in told


def test_a_role_that_was_not_made_can_do_nothing() -> None:
    nowhere = Documents({}, {})
    found = verdicts([cell("auditor", False)], PLACES, LANDSCAPE.values, nowhere, ())
    assert [one.kept for one in found] == [True]
    assert found[0].decision.reason == "the role does not exist here"


def test_a_promised_role_that_was_not_made_breaks_its_promise() -> None:
    nowhere = Documents({}, {})
    found = verdicts([cell("auditor", True)], PLACES, LANDSCAPE.values, nowhere, ())
    assert [one.kept for one in found] == [False]


def test_a_cell_is_explained_by_its_statement(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["matrix", "--project", str(folder), "--explain", "16:model-approver:dev"]) == 0
    printed = capsys.readouterr().out
    assert "explicit deny: denied by NotOwnModel of personas/model-approver.json" in printed
    assert '"Sid": "NotOwnModel"' in printed


@pytest.mark.parametrize("unknown", ["999", "16:emperor", "16:auditor:mars", "a:b:c:d"])
def test_an_unknown_cell_is_told_in_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str], unknown: str
) -> None:
    assert main(["matrix", "--project", str(folder), "--explain", unknown]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_one_environment_can_be_shown_alone(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["matrix", "--project", str(folder), "--env", "prod"]) == 0
    assert capsys.readouterr().out.startswith("prod: A allowed")


@pytest.mark.parametrize(("kind", "start"), [("markdown", "# Who may"), ("html", "<!doctype")])
def test_pages_are_written_for_the_binder(
    folder: Path, capsys: pytest.CaptureFixture[str], kind: str, start: str
) -> None:
    out = folder / "binder" / "matrix"
    assert main(["matrix", "--project", str(folder), "--format", kind, "--out", str(out)]) == 0
    text = out.read_text()
    assert text.startswith(start)
    assert "Approving one's own" in text.replace("&#x27;", "'")
    assert "0 broken" in capsys.readouterr().out


def test_the_same_estate_gives_the_same_page(folder: Path) -> None:
    for name in ("one", "two"):
        main(["matrix", "--project", str(folder), "--format", "html", "--out", str(folder / name)])
    assert (folder / "one").read_bytes() == (folder / "two").read_bytes()


def test_answers_are_coloured_on_a_terminal() -> None:
    found = verdicts([cell("auditor", True)], PLACES, LANDSCAPE.values, LANDSCAPE, ())
    assert "\x1b[32mA" in table(lines(found), ("dev",), coloured=True)


def test_every_row_of_the_table_has_a_title() -> None:
    assert {number(one.row) for one in cells()} == set(TITLES)


def test_every_persona_has_a_short_name() -> None:
    assert set(SHORT) == set(PERSONAS)
    assert len(set(SHORT.values())) == len(SHORT)
