"""A fleet that the bench makes up is listed whole, every page of every list, in all accounts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bench import fleet, fleet_data
from modelyard.cli import main

# More than one page of each list in the first account, and a second account.
COUNT, ACCOUNTS = 104, 2


@pytest.fixture(scope="module")
def filled(sandbox_url: str) -> list[str]:
    among = [f"6{number:011d}" for number in range(ACCOUNTS)]
    fleet_data.fill(sandbox_url, COUNT * ACCOUNTS, among)
    return among


@pytest.fixture
def asked(
    filled: list[str], aws: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> list[str]:
    """The options that name the accounts, whose profiles stand in files of this test."""
    for name, text in zip(("config", "keys"), fleet_data.profiles(filled), strict=True):
        (tmp_path / name).write_text(text)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "keys"))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name)
    return [word for one in filled for word in ("--profile", one)]


@pytest.mark.slow
def test_every_project_is_listed_with_all_that_its_accounts_know(
    asked: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["fleet", *asked, "--json"]) == 0
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    made = [
        fleet_data.Filled(f"project-{number:04d}", "", number) for number in range(COUNT * ACCOUNTS)
    ]
    projects = {one["name"]: one for one in told["projects"]}
    assert sorted(projects) == [one.name for one in made]
    assert {name: one["package"] for name, one in projects.items()} == {
        one.name: one.version for one in made
    }
    assert {name: one["usd"] for name, one in projects.items()} == {
        one.name: 3 * one.spent for one in made
    }
    assert {len(one["models"]) for one in projects.values()} == {fleet_data.VERSIONS}
    measured = {
        name
        for name, one in projects.items()
        if one["environments"]["prod"]["drift"] and one["environments"]["staging"]["monitored"]
    }
    assert measured == {one.name for one in made if one.releases}
    overspent = {
        name
        for name, one in projects.items()
        if "over-budget" in [found["rule"] for found in one["findings"]]
    }
    assert overspent == {one.name for one in made if one.number % 4 == 0}
    assert told["counts"]["abandoned"] == 0


@pytest.mark.slow
def test_the_row_is_named_for_its_count_and_measured() -> None:
    (row,) = fleet.fleet(5, 1)
    assert row.name == "fleet_s_5"
    assert row.ours > 0
