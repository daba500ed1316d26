"""One release line: every version stated is the package's, and the changelog knows them all."""

from __future__ import annotations

import re
import subprocess
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml

from infra.component.__main__ import VERSION
from modelyard.upgrade.changelog import commits

ROOT = Path(__file__).resolve().parent.parent


def stated(file: str) -> str:
    """The version of a distribution."""
    return str(tomllib.loads((ROOT / file).read_text())["project"]["version"])


RELEASE = stated("pipelines/pyproject.toml")


@pytest.mark.parametrize("file", ["pyproject.toml", "infra/pyproject.toml"])
def test_distributions_have_the_packages_version(file: str) -> None:
    assert stated(file) == RELEASE


def test_what_is_no_distribution_states_it_too() -> None:
    pack = yaml.safe_load((ROOT / "policies/guardrails/PulumiPolicy.yaml").read_text())
    needed = tomllib.loads((ROOT / "infra/pyproject.toml").read_text())["project"]["dependencies"]
    assert f"modelyard=={RELEASE}" in needed
    assert (VERSION, pack["version"]) == (RELEASE, RELEASE)


def test_installed_package_is_this_one() -> None:
    assert version("modelyard") == RELEASE, "run `make setup`"


def test_changelog_begins_with_this_version() -> None:
    first = re.search(r"^## (\S+) \((.+)\)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert first
    assert first[1] == RELEASE
    assert re.fullmatch(r"unreleased|\d{4}-\d\d-\d\d", first[2])


def test_past_versions_name_commits_that_stated_them() -> None:
    past = commits((ROOT / "CHANGELOG.md").read_text())
    assert past
    git = ["git", "-C", str(ROOT)]
    shallow = subprocess.run(
        [*git, "rev-parse", "--is-shallow-repository"], capture_output=True, text=True
    )
    if shallow.stdout.strip() != "false":
        pytest.skip("this checkout has no whole history: fetch it with `git fetch --unshallow`")
    for number, commit in past.items():
        shown = subprocess.run(
            [*git, "show", f"{commit}:pipelines/pyproject.toml"], capture_output=True, text=True
        )
        assert f'version = "{number}"' in shown.stdout
