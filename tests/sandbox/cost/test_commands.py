"""`python -m sandbox cost` prints the table, or the same as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sandbox.__main__ import main

PROJECT = str(Path(__file__).parents[1] / "provider" / "project.yaml")


def test_table_names_sources_and_sums(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cost", "--project", PROJECT, "--projects", "20"]) == 0
    told = capsys.readouterr().out
    assert "1 x 1.00 per key and month [S 2026-08]" in told
    assert "shared by all projects" in told
    assert "IAM is not charged: " in told
    assert "+ 1/20 of a shared" in told


def test_json_holds_what_the_table_sums(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cost", "--project", PROJECT, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    idle = sum(line["usd"] for line in told["lines"] if not line["when"])
    assert told["idle_usd_per_project"] == pytest.approx(idle, abs=0.01)
    assert {line["tag"] for line in told["lines"]} <= {"S", "K", "U"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--project", PROJECT, "--projects", "0"], "--projects must be at least 1"),
        (["--project", "nowhere.yaml"], "there is no project file nowhere.yaml"),
    ],
)
def test_mistake_is_one_line(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["cost", *arguments]) == 2
    told = capsys.readouterr().err
    assert message in told
    assert told.count("\n") == 1
