"""A repo of the release before, edited as teams do, reaches this one with every edit in place."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from modelyard.provenance import Provenance
from modelyard.upgrade.changelog import commits

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

FEATURE = '''

def debt_per_income(debt: float, income: float) -> float:
    """How many times a year's income is owed."""
    return debt / income if income else 0.0
'''
FEATURE_TEST = '''"""Our own feature."""

from loans.features import debt_per_income


def test_debt_is_counted_in_incomes():
    assert debt_per_income(3.0, 2.0) == 1.5
'''
STEP = "      - run: make lint test\n      - run: echo 'our own check'\n"
TARGET = "\nreport: setup  ## Our own report\n\t@echo report\n"


def git(folder: Path, *words: str) -> str:
    """What git prints; a team's author."""
    author = ("-c", "user.name=alice", "-c", "user.email=alice@localhost")
    done = subprocess.run(
        ["git", "-C", str(folder), *author, "-c", "commit.gpgsign=false", *words],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def checkout(root: Path, folder: Path, commit: str) -> Path:
    """A checkout of the platform at a commit, with the environment that is installed here."""
    subprocess.run(["git", "clone", "--quiet", str(root), str(folder)], check=True)
    git(folder, "checkout", "--quiet", commit)
    (folder / ".venv").symlink_to(root / ".venv")
    return folder


def changed(file: Path, old: str, new: str) -> None:
    """Replace what must be there once."""
    text = file.read_text()
    assert text.count(old) == 1, f"{file}: {text.count(old)} times {old!r}"
    file.write_text(text.replace(old, new))


@pytest.fixture(scope="module")
def places(root: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The platform at the release before, and as it is now."""
    shallow = git(root, "rev-parse", "--is-shallow-repository")
    assert shallow == "false", "this clone is shallow: `git fetch --unshallow`, then run this again"
    past = commits(git(root, "show", "HEAD:CHANGELOG.md"))
    assert past, "CHANGELOG.md names no past version with its commit"
    previous = next(iter(past.values()))
    folder = tmp_path_factory.mktemp("platform")
    return {
        "old": checkout(root, folder / "old", previous),
        "new": checkout(root, folder / "new", git(root, "rev-parse", "HEAD")),
    }


def generated(places: dict[str, Path], folder: Path, *answers: str) -> Path:
    """A repo of the release before, by its own template and package."""
    command = [sys.executable, "-m", "cookiecutter", "--no-input", "--output-dir", str(folder)]
    command += [str(places["old"] / "project_template"), *answers]
    environment = {**os.environ, "PYTHONPATH": str(places["old"] / "pipelines")}
    environment["HOME"] = str(folder)
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    (repo,) = (one for one in folder.iterdir() if (one / "project.yaml").exists())
    return repo


def edited(repo: Path) -> None:
    """What a team does in its first weeks: a feature, a gate, a CI step, a dependency, a target."""
    with (repo / "src/loans/features.py").open("a") as features:
        features.write(FEATURE)
    (repo / "tests/test_features.py").write_text(FEATURE_TEST)
    changed(
        repo / "project.yaml",
        "{roc_auc: {min: 0.6}}",
        "{roc_auc: {min: 0.65}, brier: {max: 0.3}}",
    )
    changed(repo / ".github/workflows/ci.yml", "      - run: make lint test\n", STEP)
    with (repo / "requirements.txt").open("a") as requirements:
        requirements.write("cachetools==6.2.1\n")
    with (repo / "Makefile").open("a") as makefile:
        makefile.write(TARGET)
    changed(repo / "Makefile", "rm -rf .venv build", "rm -rf .venv build our-cache")
    git(repo, "add", "--all")
    git(repo, "commit", "--quiet", "--message", "Our first weeks")


def modelyard(places: dict[str, Path], *words: str) -> subprocess.CompletedProcess[str]:
    """The command of the new platform."""
    environment = {**os.environ, "MODELYARD_HOME": str(places["new"])}
    return subprocess.run(
        [sys.executable, "-m", "modelyard.cli", *words],
        env=environment,
        capture_output=True,
        text=True,
    )


@pytest.fixture(scope="module")
def team(places: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A team's repo after weeks of work, on the release before."""
    repo = generated(places, tmp_path_factory.mktemp("team"))
    edited(repo)
    return repo


@pytest.fixture(scope="module")
def upgraded(places: dict[str, Path], team: Path) -> Iterator[tuple[Path, str]]:
    """The same repo upgraded, and what was said."""
    repo = team.with_name("upgraded")
    shutil.copytree(team, repo)
    done = modelyard(places, "upgrade", "--project", str(repo / "project.yaml"))
    assert done.returncode == 0, done.stdout + done.stderr
    yield repo, done.stdout


@pytest.fixture(scope="module")
def new_repo(places: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the template makes today of the same answers."""
    folder = tmp_path_factory.mktemp("new")
    command = [sys.executable, "-m", "cookiecutter", "--no-input", "--output-dir", str(folder)]
    template = str(places["new"] / "project_template")
    subprocess.run([*command, template], env={**os.environ, "HOME": str(folder)}, check=True)
    return folder / "loans"


def test_upgrade_passes_the_repos_own_lint_and_tests(upgraded: tuple[Path, str]) -> None:
    repo, said = upgraded
    assert "tests passed" in said
    assert git(repo, "status", "--porcelain") == ""
    assert git(repo, "branch", "--show-current").startswith("modelyard/upgrade-")


def test_every_edit_of_the_team_is_in_place(upgraded: tuple[Path, str]) -> None:
    repo, _ = upgraded
    assert FEATURE in (repo / "src/loans/features.py").read_text()
    assert (repo / "tests/test_features.py").read_text() == FEATURE_TEST
    assert "brier: {max: 0.3}" in (repo / "project.yaml").read_text()
    assert STEP in (repo / ".github/workflows/ci.yml").read_text()
    assert "cachetools==6.2.1" in (repo / "requirements.txt").read_text().splitlines()
    makefile = (repo / "Makefile").read_text()
    assert TARGET in makefile
    assert "our-cache" in makefile


def test_difference_is_the_templates_and_can_be_reviewed(upgraded: tuple[Path, str]) -> None:
    repo, _ = upgraded
    assert git(repo, "rev-list", "--count", "main..HEAD") == "1"
    touched = git(repo, "diff", "--name-only", "main", "HEAD").splitlines()
    own = ("src/", "data/", "data_contract.yaml", "docs/data.md")
    assert [name for name in touched if name.startswith(own)] == []
    assert "requirements.txt" in touched
    assert ".cruft.json" in touched


def test_upgraded_repo_follows_this_version(
    upgraded: tuple[Path, str], places: dict[str, Path]
) -> None:
    repo, _ = upgraded
    stated = Provenance.read(repo)
    assert stated.commit == git(places["new"], "rev-parse", "HEAD")
    assert stated.commit in (repo / "requirements.txt").read_text()
    assert stated.answers["dataset"] == "mortgage"
    assert "make upgrade" not in git(repo, "show", "main:README.md")
    told = subprocess.run(["make", "help"], cwd=repo, capture_output=True, text=True)
    assert "upgrade" in told.stdout


def test_repo_that_never_said_where_it_came_from_gets_what_a_new_one_says(
    upgraded: tuple[Path, str], new_repo: Path
) -> None:
    """The answers that were read back are those that a new repo records."""
    new = json.loads((new_repo / ".cruft.json").read_text())
    old = json.loads((upgraded[0] / ".cruft.json").read_text())
    for stated in (new, old):
        # Where each was cloned from in this test.
        stated.pop("template")
        stated["context"]["cookiecutter"].pop("_template")
    assert old == new


def test_files_that_the_team_left_alone_are_those_of_a_new_repo(
    upgraded: tuple[Path, str], new_repo: Path
) -> None:
    edits = {".github/workflows/ci.yml", "Makefile", "project.yaml", "requirements.txt"}
    own = ("src/", "data/", "data_contract.yaml", "docs/data.md", "pipeline.json")
    names = [
        name
        for name in git(new_repo, "ls-files").splitlines()
        if name not in {*edits, ".cruft.json"} and not name.startswith(own)
    ]
    differing = [
        name
        for name in names
        if (upgraded[0] / name).read_bytes() != (new_repo / name).read_bytes()
    ]
    assert "README.md" in names
    assert differing == []


def test_cruft_itself_finds_the_new_repo_up_to_date(new_repo: Path) -> None:
    """As of the commit it came from: the checkout may have moved on since."""
    check = [str(Path(sys.executable).with_name("cruft")), "check", "--checkout"]
    check.append(Provenance.read(new_repo).commit)
    done = subprocess.run(check, cwd=new_repo, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_second_upgrade_has_nothing_to_do(
    upgraded: tuple[Path, str], places: dict[str, Path]
) -> None:
    done = modelyard(places, "upgrade", "--project", str(upgraded[0] / "project.yaml"))
    assert done.returncode == 0
    assert done.stdout.startswith("up to date")


def test_upgraded_repo_reaches_a_served_prediction(upgraded: tuple[Path, str]) -> None:
    done = subprocess.run(["make", "try"], cwd=upgraded[0], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert '"prediction"' in done.stdout


def test_repo_made_of_a_file_is_upgraded_where_the_file_is_not(
    places: dict[str, Path], tmp_path: Path
) -> None:
    """Small data are in the repo; the path that was answered existed on one machine only."""
    rows = "".join(f"{key},{key % 7},{'yes' if key % 3 else 'no'}\n" for key in range(300))
    (tmp_path / "visits.csv").write_text(f"visit,weekday,came\n{rows}")
    answers = {
        "project_name": "Visits",
        "dataset": str(tmp_path / "visits.csv"),
        "target": "came",
        "row_key": "visit",
        "ci": "gitlab",
    }
    (tmp_path / "team").mkdir()
    stated = [f"{name}={answer}" for name, answer in answers.items()]
    repo = generated(places, tmp_path / "team", *stated)
    (tmp_path / "visits.csv").unlink()
    elsewhere = tmp_path / "elsewhere"
    subprocess.run(["git", "clone", "--quiet", str(repo), str(elsewhere)], check=True)
    done = modelyard(places, "upgrade", "--project", str(elsewhere / "project.yaml"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert Provenance.read(elsewhere).answers["dataset"] == "data/visits.csv"
    assert not (elsewhere / ".github").exists()
    own = ("src", "data", "data_contract.yaml", "docs/data.md")
    assert git(elsewhere, "diff", "--name-only", "main", "HEAD", "--", *own) == ""


def test_fleet_of_ten_is_upgraded_by_one_command(
    places: dict[str, Path], team: Path, tmp_path: Path
) -> None:
    servers = []
    for number in range(10):
        copy = tmp_path / "copies" / f"team-{number}"
        shutil.copytree(team, copy, ignore=shutil.ignore_patterns(".venv"))
        (copy / "src/loans/own.py").write_text(f'"""Ours."""\n\nNUMBER = {number}\n')
        git(copy, "add", "--all")
        git(copy, "commit", "--quiet", "--message", "Our own")
        servers.append(tmp_path / "servers" / f"team-{number}.git")
        subprocess.run(["git", "clone", "-q", "--bare", str(copy), str(servers[-1])], check=True)
    (tmp_path / "fleet.txt").write_text("".join(f"{server}\n" for server in servers))
    work = ("--work", str(tmp_path / "work"), "--jobs", "2")
    done = modelyard(places, "fleet", "upgrade", str(tmp_path / "fleet.txt"), *work)
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    for number, server in enumerate(servers):
        branches = git(server, "branch", "--format=%(refname:short)").splitlines()
        (branch,) = set(branches) - {"main"}
        assert f"NUMBER = {number}" in git(server, "show", f"{branch}:src/loans/own.py")
        assert git(server, "log", "-1", "--format=%s", "main") == "Our own"
