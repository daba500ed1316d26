"""Checks the answers of a new project, then completes its folder with what depends on the data.

    python new_project.py check      answers (JSON) on standard input: a line of refusal, or nothing
    python new_project.py forecast   the same answers; the forecast section that the data suggest
    python new_project.py complete   the same answers; finishes the generated folder it runs in

Where MODELYARD_RENDER_ONLY is set, `complete` adds nothing that is the team's from the first day:
an upgrade compares two versions of the template on machines that need not have the data.

Runs in the platform's interpreter, because cookiecutter's own need not have modelyard.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import options
import provenance
from answers import Answers, check_form, stated_project
from inferred import infer_contract, read_data, stated, suggested

from modelyard import pins
from modelyard.errors import ModelyardError
from modelyard.project import Project, load

if TYPE_CHECKING:
    import pandas as pd

COMMITTED_BYTES = 1_000_000
RENDER_ONLY = "MODELYARD_RENDER_ONLY"


def write_data(answers: Answers, frame: pd.DataFrame, folder: Path) -> Path:
    """The data in the repo: small ones are committed, others kept out of git."""
    file = folder / "data" / answers.data_file
    file.parent.mkdir(exist_ok=True)
    if answers.example:
        frame.to_csv(file, index=False)
    else:
        shutil.copyfile(answers.dataset, file)
    if file.stat().st_size > COMMITTED_BYTES:
        with (folder / ".gitignore").open("a") as ignored:
            ignored.write(f"/data/{file.name}\n")
    return file


def fill_in(answers: Answers, package: str, folder: Path) -> None:
    """The framework's files, and none that only other choices would keep."""
    chosen = vars(answers)
    for unused in options.left_out(chosen):
        path = folder / unused
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    source = folder / "src" / package
    source.mkdir(parents=True)
    for name, file in options.model_files(answers.framework, answers.problem).items():
        shutil.copyfile(file, source / name)
    for name, file in options.root_files(answers.framework).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, folder / name)
    with (folder / "requirements.txt").open("a") as requirements:
        for line in pins.lines(options.TEMPLATES.parent.parent, options.requirements(chosen)):
            requirements.write(f"{line}\n")


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


def complete(answers: Answers, project: Project, folder: Path) -> None:
    """Add what depends on the data: the data, their contract and notes, the pipeline."""
    import data_notes
    import example_words

    from modelyard.definition import render

    frame = read_data(answers)
    contract = infer_contract(answers, frame)
    if answers.dataset == "mortgage":
        contract = example_words.spoken(contract)
    file = write_data(answers, frame, folder)
    contract.dump(folder / "data_contract.yaml", f"data/{file.name}")
    about = answers.example.notes if answers.example else ""
    notes = data_notes.write(frame, contract, project.model, file.name, about)
    (folder / "docs").mkdir(exist_ok=True)
    (folder / "docs" / "data.md").write_text(notes)
    (folder / ".modelyard-home").write_text(answers.home + "\n")
    (folder / "pipeline.json").write_text(render(project))


def check(answers: Answers) -> None:
    """Refuse what no working project can be made of, before anything is written."""
    check_form(answers)
    stated_project(answers)
    infer_contract(answers, read_data(answers))


def begin(folder: Path) -> None:
    """The first commit, and what to do next."""
    first_commit(folder)
    sys.stdout.write(f"Next: cd {shlex.quote(str(folder))} && make try\n")


def main(arguments: list[str]) -> int:
    """Entry point: exit code 1 and one line for what the person who answered can mend."""
    told = json.loads(sys.stdin.read())
    answers = Answers.read(told)
    try:
        if arguments == ["check"]:
            check(answers)
            return 0
        if arguments == ["forecast"]:
            check_form(answers)
            sys.stdout.write(stated(suggested(answers, read_data(answers)).forecast))
            return 0
        folder = Path.cwd()
        project = load(folder / "project.yaml")
        fill_in(answers, project.package, folder)
        if RENDER_ONLY not in os.environ:
            complete(answers, project, folder)
            provenance.write(told, folder)
            begin(folder)
    except ModelyardError as error:
        sys.stderr.write(str(error).splitlines()[0] + "\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
