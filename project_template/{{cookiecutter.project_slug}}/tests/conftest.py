"""What the tests share: the project, its data contract and its data."""

from pathlib import Path

import pytest
from modelyard.data import DataContract
from modelyard.project import Project, load
from modelyard.tables import read_table

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def project() -> Project:
    return load(ROOT / "project.yaml")


@pytest.fixture(scope="session")
def contract(project) -> DataContract:
    return DataContract.load(ROOT / project.dataset.contract)


@pytest.fixture(scope="session")
def table(project):
    """The data as they lie in data/; large ones are not in git and may not be here."""
    file = ROOT / project.dataset.source
    if not file.exists():
        pytest.skip(f"{project.dataset.source} is not here; fetch it to run this test")
    return read_table(file)
