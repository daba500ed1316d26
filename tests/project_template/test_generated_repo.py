"""A generated repo: exactly the promised files, and a set of tests that passes unedited."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from modelyard.card.facts import statement
from modelyard.card.required import missing
from modelyard.data import DataContract
from modelyard.project import load
from tests.project_template import datasets
from tests.project_template.generation import generate


@dataclass(frozen=True)
class Configuration:
    """Answers, and what they must lead to."""

    package: str
    data: str
    answers: dict[str, str]
    dataset: Callable[[Path], Path] | None = None
    features: frozenset[str] = field(default_factory=frozenset)


CONFIGURATIONS = {
    "mortgage": Configuration("loans", "loans.csv", {}),
    "nasty": Configuration(
        "kunden_erfolg",
        "kunden-liste-marz.csv",
        {
            "project_name": "Kunden: Erfolg",
            "target": "Ergebnis",
            "row_key": "Kunden-ID",
            "protected": "Stadt, ist neu",
        },
        datasets.nasty,
        frozenset({"Größe in cm", "Datum", "Aktiv?", "Bemerkung", "a__b"}),
    ),
    "wine": Configuration(
        "wine_quality",
        "wine.csv",
        {"project_name": "Wine quality", "target": "class", "problem": "multiclass"},
        datasets.wine,
    ),
    "diabetes": Configuration(
        "diabetes",
        "diabetes.parquet",
        {"project_name": "Diabetes", "target": "target", "problem": "regression"},
        datasets.diabetes,
    ),
    "nasty-parquet": Configuration(
        "nasty",
        "nasty.parquet",
        {"project_name": "Nasty", "target": "Ergebnis"},
        datasets.nasty_parquet,
        frozenset({"Größe in cm", "Datum", "Aktiv?", "ist neu", "Bemerkung", "Stadt", "a__b"}),
    ),
}
QUICK = ["mortgage", "nasty"]
SLOW = [name for name in CONFIGURATIONS if name not in QUICK]
ALL = [*QUICK, *(pytest.param(name, marks=pytest.mark.slow) for name in SLOW)]


@pytest.fixture(scope="session")
def repos(
    made: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Path]:
    """The generated repo of a configuration."""
    known: dict[str, Path] = {}

    def repo(name: str) -> Path:
        if name not in known:
            configuration = CONFIGURATIONS[name]
            folder = tmp_path_factory.mktemp(f"{name} team")
            answers = dict(configuration.answers)
            if configuration.dataset:
                answers["dataset"] = configuration.dataset(folder).name
            known[name] = made(folder, **answers)
        return known[name]

    return repo


def git(repo: Path, *arguments: str) -> str:
    """What git prints in a repo."""
    done = subprocess.run(["git", "-C", str(repo), *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("name", ALL)
def test_everything_is_committed_except_where_the_platform_is(
    name: str, repos: Callable[[str], Path], root: Path
) -> None:
    assert git(repos(name), "status", "--porcelain") == ""
    assert (repos(name) / ".modelyard-home").read_text().strip() == str(root)
    assert len(git(repos(name), "log", "--oneline").splitlines()) == 1


@pytest.mark.parametrize("name", ALL)
def test_generated_repo_passes_its_own_lint_and_tests(
    name: str, repos: Callable[[str], Path], make: Callable[..., str]
) -> None:
    said = make(repos(name), "lint", "test")
    assert "All checks passed" in said
    assert " passed" in said
    assert "skipped" not in said
    assert git(repos(name), "status", "--porcelain") == ""


@pytest.mark.slow
@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_unedited_repo_reaches_a_served_prediction(
    name: str, repos: Callable[[str], Path], make: Callable[..., str]
) -> None:
    said = make(repos(name), "try")
    assert "registered " in said
    assert '"prediction"' in said


def test_environment_is_layered_on_the_platform(
    repos: Callable[[str], Path], make: Callable[..., str], root: Path
) -> None:
    repo = repos("mortgage")
    make(repo, "setup")
    commands = repo / ".venv" / "bin"
    assert {"train", "serve", "modelyard"} <= {file.name for file in commands.iterdir()}
    code = "import loans.model, modelyard; print(loans.model.__file__, modelyard.__file__, sep='|')"
    places = subprocess.run(
        [commands / "python", "-c", code], capture_output=True, text=True, check=True
    )
    package, platform = places.stdout.strip().split("|")
    assert Path(package).is_relative_to(repo / "src")
    assert Path(platform).is_relative_to(root / "pipelines")
    told = subprocess.run([commands / "modelyard", "--help"], capture_output=True, text=True)
    assert told.stdout.startswith("usage: modelyard")


def test_environment_is_not_made_twice(
    repos: Callable[[str], Path], make: Callable[..., str]
) -> None:
    make(repos("mortgage"), "setup")
    stamp = repos("mortgage") / ".venv" / "ready"
    before = stamp.stat().st_mtime_ns
    make(repos("mortgage"), "setup")
    assert stamp.stat().st_mtime_ns == before


def test_example_states_all_that_a_high_risk_model_card_needs(
    repos: Callable[[str], Path],
) -> None:
    assert missing(statement(load(repos("mortgage") / "project.yaml"))) == ()


@pytest.mark.parametrize("name", ALL)
def test_rendering_again_changes_nothing(
    name: str, repos: Callable[[str], Path], make: Callable[..., str]
) -> None:
    make(repos(name), "render")
    assert git(repos(name), "status", "--porcelain") == ""


@pytest.mark.parametrize("name", ["nasty", pytest.param("nasty-parquet", marks=pytest.mark.slow)])
def test_odd_columns_become_features(name: str, repos: Callable[[str], Path]) -> None:
    contract = DataContract.load(repos(name) / "data_contract.yaml")
    assert set(contract.features) == CONFIGURATIONS[name].features


def test_mortgage_columns_that_know_the_answer_are_left_out(
    repos: Callable[[str], Path],
) -> None:
    contract = DataContract.load(repos("mortgage") / "data_contract.yaml")
    dropped = {column.name for column in contract.used("drop")}
    assert {"action", "reject", "white", "typur"} <= dropped
    assert contract.protected == ("black", "hispan", "male")


def test_example_says_what_applicants_could_change(repos: Callable[[str], Path]) -> None:
    contract = DataContract.load(repos("mortgage") / "data_contract.yaml")
    assert contract["obrat"].actionable == "decrease"
    assert contract["old"].actionable is False
    assert all(column.label for column in contract.feature_columns)


def test_data_notes_tell_who_was_approved(repos: Callable[[str], Path]) -> None:
    notes = (repos("mortgage") / "docs" / "data.md").read_text()
    assert "| black | 0 | 1,792 | 90.0% |" in notes
    assert "| black | 1 | 197 | 67.5% |" in notes
    assert "| `reject` |" in notes


def test_project_yaml_states_the_answers(repos: Callable[[str], Path]) -> None:
    project = load(repos("nasty") / "project.yaml")
    assert project.title == "Kunden: Erfolg"
    assert project.dataset.row_key == "Kunden-ID"
    assert project.model.protected == ("Stadt", "ist neu")


def test_pipeline_trains_in_dev(repos: Callable[[str], Path]) -> None:
    pipeline = json.loads((repos("mortgage") / "pipeline.json").read_text())
    assert [step["Name"] for step in pipeline["Steps"]][:3] == ["Prepare", "Train", "Evaluate"]


def test_requirements_name_the_platform_and_its_versions(
    repos: Callable[[str], Path],
) -> None:
    lines = (repos("mortgage") / "requirements.txt").read_text().splitlines()
    pinned = [line for line in lines if not line.startswith("#")]
    assert re.fullmatch(r"modelyard @ git\+.+@[0-9a-f]{40}#subdirectory=pipelines", pinned[0])
    assert all(re.fullmatch(r"[\w.-]+(\[\w+\])?==[\w.]+", line) for line in pinned[1:])
    assert any(line.startswith("scikit-learn==") for line in pinned)


def test_large_data_stay_out_of_git(tmp_path: Path) -> None:
    data = datasets.large(tmp_path)
    repo = generate(tmp_path, project_name="Large", dataset=data, target="y", problem="regression")
    assert (repo / "data" / "large.csv").exists()
    assert "data/large.csv" not in git(repo, "ls-files").splitlines()


def test_makefile_falls_back_to_a_clone_of_the_pinned_commit(
    repos: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = tmp_path / "elsewhere"
    subprocess.run(["git", "clone", "-q", str(repos("mortgage")), str(repo)], check=True)
    monkeypatch.delenv("MODELYARD_HOME", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    done = subprocess.run(
        ["make", "--dry-run", "try"], cwd=repo, capture_output=True, text=True, check=True
    )
    pinned = re.search(r"@([0-9a-f]{40})#", (repo / "requirements.txt").read_text())
    assert pinned
    home = tmp_path / "cache" / "modelyard" / pinned[1]
    assert f'"{home}/.venv/bin/python" -m sandbox try --project project.yaml' in done.stdout
    assert "pip install --quiet -r requirements.txt -e '.[dev]'" in done.stdout
