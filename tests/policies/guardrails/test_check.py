"""python -m policies check: findings in plain sentences, and exceptions with their reason."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from policies.__main__ import main
from tests.policies.guardrails.twins import TWINS

if TYPE_CHECKING:
    from tests.policies.guardrails.conftest import Entry

MOVABLE = next(twin for twin in TWINS if twin.rule == "immutable-images")


def written(graph: Mapping[str, Entry], folder: Path) -> Path:
    """A graph as `python -m sandbox render` writes it."""
    file = folder / "graph.json"
    file.write_text(json.dumps({"resources": list(graph.values()), "outputs": {}}))
    return file


def exemption(folder: Path, expiry: date) -> Path:
    """A reviewed exception for images with movable tags."""
    file = folder / "exemptions.yaml"
    file.write_text(
        "exemptions:\n"
        "  - id: immutable-images\n"
        "    resource: 'aws:ecr/repository:Repository::*-repository'\n"
        "    reason: the old registry moves on Monday\n"
        "    owner: risk\n"
        "    approver: security\n"
        f"    expiry: {expiry}\n"
    )
    return file


def test_good_graph_is_told_in_one_line(
    good: Mapping[str, Entry], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "--graph", str(written(good, tmp_path))]) == 0
    assert capsys.readouterr().out.splitlines()[-1].split(": ")[1].startswith("no findings")


def test_finding_names_rule_resource_breach_and_fix(
    good: Mapping[str, Entry], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "--graph", str(written(MOVABLE.of(good), tmp_path))]) == 1
    told = capsys.readouterr().out
    assert "immutable-images  loans-dev-images-repository (aws:ecr/repository:Repository)" in told
    assert "an image can be swapped under its tag" in told
    assert "fix: Set imageTagMutability to IMMUTABLE and scanOnPush to true." in told
    assert "1 finding" in told


def test_graph_given_twice_is_judged_once(
    good: Mapping[str, Entry], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(written(MOVABLE.of(good), tmp_path))
    assert main(["check", "--graph", file, "--graph", file]) == 1
    assert capsys.readouterr().out.count("immutable-images") == 1


def test_exempted_finding_is_listed_with_reason_and_expiry(
    good: Mapping[str, Entry], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    until = date.today() + timedelta(days=30)
    arguments = ["check", "--graph", str(written(MOVABLE.of(good), tmp_path))]
    arguments += ["--exemptions", str(exemption(tmp_path, until))]
    assert main(arguments) == 0
    told = capsys.readouterr().out
    assert f"the old registry moves on Monday (until {until}, agreed by security)" in told
    assert "no findings, 1 exempt" in told


def test_expired_exemption_fails(
    good: Mapping[str, Entry], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    yesterday = date.today() - timedelta(days=1)
    arguments = ["check", "--graph", str(written(good, tmp_path))]
    arguments += ["--exemptions", str(exemption(tmp_path, yesterday))]
    assert main(arguments) == 1
    assert f"expired on {yesterday}" in capsys.readouterr().err


def test_file_that_is_no_graph_is_told_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "graph.json"
    file.write_text("[]")
    assert main(["check", "--graph", str(file)]) == 2
    told = capsys.readouterr().err
    assert told == (
        f"policies: {file}: not a rendered graph; make it with `python -m sandbox render`\n"
    )
