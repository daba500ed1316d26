"""The walk through Annex IV leaves no point out, and its commands and keys exist."""

from __future__ import annotations

import re
import shlex

import pytest

from modelyard import cli
from modelyard.card.required import REQUIRED
from modelyard.project import Project
from modelyard.technical_file.law import law
from policies.__main__ import main as policies
from tests.governance_table import PAGE, Row, commands, rows


def test_every_point_of_the_annex_has_its_row() -> None:
    points = list(law()["points"])
    asked = [point for point in points if not any(f"{point}(" in other for other in points)]
    assert [row.point for row in rows()] == asked


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.point)
def test_row_says_where_the_answer_is_kept(row: Row) -> None:
    assert all((row.asks, row.kept, row.command))


@pytest.mark.parametrize("command", commands())
def test_command_takes_the_options_shown(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    program, *words = shlex.split(command)
    names = [word for word in words if not word.startswith("-")]
    if program == "python":
        with pytest.raises(SystemExit, match="0"):
            policies([names[1], "--help"])
    else:
        nested = names[:2] if names[0] == "data" else names[:1]
        with pytest.raises(SystemExit, match="0"):
            cli.main([*nested, "--help"])
    shown = capsys.readouterr().out
    assert all(word in shown for word in words[2:] if word.startswith("--"))


@pytest.mark.parametrize("key", [one.key for one in REQUIRED if one.tiers == ("high",)])
def test_key_that_a_high_risk_model_must_state_is_on_the_page(key: str) -> None:
    text = PAGE.read_text(encoding="utf-8")
    name = key.replace("[0]", "[]")
    assert f"`{name}`" in text or f"`.{name.rpartition('.')[2]}`" in text


@pytest.mark.parametrize(
    "key", sorted(set(re.findall(r"`(risk\.[a-z_.]+)`", PAGE.read_text(encoding="utf-8"))))
)
def test_key_on_the_page_is_one_that_project_yaml_takes(key: str) -> None:
    fields = Project.model_fields
    for name in key.split("."):
        field = fields[name]
        annotation = field.annotation
        fields = getattr(annotation, "model_fields", {})
