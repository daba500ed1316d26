"""What cookiecutter was told, and whether a project can be made of it."""

from __future__ import annotations

import importlib.util
import keyword
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from example_data import EXAMPLES, Example

from modelyard import strict_yaml
from modelyard.errors import ModelyardError
from modelyard.project import Project, parse

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
    time_column: str
    series_column: str
    horizon: str
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
    try:
        project = parse(strict_yaml.parse(answers.project))
    except (ModelyardError, strict_yaml.YamlError) as error:
        raise AnswerError(in_answers(str(error).splitlines()[0])) from None
    check_package_name(project)
    return project


def check_form(answers: Answers) -> None:
    """Refuse answers that are wrong whatever the data say."""
    if not answers.target:
        raise AnswerError("target: name the column to predict")
    if answers.problem != "forecasting":
        for name in ("time_column", "series_column", "horizon"):
            if getattr(answers, name):
                raise AnswerError(f"{name}: is for problem=forecasting; leave it empty")
        return
    if not answers.time_column:
        raise AnswerError("time_column: name the column that says when; a forecast needs one")
    if answers.row_key:
        raise AnswerError(
            "row_key: a forecast's rows are known by their series and time; leave it empty"
        )
    if (
        answers.horizon
        and not 1 <= int(answers.horizon if answers.horizon.isdigit() else 0) <= 1000
    ):
        raise AnswerError(
            f"horizon: '{answers.horizon}' is no number of periods; write 1 to 1000, or nothing"
        )


def in_answers(problem: str) -> str:
    """A problem of project.yaml in terms of what was asked: the file does not exist yet."""
    key, _, reason = problem.removeprefix("project.yaml: ").partition(": ")
    return f"{ANSWER_OF_KEY.get(key, key)}: {reason}"


def check_package_name(project: Project) -> None:
    """Refuse a package that Python cannot import, or that would hide another."""
    name = project.package
    if keyword.iskeyword(name) or importlib.util.find_spec(name) is not None:
        raise AnswerError(f"project_slug: Python already means something by '{name}'; add a word")
