"""One journey per test session: the mortgage project from template to a served prediction."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.journey.stages import Journey
from tests.journey.travelled import Travelled, mortgages


@pytest.fixture(scope="session")
def travelled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Travelled]:
    """The mortgage model, for tests that leave staging's release as it is."""
    with mortgages(tmp_path_factory.mktemp("journey")) as travelled:
        yield travelled


@pytest.fixture
def journey(travelled: Travelled) -> Journey:
    """The journey, for tests that go on from its end."""
    return travelled.journey


@pytest.fixture
def edited(journey: Journey, tmp_path: Path) -> Iterator[Journey]:
    """A copy of the model repo to spoil: same sandbox, same people, same environment."""
    repo = tmp_path / "loans"
    shutil.copytree(journey.repo, repo, symlinks=True)
    yield Journey(repo, journey.url, journey.sessions)
