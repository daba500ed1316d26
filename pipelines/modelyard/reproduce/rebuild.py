"""Runs a build's three jobs once more, as local processes with the files and settings recorded."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modelyard.functions import job_contract as jobs
from modelyard.manifest import FILE_NAME
from modelyard.reproduce.record import Build, ReproductionError
from modelyard.training_record import HASH_SEED

_PASSED_ON = ("PATH", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT")
_LAST_LINES = 5


@dataclass(frozen=True)
class Rebuilt:
    """What came out of the second build."""

    splits: Mapping[str, str]
    model_sha256: str
    metrics: Mapping[str, Mapping[str, Any]]
    training: Mapping[str, Any]


@dataclass(frozen=True)
class Bench:
    """The folder of one rebuild: code/ and data/ are filled before, ml/ by the jobs."""

    folder: Path

    @property
    def code(self) -> Path:
        return self.folder / "code"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def pseudonyms(self) -> Path:
        """Where the prepare job looks for the key: beside the data."""
        return self.folder / jobs.KEY_FOLDER

    @property
    def prepared(self) -> Path:
        return self.folder / "ml" / "prepared"

    @property
    def model(self) -> Path:
        return self.folder / "ml" / "model"

    @property
    def evaluated(self) -> Path:
        return self.folder / "ml" / "evaluated"

    @property
    def config(self) -> Path:
        return self.folder / "ml" / "config"

    @property
    def message(self) -> Path:
        """Where a failing job says why."""
        return self.folder / "ml" / "output"


def rebuild(bench: Bench, build: Build, tell: Callable[[str], None]) -> Rebuilt:
    """Prepares, trains and evaluates; ReproductionError tells which job failed and why."""
    _write_configuration(bench, build)
    variables = _variables(bench, build)
    for name, arguments in _commands(bench).items():
        tell(f"  {name.lower()}")
        _run(name, [sys.executable, "-m", *arguments], bench, variables)
    evaluation = _read(bench.evaluated / "evaluation" / "evaluation.json")
    return Rebuilt(
        splits=_read(bench.prepared / "manifest" / FILE_NAME)["split"]["sha256"],
        model_sha256=evaluation["model"]["sha256"],
        metrics=evaluation["metrics"],
        training=evaluation["training"],
    )


def _commands(bench: Bench) -> dict[str, list[str]]:
    judged = {name: bench.prepared / name for name in jobs.JUDGED if name != "model"}
    judged |= {"model": bench.model, jobs.CHAMPION: bench.prepared / jobs.NOBODY}
    inputs = [word for name, place in judged.items() for word in (f"--{name}", str(place))]
    return {
        jobs.PREPARE: [
            *jobs.ENTRYPOINTS[jobs.PREPARE][2:],
            *("--data", str(bench.data), "--output", str(bench.prepared)),
        ],
        jobs.TRAIN: ["modelyard.jobs.train"],
        jobs.EVALUATE: [
            *jobs.ENTRYPOINTS[jobs.EVALUATE][2:],
            *(*inputs, "--output", str(bench.evaluated)),
        ],
    }


def _variables(bench: Bench, build: Build) -> dict[str, str]:
    """The jobs see no AWS credentials and nothing of the caller's settings."""
    return {
        **{name: os.environ[name] for name in _PASSED_ON if name in os.environ},
        HASH_SEED: str(build.training["hash_seed"] or "0"),
        "PYTHONPATH": str(bench.code / "src"),
        "MODELYARD_PROJECT_FILE": str(bench.code / "project.yaml"),
        jobs.CODE_COMMIT: build.commit,
        jobs.RUN_TIME: build.run_time,
        "SM_OUTPUT_DIR": str(bench.message),
        "SM_MODEL_DIR": str(bench.model),
        "SM_INPUT_CONFIG_DIR": str(bench.config),
        "SM_CHANNEL_TRAIN": str(bench.prepared / "train"),
        "SM_CHANNEL_VALIDATION": str(bench.prepared / "validation"),
    }


def _write_configuration(bench: Bench, build: Build) -> None:
    bench.config.mkdir(parents=True)
    stated = json.dumps(dict(build.training["hyperparameters"]))
    (bench.config / "hyperparameters.json").write_text(stated, encoding="utf-8")


def _run(name: str, command: Sequence[str], bench: Bench, variables: Mapping[str, str]) -> None:
    done = subprocess.run(
        command, cwd=bench.code, env=dict(variables), capture_output=True, text=True, check=False
    )
    if done.returncode == 0:
        return
    told = [
        file for file in (bench.message / "failure", bench.message / "message") if file.exists()
    ]
    lines = (done.stdout + done.stderr).strip().splitlines()[-_LAST_LINES:]
    reason = told[0].read_text(encoding="utf-8") if told else " | ".join(lines)
    raise ReproductionError(f"{name} failed when it was repeated: {reason}")


def _read(file: Path) -> dict[str, Any]:
    return dict(json.loads(file.read_text(encoding="utf-8")))
