"""What cookiecutter was told: whether a project can be made of it, and which data contract."""

from __future__ import annotations

import importlib.util
import keyword
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from example_data import EXAMPLES, Example

from modelyard import strict_yaml
from modelyard.data import DataContract, infer
from modelyard.errors import ModelyardError
from modelyard.project import Project, parse

if TYPE_CHECKING:
    import pandas as pd

ANSWER_OF_KEY = {
    "name": "project_slug",
    "risk.tier": "risk_tier",
    "environments.dev.account": "aws_account",
    "environments.dev.region": "aws_region",
    "data[0].row_key": "row_key",
    "model": "protected",
    "serving.mode": "serving",
    "team.data-scientist[0]": "data_scientist",
    "team.model-approver[0]": "model_approver",
    "team.model-approver": "model_approver",
    "monitoring.alerts.warning[0]": "alert_email",
    "monitoring.alerts.critical[0]": "alert_email",
}


class AnswerError(ModelyardError):
    """An answer that no project can be made of."""


@dataclass(frozen=True)
class Answers:
    """What cookiecutter was told, checked for form and with paths made absolute."""

    dataset: str
    data_file: str
    target: str
    problem: str
    framework: str
    row_key: str
    protected: tuple[str, ...]
    home: str
    project: str
    serving: str
    risk_tier: str
    ci: str

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Answers:
        """From what the filters and the hook pass on."""
        told = {name: told[name] for name in cls.__dataclass_fields__}
        return cls(**{**told, "protected": tuple(told["protected"])})

    @property
    def example(self) -> Example | None:
        """The bundled data set, where it is one."""
        return EXAMPLES.get(self.dataset)


def stated_project(answers: Answers) -> Project:
    """The project.yaml these answers make; AnswerError says which answer is wrong."""
    if not answers.target:
        raise AnswerError("target: name the column to predict")
    try:
        project = parse(strict_yaml.parse(answers.project))
    except (ModelyardError, strict_yaml.YamlError) as error:
        raise AnswerError(in_answers(str(error).splitlines()[0])) from None
    check_package_name(project)
    return project


def in_answers(problem: str) -> str:
    """A problem of project.yaml in terms of what was asked: the file does not exist yet."""
    key, _, reason = problem.removeprefix("project.yaml: ").partition(": ")
    return f"{ANSWER_OF_KEY.get(key, key)}: {reason}"


def check_package_name(project: Project) -> None:
    """Refuse a package that Python cannot import, or that would hide another."""
    name = project.package
    if keyword.iskeyword(name) or importlib.util.find_spec(name) is not None:
        raise AnswerError(f"project_slug: Python already means something by '{name}'; add a word")


def read_data(answers: Answers) -> pd.DataFrame:
    """The team's data, or the bundled example."""
    if answers.example:
        return answers.example.read()
    from modelyard.tables import read_table  # takes a second, which a misspelt name need not wait

    return read_table(Path(answers.dataset))


def check_row_key(frame: pd.DataFrame, row_key: str) -> None:
    """A key names one row; whole rows that were exported twice are no contradiction."""
    if row_key not in frame.columns:
        return
    distinct = frame.astype(str).drop_duplicates()
    twice = distinct.loc[distinct[row_key].duplicated(), row_key]
    if len(twice):
        raise AnswerError(
            f"row_key: '{row_key}' says {twice.iloc[0]!r} in several different rows "
            f"({len(twice)} repetitions in all); name a column that tells rows apart, or none"
        )


def infer_contract(answers: Answers, frame: pd.DataFrame) -> DataContract:
    """The data contract; a ModelyardError says why there can be none."""
    if answers.row_key:
        check_row_key(frame, answers.row_key)
    contract = infer(
        frame, answers.target, answers.row_key or None, answers.protected, answers.problem
    )
    return without(contract, answers.example.late) if answers.example else contract


def without(contract: DataContract, late: Mapping[str, str]) -> DataContract:
    """The contract with columns dropped that are known too late, each with its reason."""
    columns = (
        column.model_copy(update={"use": "drop", "reason": late[column.name]})
        if column.name in late
        else column
        for column in contract.columns
    )
    return DataContract(columns=tuple(columns))


def check(answers: Answers) -> None:
    """Refuse what no working project can be made of, before anything is written."""
    stated_project(answers)
    infer_contract(answers, read_data(answers))
