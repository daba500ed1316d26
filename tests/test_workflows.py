"""The workflows of the estate: no long-lived keys, no writing from pull requests, real commands."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tools.each_stack import main

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".github" / "workflows"
INFRA = ("infra-preview", "infra-apply", "infra-drift")
# Who may sign in as whom: the only job on pull requests gets the role that may do nothing.
ROLES = {"infra-preview": "PREVIEW", "infra-apply": "APPLY", "infra-drift": "APPLY"}


def workflow(name: str) -> dict[str, Any]:
    """A workflow as data; YAML reads the key `on` as true."""
    found: dict[Any, Any] = yaml.safe_load((FOLDER / f"{name}.yml").read_text())
    return {"on" if key is True else key: value for key, value in found.items()}


def job(name: str) -> dict[str, Any]:
    """The only job of a workflow."""
    (only,) = workflow(name)["jobs"].values()
    return dict(only)


@pytest.mark.parametrize("name", INFRA)
def test_nobody_keeps_a_key(name: str) -> None:
    text = (FOLDER / f"{name}.yml").read_text()
    assert "secrets." not in text
    assert "ACCESS_KEY" not in text
    assert workflow(name)["permissions"]["id-token"] == "write"
    assert workflow(name)["permissions"]["contents"] == "read"


@pytest.mark.parametrize("name", INFRA)
def test_every_job_waits_for_an_estate(name: str) -> None:
    assert "vars.MODELYARD_STATE != ''" in job(name)["if"]


@pytest.mark.parametrize(("name", "role"), ROLES.items())
def test_each_workflow_signs_in_as_its_role(name: str, role: str) -> None:
    assumed = [
        step["with"]["role-to-assume"]
        for step in job(name)["steps"]
        if "role-to-assume" in step.get("with", {})
    ]
    assert assumed == [f"${{{{ vars.MODELYARD_{role}_ROLE }}}}"]


def test_pull_requests_of_forks_get_nothing() -> None:
    assert list(workflow("infra-preview")["on"]) == ["pull_request"]
    assert "head.repo.full_name == github.repository" in job("infra-preview")["if"]


@pytest.mark.parametrize("name", ["infra-apply", "infra-drift"])
def test_whoever_reaches_aws_runs_reviewed_code(name: str) -> None:
    assert "pull_request" not in workflow(name)["on"]
    assert job(name)["environment"]
    assert workflow(name)["concurrency"]["group"] == "infra-apply"


@pytest.mark.parametrize("name", INFRA)
def test_pull_request_text_reaches_no_shell(name: str) -> None:
    for step in job(name)["steps"]:
        assert "github.event" not in step.get("run", "")


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("infra-preview", "--as-preview preview --diff"),
        ("infra-apply", "--stop up --yes"),
        ("infra-drift", "preview --refresh --expect-no-changes --diff"),
    ],
)
def test_workflow_runs_the_tool_as_it_is(name: str, arguments: str) -> None:
    text = (FOLDER / f"{name}.yml").read_text()
    assert f".venv/bin/python tools/each_stack.py {arguments}" in text
    # A checkout without stacks of its own: the arguments are parsed, nothing is run.
    assert main(arguments.split()) == 0


@pytest.mark.parametrize("name", INFRA)
def test_engine_is_the_one_the_programs_are_tested_with(name: str) -> None:
    pinned = re.search(r"^pulumi==(\S+)", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    assert pinned is not None
    versions = [
        step["with"]["pulumi-version"]
        for step in job(name)["steps"]
        if "pulumi-version" in step.get("with", {})
    ]
    assert versions == [pinned[1].rstrip("\\").strip()]
