"""The evidence report of the journey's model, as auditors make it and an approver files it."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from sandbox.journey.commands import JourneyError
from sandbox.journey.stages import Journey
from tests.evidence_commands import commands
from tests.journey.travelled import Travelled

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture
def auditors(travelled: Travelled, tmp_path: Path) -> Path:
    """The report that staging's auditor makes, who reads the registry's evidence too."""
    reported(travelled.journey, "--out", str(tmp_path / "report"))
    return tmp_path / "report"


def reported(journey: Journey, *arguments: str) -> str:
    return journey.modelyard(journey.session("staging", "auditor"), "report", *arguments)


def read(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "report.json").read_text())
    return found


def test_auditor_reads_everything_but_rows_and_what_is_not_there_yet(auditors: Path) -> None:
    found = read(auditors)
    assert found["deviations"] == [] or found["verdict"]["problems"] == 0
    assert [one for one in found["gaps"] if "evaluation" in one["sentence"]] == []
    assert found["approvals"]["chain"]["holds"]
    assert found["releases"]["chain"]["holds"]
    assert found["making"]["trained_by"] == "alice"
    assert found["metrics"]["metrics"]
    assert found["explanation"]["importance"]


def test_report_comes_within_seconds_and_in_the_same_bytes(
    travelled: Travelled, auditors: Path, tmp_path: Path
) -> None:
    again = tmp_path / "again"
    reported(travelled.journey, "--out", str(again))
    for name in ("report.json", "report.html"):
        assert (again / name).read_bytes() == (auditors / name).read_bytes()


def test_what_is_stored_is_what_the_report_says(travelled: Travelled, auditors: Path) -> None:
    assert ", 0 different, " in reported(travelled.journey, "--verify", str(auditors))


def test_auditor_files_nothing_and_the_approver_files_what_the_auditor_made(
    travelled: Travelled, auditors: Path, tmp_path: Path
) -> None:
    journey = travelled.journey
    with pytest.raises(JourneyError, match="AWS denies"):
        reported(journey, "--publish", str(auditors))
    approver = journey.session("dev", "model-approver")
    printed = journey.modelyard(approver, "report", "--publish", str(auditors))
    assert "/reports/evidence/" in printed
    reported(journey, "--out", str(tmp_path / "next"))
    found = read(tmp_path / "next")["difference"]
    assert (found["changes"], found["gaps"]["new"]) == ([], [])


@pytest.mark.parametrize("line", [one for one in commands("modelyard") if "--publish" not in one])
def test_command_of_the_docs_does_what_they_say(travelled: Travelled, line: str) -> None:
    assert reported(travelled.journey, *shlex.split(line)[2:])
