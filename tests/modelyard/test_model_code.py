"""Where the model code is: stated in project.yaml, or where the template puts it."""

from pathlib import Path

import pytest

from modelyard.model_code import ModelCode
from modelyard.project import Project


def stating(project: Project, code: str | None) -> Project:
    return project.model_copy(update={"model": project.model.model_copy(update={"code": code})})


def test_without_a_statement_it_is_the_packages_build_model(project: Project) -> None:
    assert ModelCode.of(project) == ModelCode("loans.model", "build_model")


def test_stated_code_is_imported_and_called(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = "def make(contract, hyperparameters):\n    return contract, hyperparameters\n"
    (tmp_path / "their_training.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    code = ModelCode.of(stating(project, "their_training:make"))
    assert code.build("contract", {"C": "1"}) == ("contract", {"C": "1"})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("file", "theirs"),
    [
        ("/repo/train.py", True),
        ("/elsewhere/theirs/deep/model.py", True),
        ("/repo/.venv/lib/python3.11/site-packages/sklearn/base.py", False),
        ("/usr/lib/python3.11/random.py", False),
    ],
)
def test_a_mistake_is_placed_in_the_teams_own_files(file: str, theirs: bool) -> None:
    assert ModelCode("theirs.model", "build_model").wrote(file, Path("/repo")) is theirs
