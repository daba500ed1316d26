"""A repo from before `.cruft.json`: its answers are read from what was first committed."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelyard.provenance import ProvenanceError
from modelyard.upgrade.unmarked import recalled
from tests.modelyard.conftest import TEXT
from tests.modelyard.upgrade.conftest import commit_all, git, write

COMMIT = "e91cc48b2a9f70bdcfd59ace24826f685cc39da1"
LINE = f"modelyard @ git+https://x.org/yard.git@{COMMIT}#subdirectory=pipelines\n"
TEAM = """\
team:
  data-scientist: [alice]
  model-approver: [bob]
  model-operator: [olga]
  data-steward: [dana]
  auditor: [audrey]
"""
STATED = (
    TEXT.replace("team:\n  data-scientist: [alice]\n  model-approver: [bob]\n", TEAM)
    + "monitoring:\n  alerts: {warning: [oncall@example.com], critical: [oncall@example.com]}\n"
)


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """Its first commit, as the hook of 0.1.0 made it."""
    write(tmp_path, {"project.yaml": STATED, "requirements.txt": f"# Pins.\n{LINE}"})
    git(tmp_path, "init", "--quiet")
    commit_all(tmp_path, "Start from the Modelyard template")
    return tmp_path


def test_address_and_commit_are_those_of_the_requirement(repo: Path) -> None:
    found = recalled(repo)
    assert (found.template, found.commit) == ("https://x.org/yard.git", COMMIT)


def test_answers_are_read_from_the_first_commit_not_from_later_edits(repo: Path) -> None:
    write(repo, {"project.yaml": STATED.replace("Mortgage approval", "Renamed since")})
    commit_all(repo, "Rename")
    answers = recalled(repo).answers
    assert answers["project_name"] == "Mortgage approval"
    assert answers["dataset"] == "data/applications.csv"
    assert answers["protected"] == "black,hispan,male"
    assert (answers["row_key"], answers["aws_account"]) == ("id", "123456789012")


def test_bundled_example_is_recognised_by_its_words(repo: Path) -> None:
    kpi = "Share of applications decided on the day they arrive"
    text = STATED.replace("Share of decisions overturned on appeal", kpi)
    write(repo, {"project.yaml": text})
    git(repo, "add", "--all")
    git(repo, "commit", "--quiet", "--amend", "--no-edit")
    assert recalled(repo).answers["dataset"] == "mortgage"


@pytest.mark.parametrize(("file", "place"), [(".gitlab-ci.yml", "gitlab"), ("x", "github")])
def test_forge_is_told_by_its_file(repo: Path, file: str, place: str) -> None:
    write(repo, {file: ""})
    assert recalled(repo).answers["ci"] == place


def test_project_yaml_that_was_never_the_templates_is_refused_with_what_it_lacks(
    repo: Path,
) -> None:
    write(repo, {"project.yaml": TEXT})
    git(repo, "add", "--all")
    git(repo, "commit", "--quiet", "--amend", "--no-edit")
    with pytest.raises(ProvenanceError, match="does not state 'model-operator': restore it"):
        recalled(repo)
