"""R as it is installed here, and teams' packages written in it."""

import shutil
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from modelyard.data import DataContract
from modelyard.model import Model, save
from modelyard.r import process
from modelyard.tables import as_frame, to_arrays

TEMPLATE = Path(__file__).parents[3] / "project_template" / "templates" / "r"


@pytest.fixture(scope="session")
def r() -> None:
    """Skips where R cannot train and serve, for the reason that a person would be told."""
    reason = process.lacking()
    if reason is not None:
        pytest.skip(reason)


Package = Callable[..., Any]


@pytest.fixture(scope="module")
def package(r: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Package]:
    """Makes an importable package of R code by name: the template's, or the text given."""
    source = tmp_path_factory.mktemp("src")
    sys.path.insert(0, str(source))

    def make(name: str, kind: str = "regression", model: str | None = None) -> Any:
        folder = source / name
        folder.mkdir()
        for file in ("__init__.py", "model.py", "features.R"):
            shutil.copy(TEMPLATE / file, folder)
        text = model or (TEMPLATE / kind / "model.R").read_text(encoding="utf-8")
        (folder / "model.R").write_text(text, encoding="utf-8")
        return import_module(f"{name}.model").build_model

    yield make
    sys.path.remove(str(source))


def fitted(
    build_model: Any, contract: DataContract, rows: Any, answers: Any, folder: Path
) -> tuple[Any, Model]:
    """The fitted estimator, and the model that was saved and loaded again."""
    arrays = to_arrays(rows, contract.feature_columns)
    frame = as_frame(arrays, contract.feature_columns)
    estimator = build_model(contract, {}).fit(frame, np.asarray(answers))
    problem = {0: "regression", 2: "binary"}.get(len(contract.labels), "multiclass")
    return estimator, save(estimator, folder, contract, problem, arrays)
