"""Where the template's history comes from: a checkout, the address, or what is kept here."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from modelyard.upgrade.plan import plan
from modelyard.upgrade.source import SourceError
from tests.modelyard.upgrade.conftest import Platform, git


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def without_checkout(platform: Platform, repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine where modelyard came by pip."""
    monkeypatch.delenv("MODELYARD_HOME")
    monkeypatch.setattr("modelyard.__file__", "/somewhere/lib/site-packages/modelyard/__init__.py")


def test_checkout_that_is_named_is_followed_to_what_it_has_checked_out(
    platform: Platform, repo: Path, said: list[str]
) -> None:
    git(platform.folder, "tag", "v0.1.0")
    commit = platform.release("0.2.0")
    found = plan(repo, None, said.append)
    assert (found.new.commit, found.template.checkout) == (commit, platform.folder)


@pytest.mark.usefixtures("without_checkout")
def test_address_is_followed_to_its_newest_tag(
    platform: Platform, repo: Path, said: list[str]
) -> None:
    for version in ("0.9.0", "0.10.0"):
        platform.release(version)
        git(platform.folder, "tag", f"v{version}")
    platform.release("0.11.0")
    assert plan(repo, None, said.append).new.version == "0.10.0"


@pytest.mark.usefixtures("without_checkout")
def test_address_without_tags_is_followed_to_its_default_branch(
    platform: Platform, repo: Path, said: list[str]
) -> None:
    assert not plan(repo, None, said.append).is_behind
    platform.release("0.2.0")
    assert plan(repo, None, said.append).new.version == "0.2.0"


@pytest.mark.usefixtures("without_checkout")
def test_address_that_is_out_of_reach_leaves_what_was_fetched(
    platform: Platform, repo: Path, said: list[str]
) -> None:
    platform.release("0.2.0")
    plan(repo, None, said.append)
    shutil.rmtree(platform.folder)
    assert plan(repo, None, said.append).new.version == "0.2.0"
    assert "cannot be reached: going by what" in said[-1]


@pytest.mark.usefixtures("without_checkout")
def test_nothing_in_reach_is_refused_with_the_fix(
    platform: Platform, repo: Path, said: list[str]
) -> None:
    shutil.rmtree(platform.folder)
    with pytest.raises(SourceError, match="set MODELYARD_HOME to a checkout"):
        plan(repo, None, said.append)


def test_checkout_without_the_history_asks_the_address(
    platform: Platform, repo: Path, said: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.release("0.2.0")
    shallow = tmp_path / "shallow"
    clone = ["git", "clone", "-q", "--depth=1", platform.folder.as_uri(), str(shallow)]
    subprocess.run(clone, check=True)
    monkeypatch.setenv("MODELYARD_HOME", str(shallow))
    assert plan(repo, None, said.append).template.checkout is None
    assert f"{shallow} does not hold commit" in said[0]


def test_named_folder_that_is_no_checkout_is_refused(
    repo: Path, said: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODELYARD_HOME", str(tmp_path))
    with pytest.raises(SourceError, match="is no checkout of Modelyard"):
        plan(repo, None, said.append)
