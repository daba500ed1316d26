"""Publishing: only what is current, sound and bound to this project's own image and workspace."""

import json
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from modelyard.definition import PARAMETERS, render
from modelyard.definition_check import validate
from modelyard.errors import DefinitionError
from modelyard.project import Project
from modelyard.provenance import Provenance, ProvenanceError
from modelyard.publish import bind, committed, facts, origin
from modelyard.workspace import Workspace, parse
from tests.modelyard.test_workspace import values

REPOSITORY = "123456789012.dkr.ecr.us-east-1.amazonaws.com/loans"
IMAGE = f"{REPOSITORY}@sha256:{'a' * 64}"
ROLE = "arn:aws:iam::123456789012:role/loans-dev-pipeline"


@pytest.fixture
def workspace() -> Workspace:
    stated = {**values("dev"), "repository_uri": REPOSITORY, "pipeline_role": ROLE}
    return parse(stated, "loans", "dev")


@pytest.fixture
def file(project: Project, tmp_path: Path) -> Path:
    """A freshly rendered pipeline.json."""
    path = tmp_path / "pipeline.json"
    path.write_text(render(project), encoding="utf-8")
    return path


def test_current_definition_is_taken(file: Path, project: Project) -> None:
    assert committed(file, project)["Version"] == "2020-12-01"


def test_stale_definition_is_refused_with_the_fix(file: Path, project: Project) -> None:
    training = project.training.model_copy(update={"max_runtime_minutes": 5})
    changed = project.model_copy(update={"training": training})
    with pytest.raises(DefinitionError, match="was rendered from another project"):
        committed(file, changed)


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"Metadata": {}}', "null"])
def test_what_is_no_rendered_pipeline_is_refused(
    file: Path, project: Project, content: str
) -> None:
    file.write_text(content)
    with pytest.raises(DefinitionError, match="is not a rendered pipeline; run `make render`"):
        committed(file, project)


def test_absent_definition_is_refused_with_the_fix(tmp_path: Path, project: Project) -> None:
    with pytest.raises(DefinitionError, match="no such file; run `make render` and commit it"):
        committed(tmp_path / "pipeline.json", project)


def test_broken_definition_is_refused(file: Path, project: Project) -> None:
    definition = json.loads(file.read_text())
    definition["Steps"][0]["Arguments"].pop("RoleArn")
    file.write_text(json.dumps(definition))
    with pytest.raises(DefinitionError, match="step Prepare: Missing required parameter"):
        committed(file, project)


def test_every_parameter_gets_a_default(file: Path, project: Project, workspace: Workspace) -> None:
    bound = bind(committed(file, project), facts(project, workspace, IMAGE, "c0ffee"))
    defaults = {item["Name"]: item["DefaultValue"] for item in bound["Parameters"]}
    assert defaults.keys() == set(PARAMETERS) - {"RegistrarFunction"}
    assert defaults["ImageUri"] == IMAGE
    assert defaults["DataUri"] == "s3://x/applications/"
    assert validate(bound) == []


def test_who_registers_is_no_parameter_of_a_run(
    file: Path, project: Project, workspace: Workspace
) -> None:
    bound = bind(committed(file, project), facts(project, workspace, IMAGE, "c0ffee"))
    gate: dict[str, Any] = bound["Steps"][-1]["Arguments"]
    assert gate["IfSteps"][0]["FunctionArn"] == workspace.registrar_function


@pytest.mark.parametrize(
    ("image", "sentence"),
    [
        (f"{REPOSITORY}:latest", "never a tag"),
        (REPOSITORY, "never a tag"),
        (f"{REPOSITORY}@sha256:abc", "never a tag"),
        (IMAGE.replace("/loans", "/cars"), "is not in this project's repository"),
    ],
)
def test_image_is_a_digest_in_the_projects_repository(
    project: Project, workspace: Workspace, image: str, sentence: str
) -> None:
    with pytest.raises(DefinitionError, match=sentence):
        facts(project, workspace, image, "c0ffee")


def test_pipeline_says_which_template_its_repo_follows(tmp_path: Path) -> None:
    Provenance("https://example.com/yard.git", "c0ffee", "0.9.0", {}).write(tmp_path)
    assert origin(tmp_path) == {
        "modelyard-version": version("modelyard"),
        "repository": "unknown",
        "template-version": "0.9.0",
        "template-commit": "c0ffee",
    }


def test_repo_without_provenance_is_published_all_the_same(tmp_path: Path) -> None:
    assert origin(tmp_path)["template-version"] == "unknown"


def test_unreadable_provenance_is_refused_with_the_fix(tmp_path: Path) -> None:
    (tmp_path / ".cruft.json").write_text('{"template": "x"}')
    with pytest.raises(ProvenanceError, match=r"'commit' is missing; restore it with `git"):
        origin(tmp_path)


def test_pipeline_names_its_repository_without_a_token(tmp_path: Path) -> None:
    for command in (["init", "-q"], ["remote", "add", "origin", "https://me:token@x.org/a/b.git"]):
        subprocess.run(["git", "-C", str(tmp_path), *command], check=True)
    assert origin(tmp_path)["repository"] == "https://x.org/a/b.git"
