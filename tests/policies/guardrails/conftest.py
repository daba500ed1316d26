"""Graphs of the shipped configurations, and one good graph that exercises every rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from sandbox.provider.graph import render
from tests.policies.guardrails.estates import ENVIRONMENTS, EXTRAS, PROJECT

Entry = dict[str, Any]
GraphOf = Callable[[str, str], list[Entry]]


@pytest.fixture(scope="session")
def graph_of(tmp_path_factory: pytest.TempPathFactory) -> GraphOf:
    """The resources of an environment, in "one" account or in "three"."""
    folder = tmp_path_factory.mktemp("shipped")
    drawn: dict[tuple[str, str], list[Entry]] = {}

    def resources(accounts: str, environment: str) -> list[Entry]:
        key = (accounts, environment)
        if key not in drawn:
            file = folder / f"{accounts}.yaml"
            file.write_text(PROJECT.format(**dict(zip(ENVIRONMENTS, _ids(accounts), strict=True))))
            drawn[key] = render(file, environment)["resources"]
        return drawn[key]

    return resources


@pytest.fixture(scope="session")
def good(graph_of: GraphOf) -> Mapping[str, Entry]:
    """dev, prod and whatever else the rules know, by URN; all of it as it should be."""
    found = {each["urn"]: each for name in ("dev", "prod") for each in graph_of("one", name)}
    return found | {each["urn"]: each for each in EXTRAS}


@pytest.fixture
def project_file(tmp_path: Path) -> Path:
    """A valid project.yaml in one account."""
    file = tmp_path / "project.yaml"
    file.write_text(PROJECT.format(**dict(zip(ENVIRONMENTS, _ids("one"), strict=True))))
    return file


def _ids(accounts: str) -> tuple[str, str, str]:
    if accounts == "one":
        return ("123456789012",) * 3
    return "111111111111", "222222222222", "333333333333"
