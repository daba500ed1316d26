"""Many repos by one command: a pushed branch each, main untouched, and no repo stops another."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from modelyard.cli import main
from modelyard.commands.fleet_upgrade import table
from modelyard.upgrade.fleet import Order, Row, upgrade_all
from modelyard.upgrade.fleet_list import Repo
from tests.modelyard.upgrade.conftest import FIRST, Platform, commit_all, git, write

BETTER = FIRST["README.md"].replace("Last lines.", "Better last lines.")
BRANCH = "modelyard/upgrade-0.2.0"
ALIKE = ("cars", "boats")


def bare(repo: Path, folder: Path, files: dict[str, str] | None = None) -> Repo:
    """A team's repo on a server: the generated one, with this team's edits."""
    copy = folder / f"{folder.name} copy"
    subprocess.run(["git", "clone", "--quiet", str(repo), str(copy)], check=True)
    write(copy, {"src/own.py": f"OWN = {folder.name!r}\n", **(files or {})})
    commit_all(copy, "Our work")
    server = folder / "server.git"
    subprocess.run(["git", "clone", "--quiet", "--bare", str(copy), str(server)], check=True)
    return Repo(folder.name, str(server))


@pytest.fixture
def fleet(platform: Platform, repo: Path, tmp_path: Path) -> list[Repo]:
    """Two repos like any other, one whose tests fail, one in conflict, one that is not there."""
    edits = {
        **{name: {} for name in ALIKE},
        "broken": {"src/model.py": "fail\n"},
        "torn": {"README.md": FIRST["README.md"].replace("Last lines.", "Our last lines.")},
    }
    repos = []
    for name, files in edits.items():
        (tmp_path / "teams" / name).mkdir(parents=True)
        repos.append(bare(repo, tmp_path / "teams" / name, files))
    platform.release("0.2.0", {"README.md": BETTER})
    return [*repos, Repo("lost", str(tmp_path / "nowhere.git")), Repo("silent", "")]


def upgraded(fleet: list[Repo], tmp_path: Path) -> dict[str, Row]:
    """The rows of one run by name."""
    order = Order(tmp_path / "work", None, pull_request=False)
    return {row.name: row for row in upgrade_all(fleet, order, 2, lambda _: None)}


def test_each_repo_ends_as_it_must(fleet: list[Repo], tmp_path: Path) -> None:
    rows = upgraded(fleet, tmp_path)
    assert [rows[name].result for name in ALIKE] == ["tests passed", "tests passed"]
    assert rows["broken"].result.startswith("tests failed, see ")
    assert rows["torn"].result.startswith("conflicts: README.md; decide in ")
    assert "nowhere.git" in rows["lost"].result
    assert "does not say where its repo is" in rows["silent"].result
    assert {name for name, row in rows.items() if row.succeeded} == set(ALIKE)
    for name, address in ((one.name, one.address) for one in fleet if one.name in ALIKE):
        assert git(Path(address), "show", f"{BRANCH}:src/own.py") == f"OWN = {name!r}"
        assert "Better last lines." in git(Path(address), "show", f"{BRANCH}:README.md")
        assert "Better last lines." not in git(Path(address), "show", "main:README.md")
    torn = Path(next(one.address for one in fleet if one.name == "torn"))
    assert git(torn, "branch", "--format=%(refname:short)") == "main"


def test_second_run_repeats_nothing_and_loses_nothing(fleet: list[Repo], tmp_path: Path) -> None:
    upgraded(fleet[:4], tmp_path)
    half_decided = tmp_path / "work" / "torn" / "README.md"
    half_decided.write_text("Half decided")
    rows = upgraded(fleet[:4], tmp_path)
    assert [rows[name].result for name in (*ALIKE, "broken")] == ["branch is open"] * 3
    assert "holds work that is not pushed" in rows["torn"].result
    assert half_decided.read_text() == "Half decided"


def test_merged_upgrade_is_up_to_date(fleet: list[Repo], tmp_path: Path) -> None:
    upgraded(fleet[:1], tmp_path)
    git(Path(fleet[0].address), "branch", "--force", "main", BRANCH)
    row = upgraded(fleet[:1], tmp_path)["cars"]
    assert (row.old, row.new, row.result) == ("0.2.0", "0.2.0", "up to date")


def test_command_prints_a_table_and_counts_what_needs_a_look(
    fleet: list[Repo], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "fleet.txt"
    file.write_text(f"# Ours\n{fleet[0].address}\n{tmp_path / 'nowhere.git'}\n")
    status = main(["fleet", "upgrade", str(file), "--work", str(tmp_path / "work")])
    lines = capsys.readouterr().out.splitlines()
    assert status == 1
    assert f"server   0.1.0  0.2.0  {BRANCH}  tests passed" in lines
    assert lines[-1].startswith("2 repos in ")
    assert ", 1 of them need a look; " in lines[-1]


def test_pull_request_is_opened_by_the_forges_own_command(
    fleet: list[Repo], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools = tmp_path / "tools"
    write(tools, {"gh": f'#!/bin/sh\necho "$*" > {tmp_path}/asked\necho https://x.org/pull/7\n'})
    (tools / "gh").chmod(0o755)
    monkeypatch.setenv("PATH", str(tools), prepend=":")
    (row,) = upgrade_all(
        fleet[:1], Order(tmp_path / "work", None, pull_request=True), 1, lambda _: None
    )
    assert (row.result, row.link) == ("tests passed", "https://x.org/pull/7")
    asked = (tmp_path / "asked").read_text()
    assert asked.startswith(f"pr create --title Upgrade to Modelyard 0.2.0 --head {BRANCH} --body")
    assert "What 0.2.0 brings." in asked


def test_missing_forge_command_is_told_after_the_push(
    fleet: list[Repo], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("modelyard.upgrade.pull_request.shutil.which", lambda _: None)
    (row,) = upgrade_all(
        fleet[:1], Order(tmp_path / "work", None, pull_request=True), 1, lambda _: None
    )
    assert "is pushed, but neither gh nor glab is installed" in row.result
    assert git(Path(fleet[0].address), "rev-parse", "--verify", BRANCH)


def test_table_is_as_wide_as_its_cells() -> None:
    lines = table([Row("loans", "0.1.0", "0.2.0", "b", "tests passed", "https://x")])
    assert lines == [
        "repo   from   to     branch  result",
        "loans  0.1.0  0.2.0  b       tests passed https://x",
    ]
