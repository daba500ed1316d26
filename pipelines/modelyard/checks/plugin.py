"""The pytest plugin: adds the checks to a plain `pytest`, and shares what tests of a model need."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from modelyard import local_build
from modelyard.data import DataContract
from modelyard.errors import ModelyardError
from modelyard.local_build import LocalBuild
from modelyard.model import Model
from modelyard.project import Project, load
from modelyard.tables import read_table

if TYPE_CHECKING:
    import pandas as pd

CHECKS = Path(__file__).parent
ENOUGH_ROWS = 5000


def pytest_configure(config: pytest.Config) -> None:
    """Whoever names a test gets that test; whoever names none gets the checks too."""
    if config.args_source is not pytest.Config.ArgsSource.ARGS:
        config.args.append(str(CHECKS))


@contextmanager
def one_line() -> Iterator[None]:
    """A mistake in the repo is told in its own words, without the way that led there."""
    try:
        yield
    except ModelyardError as error:
        pytest.fail(str(error).replace(f"{Path.cwd()}/", ""), pytrace=False)


@pytest.fixture(scope="session")
def project(pytestconfig: pytest.Config) -> Project:
    """What project.yaml states."""
    with one_line():
        return load(pytestconfig.rootpath / "project.yaml")


@pytest.fixture(scope="session")
def contract(project: Project, pytestconfig: pytest.Config) -> DataContract:
    """What data_contract.yaml says of the data set."""
    with one_line():
        return DataContract.load(pytestconfig.rootpath / project.dataset.contract)


@pytest.fixture(scope="session")
def table(project: Project, pytestconfig: pytest.Config) -> pd.DataFrame:
    """The data as they lie in data/; large ones are not in git and may not be here."""
    file = pytestconfig.rootpath / project.dataset.source
    if not file.exists():
        pytest.skip(f"{project.dataset.source} is not here; bring it to run this test")
    with one_line():
        return read_table(file)


@pytest.fixture(scope="session")
def built(
    table: Any, pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> LocalBuild:
    """What the pipeline's jobs make of the data, or of 5,000 rows of them."""
    file, folder = pytestconfig.rootpath / "project.yaml", tmp_path_factory.mktemp("built")
    with one_line():
        return local_build.build(file, folder, ENOUGH_ROWS)


@pytest.fixture(scope="session")
def model(built: LocalBuild) -> Model:
    """The trained model, read back from its files as an endpoint reads it."""
    return built.model


@pytest.fixture(scope="session")
def rows(built: LocalBuild) -> list[dict[str, Any]]:
    """Rows that the model never saw, as requests carry them."""
    return [dict(row["input"]) for row in built.golden["rows"]]
