"""An upgrade brings what the template changed, and what the team wrote stays: by the story."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from modelyard.provenance import Provenance
from modelyard.upgrade.git import GitError
from modelyard.upgrade.rendering import RenderError
from modelyard.upgrade.template import TemplateError
from modelyard.upgrade.upgrade import Outcome, UpgradeError, upgrade
from tests.modelyard.upgrade.conftest import (
    EXTENSION,
    FIRST,
    Generate,
    Platform,
    commit_all,
    git,
    write,
)

BETTER = FIRST["README.md"].replace("Last lines.", "Better last lines.")


class Told(list[str]):
    """What an upgrade said."""

    def __call__(self, text: str) -> None:
        self.append(text)

    @property
    def text(self) -> str:
        return "\n".join(self)


@pytest.fixture
def say() -> Told:
    return Told()


def edit(repo: Path, name: str, text: str) -> None:
    """A team's commit."""
    write(repo, {name: text})
    commit_all(repo, f"Change {name}")


def read(repo: Path, name: str) -> str:
    return (repo / name).read_text()


def test_change_of_the_template_arrives_on_a_branch(
    platform: Platform, repo: Path, say: Told
) -> None:
    platform.release("0.2.0", {"README.md": BETTER, "docs/new.md": "New.\n"})
    outcome = upgrade(repo, None, say)
    assert outcome.status == "upgraded"
    assert git(repo, "branch", "--show-current") == "modelyard/upgrade-0.2.0"
    assert "Better last lines." in read(repo, "README.md")
    assert read(repo, "docs/new.md") == "New.\n"
    assert git(repo, "status", "--porcelain", "--untracked-files=no") == ""
    assert git(repo, "rev-list", "--count", "main..HEAD") == "1"


def test_edit_of_the_team_stays_beside_the_templates_in_one_file(
    platform: Platform, repo: Path, say: Told
) -> None:
    edit(repo, "README.md", read(repo, "README.md").replace("First lines.", "Our first lines."))
    platform.release("0.2.0", {"README.md": BETTER})
    assert upgrade(repo, None, say).succeeded
    assert "Our first lines." in read(repo, "README.md")
    assert "Better last lines." in read(repo, "README.md")


def test_model_code_is_the_teams(platform: Platform, repo: Path, say: Told) -> None:
    platform.release("0.2.0", {"src/model.py": "ESTIMATOR = 2\n", "src/more.py": "MORE = 1\n"})
    assert upgrade(repo, None, say).succeeded
    assert read(repo, "src/model.py") == FIRST["src/model.py"]
    assert not (repo / "src" / "more.py").exists()


def test_dependency_of_the_team_stays_when_the_platforms_versions_move(
    platform: Platform, repo: Path, say: Told
) -> None:
    edit(repo, "requirements.txt", read(repo, "requirements.txt") + "\nholidays==0.80\n")
    moved = FIRST["requirements.txt"].replace("3.0.0", "3.1.0")
    commit = platform.release("0.2.0", {"requirements.txt": moved})
    assert upgrade(repo, None, say).succeeded
    lines = read(repo, "requirements.txt").splitlines()
    assert lines[0].endswith(f"@{commit}#subdirectory=pipelines")
    assert {"pandas==3.1.0", "holidays==0.80"} <= set(lines)


def test_repo_says_which_version_it_follows_now(platform: Platform, repo: Path, say: Told) -> None:
    platform.asked["colour"] = "blue"
    commit = platform.release("0.2.0")
    upgrade(repo, None, say)
    stated = Provenance.read(repo)
    assert (stated.version, stated.commit) == ("0.2.0", commit)
    assert stated.answers == {"project_name": "Loans", "project_slug": "loans", "colour": "blue"}


def test_pipeline_is_rendered_anew(platform: Platform, repo: Path, say: Told) -> None:
    platform.release("0.2.0")
    upgrade(repo, None, say)
    assert git(repo, "show", "HEAD:pipeline.json") == "rendered"


def test_changelog_is_told_and_kept_in_the_commit(
    platform: Platform, repo: Path, say: Told
) -> None:
    platform.release("0.2.0")
    platform.release("0.3.0")
    upgrade(repo, None, say)
    message = git(repo, "log", "-1", "--format=%B")
    for text in (say.text, message):
        assert "What 0.3.0 brings." in text
        assert "What 0.2.0 brings." in text
        assert "What 0.1.0 brings." not in text


def test_second_run_says_up_to_date(platform: Platform, repo: Path, say: Told) -> None:
    platform.release("0.2.0")
    upgrade(repo, None, say)
    before = git(repo, "rev-parse", "HEAD")
    assert upgrade(repo, None, say).status == "up to date"
    assert git(repo, "rev-parse", "HEAD") == before


def test_next_release_is_merged_from_the_last(platform: Platform, repo: Path, say: Told) -> None:
    """Renderings in between were never in the repo's history; git is given them."""
    edit(repo, "README.md", read(repo, "README.md").replace("Middle.", "Our middle."))
    platform.release("0.2.0", {"README.md": BETTER})
    upgrade(repo, None, say)
    platform.release("0.3.0", {"README.md": BETTER.replace("First lines.", "Best first lines.")})
    assert upgrade(repo, None, say).status == "upgraded"
    for line in ("Best first lines.", "Our middle.", "Better last lines."):
        assert line in read(repo, "README.md")


def test_what_the_team_deleted_stays_away(platform: Platform, repo: Path, say: Told) -> None:
    git(repo, "rm", "--quiet", "README.md")
    commit_all(repo, "We keep a wiki")
    platform.release("0.2.0", {"README.md": BETTER})
    assert upgrade(repo, None, say).status == "upgraded"
    assert not (repo / "README.md").exists()


def test_file_that_the_template_drops_goes(platform: Platform, repo: Path, say: Told) -> None:
    platform.release("0.2.0", {"tests/test_model.py": None})
    assert upgrade(repo, None, say).status == "upgraded"
    assert not (repo / "tests" / "test_model.py").exists()


def test_dropped_file_with_an_edit_of_the_team_is_kept_and_named(
    platform: Platform, repo: Path, say: Told
) -> None:
    ours = "def test_ours(): ...\n"
    edit(repo, "tests/test_model.py", ours)
    platform.release("0.2.0", {"tests/test_model.py": None})
    outcome = upgrade(repo, None, say)
    assert outcome.status == "upgraded"
    assert read(repo, "tests/test_model.py") == ours
    assert "kept yours: tests/test_model.py" in say.text


def test_edited_notebook_is_kept_whole(platform: Platform, repo: Path, say: Told) -> None:
    platform.release("0.2.0", {"explore.ipynb": json.dumps({"cells": [1]})})
    upgrade(repo, None, say)
    edit(repo, "explore.ipynb", json.dumps({"cells": [1, 2]}))
    platform.release("0.3.0", {"explore.ipynb": json.dumps({"cells": [3]})})
    assert upgrade(repo, None, say).status == "upgraded"
    assert json.loads(read(repo, "explore.ipynb")) == {"cells": [1, 2]}


SERVING = FIRST["project.yaml"] + "serving: {mode: real-time}\n"


def test_project_yaml_takes_what_the_template_adds(
    platform: Platform, repo: Path, say: Told
) -> None:
    edit(repo, "project.yaml", read(repo, "project.yaml").replace("tier: high", "tier: limited"))
    platform.release("0.2.0", {"project.yaml": SERVING})
    assert upgrade(repo, None, say).status == "upgraded"
    assert "serving: {mode: real-time}" in read(repo, "project.yaml")
    assert "tier: limited" in read(repo, "project.yaml")


@pytest.mark.parametrize("place", ["serving: {mode: batch}\nrisk:", "risk:"], ids=["twice", "torn"])
def test_project_yaml_stays_the_teams_where_both_state_one_thing(
    platform: Platform, repo: Path, say: Told, place: str
) -> None:
    ours = read(repo, "project.yaml").replace("risk:", place)
    ours += "" if place != "risk:" else "serving: {mode: batch}\n"
    edit(repo, "project.yaml", ours)
    platform.release("0.2.0", {"project.yaml": SERVING})
    assert upgrade(repo, None, say).status == "upgraded"
    assert read(repo, "project.yaml") == ours
    assert "kept yours: project.yaml" in say.text


def test_lines_that_keep_large_data_out_of_git_stay(
    platform: Platform, repo: Path, say: Told
) -> None:
    edit(repo, ".gitignore", read(repo, ".gitignore") + "/data/large.csv\n")
    platform.release("0.2.0", {".gitignore": "/build/\n/.cache/\n"})
    assert upgrade(repo, None, say).status == "upgraded"
    assert read(repo, ".gitignore").splitlines() == ["/build/", "/.cache/", "/data/large.csv"]


@pytest.fixture
def conflict(platform: Platform, repo: Path, say: Told) -> Outcome:
    """An upgrade in which team and template changed one line."""
    edit(repo, "README.md", read(repo, "README.md").replace("Last lines.", "Our last lines."))
    platform.release("0.2.0", {"README.md": BETTER, "docs/new.md": "New.\n"})
    return upgrade(repo, None, say)


def test_conflict_is_marked_as_git_does_and_named(conflict: Outcome, repo: Path, say: Told) -> None:
    assert conflict.status == "conflicts"
    assert "conflict: README.md" in say.text
    marked = read(repo, "README.md")
    assert "<<<<<<<" in marked
    assert "Our last lines." in marked
    assert "Better last lines." in marked
    assert "(Modelyard 0.2.0)" in marked
    assert read(repo, "docs/new.md") == "New.\n"


def test_conflict_decided_is_committed_as_told(conflict: Outcome, repo: Path, say: Told) -> None:
    write(repo, {"README.md": "# Decided\n"})
    (command,) = [line.strip() for line in say.text.splitlines() if "git add --update" in line]
    command = command.replace("git commit", "git -c user.name=t -c user.email=t@x commit -qm done")
    subprocess.run(command, shell=True, cwd=repo, check=True, capture_output=True)
    assert upgrade(repo, None, say).status == "up to date"
    assert git(repo, "status", "--porcelain", "--untracked-files=no") == ""


def test_second_run_amid_a_conflict_says_how_to_go_on(
    conflict: Outcome, repo: Path, say: Told
) -> None:
    with pytest.raises(UpgradeError, match="under way: decide in the files"):
        upgrade(repo, None, say)


def test_failing_tests_leave_the_branch_and_a_way_back_that_works(
    platform: Platform, repo: Path, say: Told
) -> None:
    edit(repo, "src/model.py", "fail\n")
    platform.release("0.2.0", {"README.md": BETTER})
    assert upgrade(repo, None, say).status == "tests failed"
    assert "`make lint test` does not pass yet." in git(repo, "log", "-1", "--format=%B")
    (line,) = [line for line in say.text.splitlines() if line.startswith("To go back: ")]
    command = line.removeprefix("To go back: ")
    subprocess.run(command, shell=True, cwd=repo, check=True, capture_output=True)
    assert git(repo, "branch", "--format=%(refname:short)") == "main"
    assert "Better" not in read(repo, "README.md")


def test_uncommitted_changes_are_refused_and_kept(
    platform: Platform, repo: Path, say: Told
) -> None:
    write(repo, {"README.md": "Half a thought"})
    platform.release("0.2.0")
    with pytest.raises(UpgradeError, match=r"README.md\): commit them, or .*git stash"):
        upgrade(repo, None, say)
    assert read(repo, "README.md") == "Half a thought"


def test_scratch_files_are_no_hindrance(platform: Platform, repo: Path, say: Told) -> None:
    write(repo, {"scratch.txt": "x"})
    platform.release("0.2.0")
    assert upgrade(repo, None, say).status == "upgraded"
    assert "scratch.txt" not in git(repo, "ls-files")


def test_scratch_file_in_the_way_of_a_new_one_is_not_overwritten(
    platform: Platform, repo: Path, say: Told
) -> None:
    write(repo, {"docs/new.md": "Mine"})
    platform.release("0.2.0", {"docs/new.md": "New.\n"})
    with pytest.raises(GitError, match="do not apply"):
        upgrade(repo, None, say)
    assert read(repo, "docs/new.md") == "Mine"
    assert git(repo, "branch", "--format=%(refname:short)") == "main"


def test_folder_that_is_no_repository_is_refused_with_the_fix(tmp_path: Path, say: Told) -> None:
    with pytest.raises(UpgradeError, match="begin with `git init"):
        upgrade(tmp_path, None, say)


def test_branch_from_before_is_never_overwritten(platform: Platform, repo: Path, say: Told) -> None:
    git(repo, "branch", "modelyard/upgrade-0.2.0")
    platform.release("0.2.0")
    with pytest.raises(UpgradeError, match=r"go on there with `git switch modelyard/"):
        upgrade(repo, None, say)


def test_answer_that_is_no_longer_offered_leaves_the_repo_as_it_was(
    platform: Platform, repo: Path, say: Told
) -> None:
    platform.asked["project_name"] = ["Cars", "Boats"]
    platform.release("0.2.0")
    with pytest.raises(RenderError, match=r"0.2.0 cannot be rendered: .*Loans"):
        upgrade(repo, None, say)
    assert git(repo, "branch", "--format=%(refname:short)") == "main"


def test_each_version_is_rendered_by_its_own_filters(
    platform: Platform, repo: Path, say: Told
) -> None:
    """In one interpreter, the second rendering would greet as the first: cruft's own way."""
    greeted = {"docs/new.md": "{{ cookiecutter.project_name | greeting }}\n"}
    platform.release("0.2.0", greeted)
    upgrade(repo, None, say)
    assert read(repo, "docs/new.md") == "Good morning, Loans\n"
    platform.extension = EXTENSION.replace("morning", "evening")
    platform.release("0.3.0")
    upgrade(repo, None, say)
    assert read(repo, "docs/new.md") == "Good evening, Loans\n"


def test_same_version_at_another_commit_is_no_upgrade_unless_named(
    platform: Platform, repo: Path, say: Told
) -> None:
    commit = platform.release("0.1.0", {"README.md": BETTER})
    assert upgrade(repo, None, say).status == "up to date"
    outcome = upgrade(repo, commit, say)
    assert outcome.status == "upgraded"
    assert outcome.plan.branch == f"modelyard/upgrade-0.1.0-{commit[:7]}"


def test_version_between_can_be_named(platform: Platform, repo: Path, say: Told) -> None:
    commit = platform.release("0.2.0", {"README.md": BETTER})
    git(platform.folder, "tag", "v0.2.0")
    platform.release("0.3.0", {"README.md": "Last."})
    upgrade(repo, "0.2.0", say)
    assert Provenance.read(repo).commit == commit
    assert "Better last lines." in read(repo, "README.md")


@pytest.mark.parametrize("wanted", ["9.9.9", "no-such-branch"])
def test_version_that_does_not_exist_is_refused_with_the_newest(
    repo: Path, say: Told, wanted: str
) -> None:
    with pytest.raises(TemplateError, match=f"--to {wanted}: .*newest is 0.1.0"):
        upgrade(repo, wanted, say)


def test_repo_ahead_of_the_platform_here_is_told_so(
    platform: Platform, repo: Path, say: Told
) -> None:
    platform.release("0.2.0")
    upgrade(repo, None, say)
    git(platform.folder, "reset", "--quiet", "--hard", "HEAD~1")
    assert upgrade(repo, None, say).status == "up to date"
    assert "newer than 0.1.0 of" in say.text


def test_repo_in_a_folder_of_a_larger_one_is_upgraded_there(
    platform: Platform, generate: Generate, tmp_path: Path, say: Told
) -> None:
    whole = tmp_path / "whole"
    whole.mkdir()
    git(whole, "init", "--quiet", "--initial-branch", "main")
    write(whole, {"README.md": "The whole.\n"})
    commit_all(whole, "Begin")
    repo = generate(whole / "loans")
    platform.release("0.2.0", {"README.md": BETTER})
    assert upgrade(repo, None, say).status == "upgraded"
    assert "Better last lines." in read(repo, "README.md")
    assert read(whole, "README.md") == "The whole.\n"


def test_detached_checkout_goes_back_to_its_commit(
    platform: Platform, repo: Path, say: Told
) -> None:
    commit = git(repo, "rev-parse", "HEAD")
    git(repo, "switch", "--quiet", "--detach")
    platform.release("0.2.0")
    upgrade(repo, None, say)
    assert f"git switch --detach {commit}" in say.text
