"""Day one in a generated repo: set up, look around, find what is broken, try it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from modelyard import doctor_repo
from modelyard.doctor import Check

Looks = Callable[..., dict[str, Check]]


@pytest.fixture(scope="module")
def repo(made: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example with its environment set up."""
    repo = made(tmp_path_factory.mktemp("first day"))
    done = subprocess.run(["make", "setup"], cwd=repo, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return repo


@pytest.fixture
def mine(repo: Path, tmp_path: Path) -> Path:
    """A copy to break; its environment stays where it is."""
    copied = tmp_path / "mine"
    shutil.copytree(repo, copied, symlinks=True)
    return copied


def said(repo: Path, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """What a command does in the repo, without AWS settings of whoever tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return subprocess.run(
        command, cwd=repo, env={**kept, **variables}, capture_output=True, text=True
    )


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Looks:
    """What the doctor finds in a repo, by name, for somebody without AWS settings."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("MODELYARD_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")

    def look(repo: Path, **variables: str) -> dict[str, Check]:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return {check.name: check for check in doctor_repo.look_over(repo / "project.yaml")}

    return look


def test_setup_gives_editors_the_schemas_they_are_told_of(repo: Path) -> None:
    settings = json.loads((repo / ".vscode/settings.json").read_text())
    for place, file in settings["yaml.schemas"].items():
        schema = json.loads((repo / place).read_text())
        # YAML's dates are texts to a JSON Schema.
        document = json.loads(json.dumps(yaml.safe_load((repo / file).read_text()), default=str))
        jsonschema.validate(document, schema)
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**document, "unheard_of": 1}, schema)


def test_hooks_pass_in_a_fresh_repo_and_download_nothing(repo: Path, tmp_path: Path) -> None:
    done = said(
        repo,
        *(".venv/bin/python", "-m", "pre_commit", "run", "--all-files"),
        PRE_COMMIT_HOME=str(tmp_path / "cache"),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("Passed") == 4
    assert "Installing environment" not in done.stdout


def test_hooks_take_outputs_out_of_notebooks(mine: Path, tmp_path: Path) -> None:
    file = mine / "notebooks/explore.ipynb"
    clean = file.read_text()
    notebook = json.loads(clean)
    notebook["cells"][1]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x"}]
    file.write_text(json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False) + "\n")
    assert said(mine, "make", "lint").returncode != 0
    command = (".venv/bin/python", "-m", "pre_commit", "run", "notebooks", "--all-files")
    assert said(mine, *command, PRE_COMMIT_HOME=str(tmp_path / "cache")).returncode != 0
    assert file.read_text() == clean


@pytest.mark.slow
def test_notebook_trains_and_shows_the_evaluation(repo: Path) -> None:
    done = said(repo, "make", "notebook")
    assert done.returncode == 0, done.stdout + done.stderr
    shown = json.loads((repo / "build/explore.ipynb").read_text())
    pages = [
        "".join(output["data"]["text/html"])
        for cell in shown["cells"]
        for output in cell.get("outputs", ())
        if "text/html" in output.get("data", {})
    ]
    assert any("<iframe srcdoc=" in page and "Gates met" in page for page in pages)
    assert said(repo, "git", "status", "--porcelain").stdout == ""


def test_a_healthy_repo_fails_nothing(repo: Path, tmp_path: Path) -> None:
    done = said(repo, "make", "doctor", HOME=str(tmp_path), AWS_EC2_METADATA_DISABLED="true")
    assert done.returncode == 0, done.stdout + done.stderr
    told = [line.split() for line in done.stdout.splitlines() if not line.startswith(" ")]
    states = {name: state for state, name, *_ in told}
    assert states["platform"] == states["contract"] == states["pipeline"] == "ok"


def _without_data(repo: Path) -> None:
    (repo / "data/loans.csv").unlink()


def _other_target(repo: Path) -> None:
    file = repo / "project.yaml"
    file.write_text(file.read_text().replace("target: approve", "target: married"))


def _broken_project(repo: Path) -> None:
    with (repo / "project.yaml").open("a") as file:
        file.write("colour: blue\n")


def _stale_pipeline(repo: Path) -> None:
    with (repo / "project.yaml").open("a") as file:
        file.write("training: {instance_type: ml.m5.xlarge}\n")


def _dirty_data(repo: Path) -> None:
    file = repo / "data/loans.csv"
    lines = file.read_text().splitlines()
    lines[1] = "x" + lines[1]
    file.write_text("\n".join(lines) + "\n")


def _no_commit(repo: Path) -> None:
    shutil.rmtree(repo / ".git")


def _moved_platform(repo: Path) -> None:
    (repo / ".modelyard-home").write_text("/no/such/place\n")
    file = repo / "requirements.txt"
    lines = file.read_text().splitlines()
    lines[2] = f"modelyard @ git+file://localhost/no/such/origin@{'a' * 40}#subdirectory=pipelines"
    file.write_text("\n".join(lines) + "\n")


def _other_packages(repo: Path) -> None:
    with (repo / "requirements.txt").open("a") as file:
        file.write("no-such-package==1.0\n")


BROKEN = {
    "data": (_without_data, "data", "data/loans.csv is not here", "bring the file"),
    "contract": (_other_target, "contract", "columns with use 'target' are approve", ""),
    "project": (_broken_project, "project", "colour: unknown key", ""),
    "pipeline": (_stale_pipeline, "pipeline", "pipeline.json is not what", "make render"),
    "rows": (_dirty_data, "contract", "data/loans.csv breaks data_contract.yaml: ", "correct"),
    "git": (_no_commit, "git", "no commit", "git init"),
    "platform": (_moved_platform, "platform", "/no/such/origin", ".modelyard-home"),
    "packages": (_other_packages, "packages", "no-such-package", "make clean setup"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_doctor_names_what_is_broken_and_the_fix(what: str, mine: Path, looks: Looks) -> None:
    damage, name, says, remedy = BROKEN[what]
    damage(mine)
    check = looks(mine)[name]
    assert check.state == "fail"
    assert says in check.sentence
    assert remedy in check.remedy


@pytest.mark.parametrize(
    ("variables", "name", "says"),
    [
        ({"AWS_PROFILE": "gone"}, "credentials", "AWS_PROFILE is gone"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, "endpoint", "nobody answers there"),
    ],
)
def test_doctor_tells_why_aws_cannot_be_reached(
    variables: dict[str, str], name: str, says: str, repo: Path, looks: Looks
) -> None:
    check = looks(repo, **variables)[name]
    assert (check.state, says in check.sentence) == ("fail", True)


def test_doctor_speaks_where_there_is_no_environment_yet(tmp_path: Path, repo: Path) -> None:
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", str(repo), str(clone)], check=True)
    (clone / ".modelyard-home").write_text("/no/such/place\n")
    done = said(clone, "make", "doctor")
    assert done.returncode != 0
    assert "there is no .venv yet" in done.stdout
    assert "/no/such/place is gone" in done.stdout


def test_readme_is_read_in_three_minutes(repo: Path) -> None:
    words = len((repo / "README.md").read_text().split())
    # Two hundred words a minute, as people read what they want to understand.
    assert words <= 600


FAILING: dict[str, tuple[Callable[[Path], None], str, str]] = {
    "contract": (_other_target, "test_standard_data", "make them equal"),
    "rows": (_dirty_data, "test_standard_data", "loans.csv breaks data_contract.yaml"),
    "pipeline": (_stale_pipeline, "test_standard_pipeline", "make render"),
}


@pytest.mark.slow
@pytest.mark.parametrize("what", FAILING)
def test_a_failing_check_is_a_sentence_with_file_and_fix(what: str, mine: Path) -> None:
    damage, where, says = FAILING[what]
    damage(mine)
    done = said(mine, ".venv/bin/python", "-m", "pytest", "-k", where)
    assert done.returncode == 1
    assert says in done.stdout
    assert "Traceback" not in done.stdout
    assert "modelyard/errors" not in done.stdout


def test_naming_a_test_runs_that_test_only(repo: Path) -> None:
    done = said(repo, ".venv/bin/python", "-m", "pytest", "--collect-only", "tests/test_model.py")
    listed: list[Any] = [line for line in done.stdout.splitlines() if "::" in line]
    assert len(listed) == 1
