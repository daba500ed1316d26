"""Many environments render as each alone does, in the order asked for."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from sandbox.provider.graph import render
from sandbox.provider.many import Environment, workspaces

pytestmark = pytest.mark.timeout(180)
PROJECT = Path(__file__).parent / "project.yaml"


@pytest.fixture
def environments(tmp_path: Path) -> list[Environment]:
    """One environment of each of two projects."""
    made = []
    for name, env in (("first", "staging"), ("second", "dev")):
        file = tmp_path / name / "project.yaml"
        file.parent.mkdir()
        file.write_text(yaml.safe_dump({**yaml.safe_load(PROJECT.read_text()), "name": name}))
        made.append(Environment(file, env))
    return made


def test_they_say_what_each_alone_says(environments: list[Environment]) -> None:
    for environment, made in zip(environments, workspaces(environments), strict=True):
        alone = render(environment.project_file, environment.name)["resources"]
        assert made == [each for each in alone if "::modelyard::" in each["urn"]]


def test_processes_give_them_in_the_order_asked_for(
    environments: list[Environment], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sandbox.provider.many.WORTH_A_PROCESS", 1)
    parallel = list(workspaces(environments, workers=2))
    assert parallel == list(workspaces(environments, workers=1))
