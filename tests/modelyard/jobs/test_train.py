"""The train job: the team's code on fixed seeds, and its mistakes told in one line."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from modelyard.model import Model


@pytest.fixture
def repo(prepared_small: Any, tmp_path: Path) -> Any:
    """A prepared repo of its own."""
    shutil.copytree(prepared_small.folder, tmp_path / "repo")
    return type(prepared_small)(tmp_path / "repo")


def test_training_reports_metrics_and_saves_a_model(mortgage: Any) -> None:
    model = Model.load(mortgage.model)
    assert model.labels == (0, 1)
    assert model.scorer is not None
    assert not {"black", "hispan", "male"} & set(model.contract.features)


def test_training_twice_gives_the_same_bytes(repo: Any) -> None:
    assert repo.train().returncode == 0
    first = Model.load(repo.model).sha256
    assert repo.train().returncode == 0
    assert Model.load(repo.model).sha256 == first


def test_where_and_how_a_model_was_trained_is_not_its_identity(repo: Any) -> None:
    config = repo.folder / "ml" / "input" / "config"
    config.mkdir(parents=True)
    assert repo.train().returncode == 0
    first = Model.load(repo.model)
    (config / "hyperparameters.json").write_text(json.dumps({"unused": "1"}))
    (config / "resourceconfig.json").write_text('{"current_instance_type": "ml.m5.large"}')
    assert repo.train().returncode == 0
    second = Model.load(repo.model)
    assert first.sha256 == second.sha256
    assert second.training is not None
    assert second.training["hyperparameters"] == {"unused": "1"}
    assert second.training["instance_type"] == "ml.m5.large"


def test_hyperparameters_reach_the_model(repo: Any) -> None:
    config = repo.folder / "ml" / "input" / "config"
    config.mkdir(parents=True)
    stated = {"strength": "0.001", "sagemaker_program": "ignored"}
    (config / "hyperparameters.json").write_text(json.dumps(stated))
    done = repo.train()
    assert "training team_model (strength=0.001)" in done.stdout
    assert Model.load(repo.model).estimator.steps[-1][1].C == 0.001


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("def build_model(c, h):\n    return 1 / 0\n",
         "the model code of team_model failed at model.py line 2: ZeroDivisionError"),
        ("import no_such_module\n",
         "the model code of team_model failed at model.py line 1: ModuleNotFoundError"),
        ("x = 1\n", "AttributeError: module 'team_model.model' has no attribute 'build_model'"),
        ("def build_model(c, h):\n    return 7\n", "AttributeError: 'int' object has no"),
    ],
)  # fmt: skip
def test_failing_model_code_is_named_with_its_line(repo: Any, code: str, reason: str) -> None:
    (repo.folder / "src" / "team_model" / "model.py").write_text(code)
    done = repo.train()
    assert done.returncode == 1
    assert reason in repo.failure
    assert "Traceback" in done.stderr
    assert not (repo.model / "manifest.json").exists()


def test_model_code_may_be_anywhere_in_the_repo(repo: Any) -> None:
    source = repo.folder / "src" / "team_model" / "model.py"
    (repo.folder / "their_training.py").write_text(
        source.read_text().replace("build_model", "make")
    )
    shutil.rmtree(repo.folder / "src")
    project = repo.folder / "project.yaml"
    stated = project.read_text().replace("model:\n", "model:\n  code: their_training:make\n")
    project.write_text(stated)
    done = repo.train()
    assert done.returncode == 0, done.stderr
    assert Model.load(repo.model).labels == ("no", "yes")
