"""Adopting a repo: exactly what is needed is written, nothing of theirs changes, and the model that
is then built is theirs."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from modelyard import model as models
from modelyard.arrays import target_values
from modelyard.data import DataContract
from modelyard.definition import render
from modelyard.model_code import ModelCode
from modelyard.project import load
from modelyard.tables import as_frame, read_table, to_arrays
from tests.modelyard.adopt import repos
from tests.modelyard.adopt.conftest import Outcome, adopt, hashes

Adopted = Callable[[str], Outcome]
ALWAYS = {
    ".modelyard-home",
    "modelyard.mk",
    "modelyard_adapter.py",
    "pipeline.json",
    "project.yaml",
}
ALONE = {
    *ALWAYS,
    ".dockerignore",
    ".github/workflows/modelyard.yml",
    ".gitignore",
    "Dockerfile",
    "Makefile",
    "data_contract.yaml",
    "requirements.txt",
}
WRITTEN = {
    "churn": ALONE,
    "top-level": ALONE,
    "prices": ALONE,
    "house-prices": ALONE,
    "boosted": ALONE - {"requirements.txt"},
    "crowded": {
        *ALWAYS,
        "Dockerfile.modelyard",
        "Dockerfile.modelyard.dockerignore",
        "modelyard_contract.yaml",
        "requirements-modelyard.txt",
    },
}
ADDED_TO = {"boosted": {"requirements.txt"}, "crowded": {".gitignore"}}
EVERY = pytest.mark.parametrize("name", list(WRITTEN))
# Training and rendering take their time: of the repos that differ least, the whole suite does it.
QUICK = ("churn", "boosted", "crowded")
TAKING_TIME = pytest.mark.parametrize(
    "name",
    [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in WRITTEN],
)


@EVERY
def test_exactly_the_planned_files_are_new(adopted: Adopted, name: str) -> None:
    done = adopted(name)
    assert done.code == 0, done.complained
    assert set(done.after) - set(done.before) == WRITTEN[name]
    planned = {line.split()[1] for line in done.said.splitlines() if line.startswith("  new ")}
    assert planned == WRITTEN[name]


@EVERY
def test_nothing_of_theirs_changes_but_by_lines_at_the_end(adopted: Adopted, name: str) -> None:
    done = adopted(name)
    changed = {file for file, digest in done.before.items() if done.after[file] != digest}
    assert changed == ADDED_TO.get(name, set())
    for file in changed:
        assert done.text(file).startswith(repos.REPOS[name][file])


@EVERY
def test_a_second_time_nothing_happens(adopted: Adopted, name: str) -> None:
    done = adopted(name)
    again = adopt(done.repo)
    assert again.code == 0
    assert again.said == f"{name} is adopted already (project.yaml); nothing was changed\n"
    assert again.after == again.before


@TAKING_TIME
def test_what_is_written_is_valid_and_up_to_date(adopted: Adopted, name: str) -> None:
    done = adopted(name)
    project = load(done.repo / "project.yaml")
    assert project.name == name
    assert project.model.code == "modelyard_adapter:build_model"
    assert done.text("pipeline.json") == render(project)
    contract = DataContract.load(done.repo / project.dataset.contract)
    assert contract.check(read_table(done.repo / project.dataset.source)) == []
    assert len(done.text("modelyard_adapter.py").splitlines()) <= 28


@pytest.fixture
def clean_modules() -> Iterator[None]:
    """Repos call their scripts alike: none may be left from another."""
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if getattr(sys.modules[name], "__file__", None) and "team" in str(sys.modules[name]):
            del sys.modules[name]
    importlib.invalidate_caches()


@TAKING_TIME
@pytest.mark.usefixtures("clean_modules")
def test_the_model_is_theirs_and_can_be_kept_and_asked(
    adopted: Adopted, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = adopted(name).repo
    monkeypatch.syspath_prepend(repo)
    monkeypatch.syspath_prepend(repo / "src")
    project = load(repo / "project.yaml")
    contract = DataContract.load(repo / project.dataset.contract)
    table = read_table(repo / project.dataset.source)
    arrays = to_arrays(table, contract.feature_columns)
    answers = target_values(to_arrays(table, [contract.target_column]), contract)
    estimator: Any = ModelCode.of(project).build(contract, {})
    estimator.fit(as_frame(arrays, contract.feature_columns), answers)
    kept = models.save(estimator, tmp_path, contract, project.model.problem, arrays)
    assert len(kept.predict([dict.fromkeys(contract.features), *_rows(table, 3)])) == 4


def _rows(table: Any, count: int) -> Any:
    return table.head(count).to_dict("records")


def test_their_function_is_imported_and_its_numbers_can_be_tuned(adopted: Adopted) -> None:
    adapter = adopted("churn").text("modelyard_adapter.py")
    assert "from train import build_pipeline" in adapter
    assert "build_pipeline(**tuned(hyperparameters, C=1.0, max_iter=500))" in adapter


def test_a_model_made_in_passing_is_copied_and_the_two_changes_are_told(adopted: Adopted) -> None:
    done = adopted("top-level")
    adapter = done.text("modelyard_adapter.py")
    assert "A copy of what stands at train.py:18." in adapter
    assert "RandomForestClassifier(n_estimators=50, random_state=0)" in adapter
    assert "import train" not in adapter
    assert 'make_model(), and what train.py does below `if __name__ == "__main__":`' in done.said


def test_columns_that_a_script_picks_by_kind_become_the_contracts(adopted: Adopted) -> None:
    adapter = adopted("top-level").text("modelyard_adapter.py")
    assert "num = [column.name for column in contract.feature_columns if is_numeric" in adapter


def test_a_notebooks_model_is_told_by_cell_and_line(adopted: Adopted) -> None:
    done = adopted("prices")
    assert "model    notebooks/explore.ipynb cell 5 line 1 (Ridge)" in done.said
    assert "Ridge(alpha=2.0)" in done.text("modelyard_adapter.py")


def test_a_package_below_src_is_imported_by_its_name(adopted: Adopted) -> None:
    done = adopted("house-prices")
    assert "from house_prices.model import make_model" in done.text("modelyard_adapter.py")
    assert "tabulate>=0.8" in done.text("requirements.txt")


def test_what_is_computed_before_fitting_is_told_with_its_place(adopted: Adopted) -> None:
    said = adopted("boosted").said
    assert 'features.py:5: df["income_per_year"] = df["income"] / df["age"]' in said
    assert "which the served model will not see" in said


def test_framework_is_pinned_beside_what_they_ask_for(adopted: Adopted) -> None:
    lines = adopted("boosted").text("requirements.txt").splitlines()
    assert lines[:2] == ["pandas", "lightgbm>=4  # trees"]
    assert any(line.startswith("lightgbm==") for line in lines)
    assert any(line.startswith("modelyard @ ") for line in lines)


def test_a_column_they_drop_that_names_rows_becomes_the_key(adopted: Adopted) -> None:
    assert load(adopted("churn").repo / "project.yaml").dataset.row_key == "customer_id"


def test_columns_they_do_not_take_are_dropped_with_the_place(adopted: Adopted) -> None:
    contract = DataContract.load(adopted("top-level").repo / "data_contract.yaml")
    assert contract.features == ("age", "income", "city", "calls")


def test_whole_numbers_stay_numbers_as_pandas_reads_them(adopted: Adopted) -> None:
    contract = DataContract.load(adopted("churn").repo / "data_contract.yaml")
    assert contract["calls"].kind == "integer"


def test_taken_names_are_left_alone_and_the_others_told(adopted: Adopted) -> None:
    done = adopted("crowded")
    for sentence in (
        "your Dockerfile is left alone; Modelyard's is Dockerfile.modelyard",
        "your data_contract.yaml is left alone; Modelyard's is modelyard_contract.yaml",
        "requirements.txt:1 says pandas==1.5.3, and the platform has",
        "requirements.txt:4 says -e ., which is not there when the image is made",
        "your Makefile is left alone: use `make -f modelyard.mk try`",
        "your CI (.github/workflows) is left alone; --ci github or gitlab adds ours",
    ):
        assert sentence in done.said
    assert "tabulate" in done.text("requirements-modelyard.txt").splitlines()
    assert "COPY requirements-modelyard.txt " in done.text("Dockerfile.modelyard")
    assert "--file Dockerfile.modelyard" in done.text("modelyard.mk")


def test_dry_run_writes_nothing(tmp_path: Path) -> None:
    repo = repos.make(tmp_path, repos.REPOS["churn"])
    done = adopt(repo, "--dry-run", "--name", "churn")
    assert done.code == 0
    assert "new   modelyard_adapter.py" in done.said
    assert done.after == done.before


def test_their_makefile_and_ci_are_added_to_when_asked(tmp_path: Path) -> None:
    repo = repos.make(tmp_path, repos.REPOS["crowded"])
    done = adopt(repo, "--name", "crowded", "--makefile", "--ci", "github")
    assert done.code == 0, done.complained
    line = "modelyard-%: ; @$(MAKE) --no-print-directory -f modelyard.mk $*"
    assert done.text("Makefile") == f"{repos.CROWDED['Makefile']}\n{line}\n"
    workflow = done.text(".github/workflows/modelyard.yml")
    assert "run: make -f modelyard.mk test" in workflow
    assert ".venv/bin" not in workflow


@pytest.mark.slow
def test_ci_of_gitlab_is_written_where_it_lives_there(tmp_path: Path) -> None:
    repo = repos.make(tmp_path, repos.REPOS["churn"])
    repos.git(repo, "remote", "add", "origin", "https://gitlab.example.com/team/churn.git")
    done = adopt(repo, "--name", "churn")
    assert "- make -f modelyard.mk test" in done.text(".gitlab-ci.yml")
    assert ".venv/bin" not in done.text(".gitlab-ci.yml")
    assert not (repo / ".github").exists()


@pytest.mark.parametrize("name", ["boosted/Dockerfile", "crowded/Dockerfile.modelyard"])
def test_image_is_described_as_hadolint_likes_it(adopted: Adopted, name: str) -> None:
    file = adopted(Path(name).parent.name).repo / Path(name).name
    hadolint = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([hadolint, file], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_answers_of_the_template_can_be_set(tmp_path: Path) -> None:
    repo = repos.make(tmp_path, repos.REPOS["churn"])
    adopt(repo, "--name", "churn", "--set", "owner=Credit team", "--set", "data_scientist=carol")
    project = load(repo / "project.yaml")
    assert project.owner == "Credit team"
    assert project.team["data-scientist"] == ("carol",)


def test_questions_offer_what_was_found_and_take_other_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    repo = repos.make(tmp_path, repos.REPOS["churn"])
    asked = []

    def answer(question: str) -> str:
        asked.append(question)
        return {"Name": "leavers", "Prot": "", "Writ": "no"}.get(question[:4], "")

    monkeypatch.setattr("builtins.input", answer)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    before = hashes(repo)
    from modelyard.cli import main

    assert main(["adopt", str(repo)]) == 1
    assert asked[0] == "Which builds the model (found at train.py:18) [train:build_pipeline]: "
    assert "Column to predict (train.py:29 says churned) [churned]: " in asked
    assert capsys.readouterr().out.endswith("Nothing was written.\n")
    assert hashes(repo) == before


def test_a_folder_of_a_larger_repository_gets_no_ci_of_its_own(tmp_path: Path) -> None:
    files = {f"team/{name}": text for name, text in repos.REPOS["churn"].items()}
    done = adopt(repos.make(tmp_path, files) / "team", "--name", "churn")
    assert done.code == 0, done.complained
    assert "CI lies at the repository's root, not in this folder: none was written" in done.said
    assert not (tmp_path / "team" / ".github").exists()


def test_a_project_that_was_broken_since_is_told_and_not_overwritten(tmp_path: Path) -> None:
    repo = repos.make(tmp_path, repos.REPOS["churn"])
    adopt(repo, "--name", "churn")
    (repo / "project.yaml").write_text("name: churn\n")
    done = adopt(repo, "--allow-dirty")
    assert done.code == 1
    assert "project.yaml: title: is missing; add it" in done.complained
    assert done.after == done.before


def test_their_build_model_needs_no_adapter(tmp_path: Path) -> None:
    text = repos.TOP_LEVEL.split("df = ")[0] + (
        "from sklearn.impute import SimpleImputer\n\n\n"
        "def build_model(contract, hyperparameters):\n"
        '    pre = ColumnTransformer([("n", SimpleImputer(), ["age", "income"])])\n'
        "    return make_pipeline(pre, RandomForestClassifier())\n"
    )
    files = {"model.py": text, "data/customers.csv": repos.customers()}
    done = adopt(repos.make(tmp_path, files), "--name", "churn", "--target", "churned")
    assert done.code == 0, done.complained
    assert load(tmp_path / "project.yaml").model.code == "model:build_model"
    assert not (tmp_path / "modelyard_adapter.py").exists()
