"""A model on disk and in memory: no pickle, every file checked against its manifest.

save(estimator, folder, contract, problem, arrays)      # in the train job
Model.load(folder).predict(rows_or_frame)    # [{"prediction": .., "probability": ..}, ...]
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from modelyard import estimators, explain, explain_trees, scorer, shortcuts
from modelyard.data import DataContract, Label
from modelyard.errors import ModelyardError
from modelyard.manifest import dump_json, file_sha256
from modelyard.project import Problem
from modelyard.scorer import Floats, Scorer
from modelyard.tables import Arrays, as_frame, to_arrays

if TYPE_CHECKING:
    import pandas as pd

MANIFEST = "manifest.json"
SCORER = "scorer.json"


class ModelError(ModelyardError):
    """Model files that are incomplete, altered, or of a type that is not trusted."""


@dataclass(frozen=True)
class Model:
    """A fitted model with the contract of its input and the meaning of its output."""

    folder: Path
    contract: DataContract
    problem: Problem
    sha256: str
    versions: Mapping[str, str]
    scorer: Scorer | None
    training: Mapping[str, Any] | None = None

    @classmethod
    def load(cls, folder: str | Path) -> "Model":
        """The model in a folder; ModelError when a file is missing, extra or altered."""
        path = Path(folder)
        if not (path / MANIFEST).is_file():
            raise ModelError(f"{path}: holds no {MANIFEST}; it is written by the train job")
        document = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
        _check_files(path, document["files"])
        found = None
        if SCORER in document["files"]:
            found = scorer.parse(json.loads((path / SCORER).read_text(encoding="utf-8")))
        contract = DataContract.parse(document["contract"], MANIFEST)
        digest = model_sha256(document["files"])
        problem, versions = document["problem"], document["versions"]
        training = document.get("training")
        return cls(path, contract, problem, digest, versions, found, training)

    @property
    def labels(self) -> tuple[Label, ...]:
        """The classes in the order of the probabilities; empty for a regression."""
        return self.contract.labels if self.problem != "regression" else ()

    @cached_property
    def explanation(self) -> Mapping[str, Any] | None:
        """What its explanations start from; None where it has none (modelyard.explain)."""
        return explain.stored(self.folder)

    @cached_property
    def estimator(self) -> Any:
        """The fitted scikit-learn estimator; loads only trusted types, once."""
        return estimators.load(self.folder, self.versions, self.contract)

    @property
    def served_by(self) -> str:
        """What answers: plain arithmetic, or the library it was made with."""
        if self.scorer is not None:
            return "arithmetic"
        return estimators.framework(self.versions)

    def scores(self, arrays: Arrays) -> Floats:
        """Probabilities by class, or one column of values, for converted features."""
        if self.scorer is not None:
            rows = len(next(iter(arrays.values())))
            decisions = self.scorer.decide(arrays, rows).tolist()
            return np.array([self.scorer.finish(row) for row in decisions])
        estimator, classes = self.estimator, len(self.labels)
        if getattr(estimator, "reads_arrays", False):
            return estimators.scores(estimator, arrays, classes)
        frame = as_frame(arrays, self.contract.feature_columns)
        return estimators.scores(estimator, frame, classes)

    def predict(self, source: "pd.DataFrame | Sequence[Mapping[str, Any]]") -> list[dict[str, Any]]:
        """Predictions for rows as the data write them; DataError names row and column."""
        return self.predictions(to_arrays(source, self.contract.feature_columns))

    def predictions(self, arrays: Arrays) -> list[dict[str, Any]]:
        """Predictions for converted features."""
        return [self.prediction(row) for row in self.scores(arrays).tolist()]

    def prediction(self, scores: Sequence[float]) -> dict[str, Any]:
        """One row's scores as the answer a caller gets."""
        if self.problem == "regression":
            return {"prediction": scores[0]}
        labels = self.labels
        best = labels[max(range(len(labels)), key=scores.__getitem__)]
        if self.problem == "binary":
            return {"prediction": best, "probability": scores[1]}
        named = {str(label): score for label, score in zip(labels, scores, strict=True)}
        return {"prediction": best, "probabilities": named}


def save(
    estimator: Any,
    folder: Path,
    contract: DataContract,
    problem: Problem,
    arrays: Arrays,
    training: Mapping[str, Any] | None = None,
) -> Model:
    """Writes a fitted estimator as model files; `arrays` are the rows it was fitted on.

    `training` (modelyard.training_record) is told, and not part of the model's identity: the same
    files are the same model, wherever they were made.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = estimators.dump(estimator, folder)
    classes = len(contract.labels) if problem != "regression" else 0
    found = _arithmetic(estimator, contract, classes, arrays)
    if found is not None:
        dump_json(folder / SCORER, found.document())
        files = [*files, SCORER]
        explained: dict[str, Any] | None = explain.linear_document(found, arrays)
    else:
        frame = as_frame(arrays, contract.feature_columns)
        explained = explain_trees.document(estimator, arrays, frame)
        origins = explained["origins"] if explained else None
        files = [*files, *shortcuts.dump(estimator, folder, contract, arrays, origins)]
    if explained is not None:
        dump_json(folder / explain.FILE_NAME, explained)
        files = [*files, explain.FILE_NAME]
    document = {
        "files": {name: file_sha256(folder / name) for name in files},
        "contract": contract.document(),
        "problem": problem,
        "labels": list(contract.labels) if classes else [],
        "versions": estimators.versions(estimator),
        "training": training,
    }
    dump_json(folder / MANIFEST, document)
    return Model.load(folder)


def _arithmetic(
    estimator: Any, contract: DataContract, classes: int, arrays: Arrays
) -> Scorer | None:
    """The model as plain arithmetic, where it is that."""
    link = estimators.link(estimator, classes)
    if link is None:
        return None
    columns = contract.feature_columns

    def decide(rows: Arrays) -> Floats:
        return estimators.decisions(estimator, as_frame(rows, columns))

    return scorer.find(decide, link, arrays, columns)


def model_sha256(files: Mapping[str, str]) -> str:
    """The identity of a model: of its files' names and checksums."""
    text = "".join(f"{name} {files[name]}\n" for name in sorted(files))
    return hashlib.sha256(text.encode()).hexdigest()


def _check_files(folder: Path, files: Mapping[str, str]) -> None:
    present = {file.name for file in folder.iterdir() if not file.name.startswith(".")}
    extra = sorted(present - {*files, MANIFEST})
    if extra:
        raise ModelError(f"{folder / extra[0]}: is not in {MANIFEST}; remove it")
    for name, expected in sorted(files.items()):
        if Path(name).name != name or name not in present:
            raise ModelError(f"{folder / name}: is missing, though {MANIFEST} lists it")
        if file_sha256(folder / name) != expected:
            raise ModelError(f"{folder / name}: differs from its checksum in {MANIFEST}")
