"""Asks for what a repo does not say; what it says is the default. Every answer is an option too."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from modelyard.adopt import kinds, model_choice
from modelyard.adopt.data_use import Found
from modelyard.adopt.errors import AdoptError
from modelyard.adopt.inspection import Inspection
from modelyard.adopt.model_choice import ModelChoice
from modelyard.tables import read_table
from modelyard.values import is_missing

if TYPE_CHECKING:
    import pandas as pd

Ask = Callable[[str, str], str]
PROBLEMS = ("binary", "multiclass", "regression")
_FEW = 20


@dataclass(frozen=True)
class Answers:
    """What adoption goes by."""

    name: str
    model: ModelChoice
    data: PurePosixPath
    frame: pd.DataFrame
    target: str
    problem: str
    protected: tuple[str, ...]
    row_key: str | None


@dataclass
class Interview:
    """One round of questions; without anybody to ask, the list of what lacks."""

    found: Inspection
    stated: Mapping[str, str | None]
    ask: Ask | None
    lacking: list[str] = field(default_factory=list)

    def answers(self) -> Answers:
        """All answers; AdoptError names those that lack, or what is in the way."""
        model = self._model()
        data = self._data(model)
        self._complete()
        assert model is not None and data is not None
        frame = read_table(self.found.repo / data)
        columns = [str(name) for name in frame.columns]
        target = self._target(model, columns)
        self._complete()
        problem = self._answer(
            "problem",
            f"Kind of problem ({', '.join(PROBLEMS)})",
            _problem(model, frame[target]),
            "",
        )
        if problem not in PROBLEMS:
            raise AdoptError(f"--problem {problem}: say one of {', '.join(PROBLEMS)}")
        key = self._answer("row_key", "Column that names each row (-: none)", self._key(frame), "")
        listed = self._answer("protected", "Protected attributes, comma-separated", "", "")
        protected = tuple(name.strip() for name in listed.split(",") if name.strip())
        name = self._answer("name", "Name in AWS, for good", _slug(self.found.repo.name), "")
        key = "" if key == "-" else key
        return Answers(name, model, data, frame, target, problem, protected, key or None)

    def _answer(self, option: str, question: str, default: str | None, lacks: str) -> str:
        """What was stated, is answered, or follows from the repo."""
        stated = self.stated.get(option)
        if stated is not None:
            return stated
        if self.ask is not None:
            return self.ask(question, default or "") or (default or "")
        if default is None:
            self.lacking.append(f"--{option.replace('_', '-')}: {lacks}")
        return default or ""

    def _complete(self) -> None:
        if self.lacking:
            raise AdoptError(*self.lacking)

    def _model(self) -> ModelChoice | None:
        choices = model_choice.candidates(self.found)
        if not choices and not self.stated.get("estimator"):
            raise model_choice.none_found(self.found)
        spoken = [choice.exact for choice in choices]
        default = spoken[0] if len(set(spoken)) == 1 else None
        listed = ", ".join(f"{number}: {one}" for number, one in enumerate(spoken, 1))
        word = self._answer(
            "estimator",
            f"Which builds the model ({f'found at {choices[0].place}' if default else listed})",
            default,
            f"several build a model; name one of {', '.join(spoken)}",
        )
        if not word:
            return None
        if word.isdigit() and 0 < int(word) <= len(choices):
            return model_choice.settled(self.found, choices[int(word) - 1])
        return model_choice.settled(self.found, model_choice.named(self.found, word))

    def _data(self, model: ModelChoice | None) -> PurePosixPath | None:
        read = self.found.read_files(model.script if model else None)
        choices = [*read] or list(self.found.data)
        told = ", ".join(map(str, choices[:8])) or "none is in the repo"
        word = self._answer(
            "data",
            f"Data file, CSV or Parquet ({told})",
            str(choices[0]) if len(choices) == 1 else None,
            f"name the file the model learns from ({told})",
        )
        if not word:
            return None
        path = (self.found.repo / word).resolve()
        if not path.is_relative_to(self.found.repo):
            raise AdoptError(
                f"--data {word}: lies outside the repo; put it below {self.found.repo}"
            )
        if not path.is_file() or path.suffix.lower() not in (".csv", ".parquet"):
            raise AdoptError(f"--data {word}: is no .csv or .parquet file of the repo")
        return PurePosixPath(path.relative_to(self.found.repo).as_posix())

    def _target(self, model: ModelChoice, columns: Sequence[str]) -> str:
        said = [f for f in self.found.found(model.script, "targets") if f.what in columns]
        told = ", ".join(f"{fact.place} says {fact.what}" for fact in said)
        target = self._answer(
            "target",
            f"Column to predict ({told or 'no script says which'})",
            said[0].what if len(said) == 1 else None,
            f"name the column to predict ({told or 'no script says which'})",
        )
        if target and target not in columns:
            raise AdoptError(f"--target {target}: is no column of the data: {', '.join(columns)}")
        return target

    def _key(self, frame: pd.DataFrame) -> str:
        """A column their code drops although no two rows share it."""
        dropped: list[Found] = self.found.found(None, "dropped")
        for name in (fact.what for fact in dropped if fact.what in frame.columns):
            if frame[name].is_unique and not any(map(is_missing, frame[name])):
                return name
        return ""


def _problem(model: ModelChoice, answers: pd.Series) -> str:
    """What the estimator's name and the target's values suggest."""
    values = [value for value in answers if not is_missing(value)]
    distinct = len(set(map(str, values)))
    predicts = kinds.predicts([*model.made.learners])
    if predicts is None:
        predicts = "numbers" if distinct > _FEW and _numeric(values) else "classes"
    return "regression" if predicts == "numbers" else "binary" if distinct == 2 else "multiclass"


def _numeric(values: Sequence[object]) -> bool:
    try:
        [float(str(value)) for value in values]
    except ValueError:
        return False
    return True


def _slug(name: str) -> str:
    """A folder's name as a project's: 3 to 24 letters, digits and single hyphens."""
    words = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-0123456789")[:24].strip("-")
    return words if len(words) >= 3 else f"{words or 'model'}-model"


def home_of(path: str) -> Path:
    """The repo a person names; AdoptError where there is none."""
    repo = Path(path).expanduser().resolve()
    if not repo.is_dir():
        raise AdoptError(f"{path}: is no folder; name the repo to adopt")
    return repo
