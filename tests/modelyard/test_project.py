"""project.yaml: what a minimal file means, and how each mistake is told."""

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from modelyard.errors import ProjectError
from modelyard.project import DEFAULT_GATES, Project, json_schema, load, schema_text
from modelyard.project_sections import DEFAULT_FAIRNESS

FORECAST = "{time: month, frequency: month, horizon: 12, test_from: 2026-01-01}"


def test_minimal_file_has_under_25_lines(project_file: Path) -> None:
    assert len(project_file.read_text().splitlines()) < 25
    load(project_file)


def test_what_nine_of_ten_projects_choose_is_the_default(project: Project) -> None:
    assert project.serving.mode == "real-time"
    assert project.training.instance_type == "ml.m5.large"
    assert project.model.gate_bounds == {"roc_auc": {"min": 0.6}}
    assert project.dataset.contract == "data_contract.yaml"


@pytest.mark.parametrize("problem", DEFAULT_GATES)
def test_every_problem_has_a_gate_by_default(project_file: Path, problem: str) -> None:
    forecast = f", forecast: {FORECAST}" if problem == "forecasting" else ""
    change(project_file, "problem: binary", f"problem: {problem}{forecast}")
    change(project_file, ", row_key: id", "")
    assert load(project_file).model.gate_bounds == DEFAULT_GATES[problem]


def test_stated_gates_replace_the_default(project_file: Path) -> None:
    change(project_file, "target: approve,", "target: approve, gates: {accuracy: {min: 0.8}},")
    assert load(project_file).model.gate_bounds == {"accuracy": {"min": 0.8}}


def test_protected_attributes_have_fairness_gates_by_default(project_file: Path) -> None:
    change(project_file, "[black, hispan, male]", "[race, sex]")
    default = {"DI": {"min": 0.8}, "DPPL": {"max": 0.1}, "RD": {"max": 0.1}}
    assert load(project_file).model.fairness_bounds == {"race": default, "sex": default}


def test_stated_fairness_gates_replace_the_default_of_their_attribute(project_file: Path) -> None:
    stated = "[race, sex], fairness: {sex: {RD: {min: -0.1, max: 0.1}}}"
    change(project_file, "[black, hispan, male]", stated)
    assert load(project_file).model.fairness_bounds == {
        "race": DEFAULT_FAIRNESS,
        "sex": {"RD": {"min": -0.1, "max": 0.1}},
    }


def test_hyperparameters_become_the_strings_sagemaker_takes(project_file: Path) -> None:
    append(project_file, "training: {hyperparameters: {depth: 3, rate: 0.1, warm: true, on: x}}")
    assert load(project_file).training.hyperparameters == {
        "depth": "3",
        "rate": "0.1",
        "warm": "true",
        "on": "x",
    }


MISTAKES = [
    ("title:", "titel:", "titel: unknown key; did you mean 'title'?"),
    ("title: Mortgage approval\n", "", "title: is missing; add it"),
    ("name: loans", "name: Loans", "name: 'Loans': use 3 to 24 lower-case letters"),
    ("name: loans", "name: loans-dev", "name: contains '-dev', which is an environment's name"),
    ("name: loans", "name: loans-prod-eu", "name: contains '-prod', which is an environment's"),
    ("name: loans", "name: lo--ans", "name: two hyphens in a row; write one"),
    (
        '"4711"',
        "4711",
        'cost_center: expected text, found the number 4711; put it in quotes: "4711"',
    ),
    ("tier: high", "tier: hihg", "risk.tier: 'hihg' is not one of minimal, limited, high; did you"),
    ("tier: high", "tier: high, review_date: soon", "risk.review_date: 'soon' is no date; write"),
    (
        "tier: high",
        f"tier: high, limitations: {'x' * 2049}",
        "risk.limitations: 2049 characters, and at most 2048 fit; shorten it",
    ),
    (
        "tier: high",
        "tier: high, documents: {dpia: x}",
        "risk.documents.dpia: unknown key; known keys here: data_protection, fundamental_rights,",
    ),
    ("[bob]", "[alice]", "team.model-approver: 'alice' is also a data-scientist; name another"),
    ("[bob]", "[]", "team.model-approver: names nobody; add at least one person"),
    ("[bob]", "bob", "team.model-approver: expected a list, found 'bob'"),
    ("[bob]", "[Bob]", "team.model-approver[0]: 'Bob': a person's key has 2 to 63 lower-case"),
    ("model-approver", "model-aprover", "team.model-aprover: 'model-aprover' is not one of"),
    (
        '"123456789012"',
        '"12345"',
        "environments.dev.account: '12345': an AWS account has exactly",
    ),
    ('"123456789012"', "123456789012", "environments.dev.account: expected text, found the number"),
    ("us-east-1", "useast", "environments.dev.region: 'useast': write an AWS region such as"),
    ("  prod:", "  live:", "environments.live: 'live' is not one of dev, staging, prod"),
    ("source:", "sorce:", "data[0].sorce: unknown key; did you mean 'source'?"),
    ("row_key: id", "row_key: approve", "data[0].row_key: 'approve' is the target"),
    ("row_key: id", "retention_days: yes", "data[0].retention_days: expected a whole number"),
    (
        "target: approve,",
        "target: approve, fairness: {race: {DI: {min: 0.8}}},",
        "model: 'fairness' names 'race', which is not protected; add it to 'protected' too",
    ),
    (
        "[black, hispan, male]",
        "[race], fairness: {race: {}}",
        "model.fairness.race: is empty; add at least one entry",
    ),
    (
        "[black, hispan, male]",
        "[race], fairness: {race: {DJ: {min: 0.8}}}",
        "model.fairness.race.DJ: 'DJ' is not one of CI, DPL, KL",
    ),
    (
        "problem: binary, target: approve,",
        "problem: multiclass, target: approve, fairness: {male: {DI: {min: 0.8}}},",
        "model: 'fairness' bounds Clarify's metrics, which are of binary decisions; remove it",
    ),
    (
        "problem: binary",
        "problem: guess",
        "model.problem: 'guess' is not one of binary, multi",
    ),
    ("problem: binary", "code: train.py, problem: binary", "model.code: 'train.py': write module:"),
    ("[black,", "[approve,", "model: the target 'approve' cannot be a protected attribute too"),
    ("protected:", "gates: {auc: {}}, protected:", "model.gates.auc: states no bound; add 'min'"),
    ("protected:", "gates: {}, protected:", "model.gates: is empty; add at least one entry"),
    ("protected:", "gates: {r2: {min: 2, max: 1}}, protected:", "model.gates.r2: min 2.0 is above"),
    ("protected:", "gates: {r2: {min: .nan}}, protected:", "model.gates.r2.min: "),
]


@pytest.mark.parametrize(("old", "new", "problem"), MISTAKES)
def test_mistake_is_told_with_file_key_and_fix(
    project_file: Path, old: str, new: str, problem: str
) -> None:
    change(project_file, old, new)
    assert any(line.startswith(f"{project_file}: {problem}") for line in problems(project_file))


def test_all_problems_are_told_at_once(project_file: Path) -> None:
    change(project_file, "title:", "titel:")
    change(project_file, "tier: high", "tier: hihg")
    change(project_file, "[bob]", "[alice]")
    assert len(problems(project_file)) == 4


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "states nothing"),
        (b"- a\n", "states nothing"),
        (b"name: [a\nb: c\n", "line 2, column 2: "),
        (b"name: a\nname: b\n", "line 2, column 1: the key 'name' appears twice; keep one"),
        (b"name: \xff\n", "is not UTF-8 text (byte 6)"),
        (b"name: !!python/object:os.system x\n", "line 1, column 7: "),
    ],
)
def test_what_is_no_project_is_told_in_one_line(
    tmp_path: Path, content: bytes, problem: str
) -> None:
    file = tmp_path / "project.yaml"
    file.write_bytes(content)
    (line,) = problems(file)
    assert line.startswith(f"{file}: {problem}")


def test_absent_file_is_told(tmp_path: Path) -> None:
    assert problems(tmp_path / "no.yaml") == [f"{tmp_path / 'no.yaml'}: no such file"]


def test_shipped_schema_is_current(root: Path) -> None:
    shipped = root / "pipelines" / "modelyard" / "project.schema.json"
    assert shipped.read_text(encoding="utf-8") == schema_text()


def test_schema_accepts_the_minimal_file_and_refuses_unknown_keys(project_file: Path) -> None:
    document = yaml.safe_load(project_file.read_text())
    schema = json.loads(json.dumps(json_schema()))
    jsonschema.validate(document, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**document, "titel": "x"}, schema)


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def append(file: Path, line: str) -> None:
    file.write_text(file.read_text(encoding="utf-8") + line + "\n", encoding="utf-8")


def problems(file: Path) -> list[str]:
    with pytest.raises(ProjectError) as raised:
        load(file)
    return raised.value.problems
