"""Builds a repo's model on this machine with the pipeline's own jobs: files in, files out.

    from modelyard.local_build import build
    built = build("project.yaml")       # prepares, trains, evaluates below build/local
    built.evaluation["metrics"], built.model.predict(rows), built.page()

What comes out is what a run would register, judged on the same rows; nothing is registered.
"""

import argparse
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any

from modelyard import evaluation_page, strict_yaml
from modelyard.data import DataError
from modelyard.functions import job_contract as jobs
from modelyard.jobs import evaluate, prepare, train
from modelyard.model import Model
from modelyard.project import Project, load
from modelyard.pseudonyms import new_document
from modelyard.tables import read_table

FOLDER = Path("build") / "local"


@dataclass(frozen=True, repr=False)
class LocalBuild:
    """What the three jobs left below `folder`."""

    project: Project
    folder: Path

    @cached_property
    def model(self) -> Model:
        """The trained model as an endpoint would load it."""
        return Model.load(self.folder / "model")

    @cached_property
    def evaluation(self) -> dict[str, Any]:
        """The evaluation that gates and approvers judge by."""
        return self._read("evaluation.json")

    @cached_property
    def golden(self) -> dict[str, Any]:
        """Rows with the answers that a release must reproduce."""
        return self._read("golden_predictions.json")

    def page(self) -> str:
        """The evaluation as a self-contained HTML page."""
        return evaluation_page.page(self.project, self.evaluation)

    def __repr__(self) -> str:
        gates = self.evaluation["gates"]
        outcome = "met" if gates["passed"] else "not met"
        return f"{self.project.name}: gates {outcome}: {gates['sentence']}"

    def _repr_html_(self) -> str:
        """The page inside a notebook, where its style touches nothing else."""
        return f'<iframe srcdoc="{escape(self.page())}" width="100%" height="720"></iframe>'

    def _read(self, name: str) -> dict[str, Any]:
        file = self.folder / "evaluated" / jobs.EVALUATION / name
        return dict(json.loads(file.read_text(encoding="utf-8")))


def build(
    project: str | Path = "project.yaml",
    folder: str | Path | None = None,
    rows: int | None = None,
) -> LocalBuild:
    """Prepares, trains and evaluates, by default below build/local beside project.yaml.

    Args:
        rows: learn from no more than these many, drawn at random; series are always whole.

    Raises:
        ModelyardError: what a job says when it fails; the data file is missing.
    """
    file = Path(project).resolve()
    stated = load(file)
    place = Path(folder).resolve() if folder else file.parent / FOLDER
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    _bring_data(stated, file.parent, place / "data", rows)
    with _variables(_settings(stated, file, place), place):
        prepare.prepare(place / "data", place / "prepared")
        train.train()
        evaluate.evaluate(_judged(place))
    return LocalBuild(stated, place)


def _bring_data(project: Project, repo: Path, data: Path, rows: int | None) -> None:
    source = repo / project.dataset.source
    if not source.exists():
        raise DataError(
            f"{source}: is not here; bring the file that project.yaml names (data[0].source)"
        )
    if source.is_dir():
        shutil.copytree(source, data)
        return
    data.mkdir()
    frame = read_table(source) if rows and project.model.forecast is None else None
    if frame is None or rows is None or len(frame) <= rows:
        shutil.copyfile(source, data / source.name)
    elif source.suffix == ".parquet":
        frame.sample(rows, random_state=0).to_parquet(data / source.name)
    else:
        frame.sample(rows, random_state=0).to_csv(data / source.name, index=False)


def _settings(project: Project, file: Path, place: Path) -> Path:
    """The project.yaml the jobs read; pseudonyms are made with a key that is thrown away."""
    if not project.dataset.pseudonymise:
        return file
    key = place / jobs.KEY_FOLDER / jobs.KEY_FILE
    key.parent.mkdir()
    key.write_text(json.dumps(new_document(datetime.now(UTC))), encoding="utf-8")
    document = strict_yaml.read(file)
    document["data"][0].pop("pseudonym_key", None)
    shutil.copyfile(file.parent / project.dataset.contract, place / "data_contract.yaml")
    document["data"][0]["contract"] = "data_contract.yaml"
    (place / file.name).write_text(json.dumps(document), encoding="utf-8")
    return place / file.name


def _judged(place: Path) -> argparse.Namespace:
    prepared = place / "prepared"
    return argparse.Namespace(
        model=place / "model",
        champion=prepared / jobs.NOBODY,
        output=place / "evaluated",
        **{name: prepared / name for name in jobs.JUDGED if name != "model"},
    )


@contextmanager
def _variables(file: Path, place: Path) -> Iterator[None]:
    """What SageMaker tells jobs through their environment, for as long as they run."""
    stated: Mapping[str, str] = {
        "MODELYARD_PROJECT_FILE": str(file),
        jobs.RUN_TIME: datetime.now(UTC).isoformat(timespec="seconds"),
        "SM_OUTPUT_DIR": str(place / "output"),
        "SM_MODEL_DIR": str(place / "model"),
        "SM_INPUT_CONFIG_DIR": str(place / "config"),
        **{f"SM_CHANNEL_{name.upper()}": str(place / "prepared" / name) for name in jobs.CHANNELS},
    }
    before = {name: os.environ.get(name) for name in stated}
    os.environ.update(stated)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
