"""CI of a generated repo, on GitHub and on GitLab: valid, keyless, run as far as no cloud is."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

ACTIONLINT = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.7"
FILES = {"github": ".github/workflows/ci.yml", "gitlab": ".gitlab-ci.yml"}
DIGEST = "sha256:" + "a" * 64
REPOSITORY = "123456789012.dkr.ecr.us-east-1.amazonaws.com/loans"


@pytest.fixture(scope="module")
def repos(made: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One repo per place."""
    return {place: made(tmp_path_factory.mktemp(place), ci=place) for place in FILES}


def pipeline(repo: Path, place: str) -> dict[Any, Any]:
    """A place's CI as data; YAML reads the key `on` as true."""
    found: dict[Any, Any] = yaml.safe_load((repo / FILES[place]).read_text())
    return {"on" if key is True else key: value for key, value in found.items()}


def commands(repo: Path, place: str, job: str) -> list[str]:
    """What a job runs in a shell."""
    if place == "github":
        steps = pipeline(repo, place)["jobs"][job]["steps"]
        return [step["run"] for step in steps if "run" in step]
    return list(pipeline(repo, place)[job]["script"])


@pytest.mark.parametrize("place", FILES)
def test_repo_holds_the_files_of_its_place_only(repos: dict[str, Path], place: str) -> None:
    there = {name for name, file in FILES.items() if (repos[place] / file).exists()}
    assert there == {place}


@pytest.mark.parametrize("place", FILES)
def test_nobody_keeps_a_key(repos: dict[str, Path], place: str) -> None:
    text = (repos[place] / FILES[place]).read_text()
    assert "secrets." not in text
    assert "ACCESS_KEY" not in text
    assert "role/loans-dev-publisher" in text


@pytest.mark.parametrize("place", FILES)
def test_publishing_waits_for_tests_main_and_a_protected_environment(
    repos: dict[str, Path], place: str
) -> None:
    said = pipeline(repos[place], place)
    if place == "github":
        job = said["jobs"]["publish"]
        assert job["needs"] == "test"
        assert job["if"] == "github.ref == 'refs/heads/main' && vars.PUBLISH == 'true'"
        assert "id-token" not in said["permissions"]
    else:
        job = said["publish"]
        assert said["stages"].index(said["test"]["stage"]) < said["stages"].index(job["stage"])
        assert job["rules"] == [{"if": '$CI_COMMIT_BRANCH == "main" && $PUBLISH == "true"'}]
    assert job["environment"] == "dev"


def test_text_of_a_pull_request_reaches_no_shell(repos: dict[str, Path]) -> None:
    for job in ("test", "publish"):
        assert [one for one in commands(repos["github"], "github", job) if "${{" in one] == []


def test_base_images_are_looked_at_every_week(repos: dict[str, Path]) -> None:
    assert len(pipeline(repos["github"], "github")["on"]["schedule"]) == 1
    assert '"$CI_PIPELINE_SOURCE" = "schedule"' in (repos["gitlab"] / FILES["gitlab"]).read_text()


@pytest.mark.parametrize("place", FILES)
def test_nobody_starts_a_run_or_approves_from_ci(repos: dict[str, Path], place: str) -> None:
    said = [one for one in commands(repos[place], place, "publish") if "echo" not in one]
    assert not any(word in one for one in said for word in (" run ", "approve", "release"))


def tool(folder: Path, name: str, script: str) -> None:
    """A program of this name that does what the script says."""
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def bench(
    repos: dict[str, Path], tmp_path: Path
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """A copy of the repo where Docker and modelyard write down what they are asked to do."""
    repo, tools = tmp_path / "repo", tmp_path / "tools"
    shutil.copytree(repos["github"], repo)
    tools.mkdir()
    (repo / ".venv" / "bin").mkdir(parents=True)
    (repo / ".venv" / "ready").touch()
    digest = f'{{"containerimage.digest": "{DIGEST}"}}'
    tool(
        tools,
        "docker",
        f"echo \"docker $*\" >> {tmp_path}/asked\necho '{digest}' > build/image.json",
    )
    tool(
        repo / ".venv" / "bin",
        "modelyard",
        f'echo "modelyard $*" >> {tmp_path}/asked\n'
        'case "$*" in *--password*) echo secret;; '
        '*image*) [ -z "$BAD" ] || exit 1; echo "$3";; esac',
    )

    def run(command: str, **environment: str) -> subprocess.CompletedProcess[str]:
        path = f"{tools}:{os.environ['PATH']}"
        return subprocess.run(
            ["bash", "-eo", "pipefail", "-c", command],
            cwd=repo,
            env={**os.environ, "PATH": path, **environment},
            capture_output=True,
            text=True,
        )

    return run


Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.mark.parametrize("place", FILES)
def test_image_is_built_once_attested_and_published_by_digest(
    repos: dict[str, Path], bench: Run, tmp_path: Path, place: str
) -> None:
    """The job's own commands, in order; only Docker and AWS are stood in for."""
    summary = {"GITHUB_STEP_SUMMARY": str(tmp_path / "summary"), "CI_PIPELINE_SOURCE": "push"}
    for command in commands(repos[place], place, "publish"):
        done = bench(command, **summary)
        assert done.returncode == 0, done.stdout + done.stderr
    asked = (tmp_path / "asked").read_text().splitlines()
    (built,) = [one for one in asked if one.startswith("docker buildx build")]
    assert {"--push", "--pull", "--sbom=true", "--provenance=mode=max"} <= set(built.split())
    assert "--no-cache" not in built
    published = "modelyard publish --project project.yaml --env dev --image"
    assert asked[-1] == f"{published} {REPOSITORY}@{DIGEST}"
    assert f"modelyard image --image {REPOSITORY}@{DIGEST}" in asked


def test_rebuild_uses_no_cache_and_a_tag_of_its_own(bench: Run, tmp_path: Path) -> None:
    assert bench("make image FRESH=1").returncode == 0
    built = (tmp_path / "asked").read_text()
    assert "--no-cache" in built
    commit = bench("git rev-parse HEAD").stdout.strip()
    assert f"{REPOSITORY}:{commit}-20" in built


def test_vulnerable_image_is_not_published(bench: Run) -> None:
    assert bench("make image", BAD="1").returncode != 0


@pytest.mark.slow
@pytest.mark.parametrize("place", FILES)
def test_commands_that_need_no_cloud_run_as_they_stand(repos: dict[str, Path], place: str) -> None:
    for command in commands(repos[place], place, "test"):
        done = subprocess.run(
            ["bash", "-eo", "pipefail", "-c", command],
            cwd=repos[place],
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def actionlint(root: Path) -> Path:
    """GitHub's workflow linter, built once from its pinned module."""
    found = shutil.which("actionlint")
    if found:
        return Path(found)
    folder = root / "build" / "peers" / f"actionlint-{ACTIONLINT.rpartition('@v')[2]}"
    program = folder / "actionlint"
    if not program.exists():
        go = shutil.which("go")
        if go is None:
            pytest.skip("actionlint is not installed, and go, which could build it, is not either")
        environment = {**os.environ, "GOBIN": str(folder)}
        done = subprocess.run(
            [go, "install", ACTIONLINT], env=environment, capture_output=True, text=True
        )
        if done.returncode:
            pytest.skip(f"actionlint cannot be built here: {done.stderr.strip()[-300:]}")
    return program


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_workflows_are_valid(actionlint: Path, repos: dict[str, Path], root: Path) -> None:
    workflows = [repos["github"] / FILES["github"], *(root / ".github/workflows").glob("*.yml")]
    done = subprocess.run([str(actionlint), *map(str, workflows)], capture_output=True, text=True)
    assert done.stdout + done.stderr == ""


@pytest.mark.slow
def test_linter_sees_what_is_wrong(
    actionlint: Path, repos: dict[str, Path], tmp_path: Path
) -> None:
    text = (repos["github"] / FILES["github"]).read_text()
    file = tmp_path / "ci.yml"
    file.write_text(text.replace("needs: test", "needs: tests"))
    done = subprocess.run([str(actionlint), str(file)], capture_output=True, text=True)
    assert "tests" in done.stdout
    assert done.returncode == 1


@pytest.mark.slow
@pytest.mark.docker
@pytest.mark.timeout(1800)
def test_image_is_built_and_trains(repos: dict[str, Path]) -> None:
    docker = shutil.which("docker")
    if docker is None or subprocess.run([docker, "info"], capture_output=True).returncode:
        pytest.skip("there is no Docker engine here")
    for command in ("build --tag loans:test .", "run --rm loans:test modelyard --help"):
        done = subprocess.run(
            [docker, *command.split()], cwd=repos["github"], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("usage: modelyard")
