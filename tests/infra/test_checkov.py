"""checkov's Terraform rules hold for everything the programs make, but for reviewed exemptions."""

from __future__ import annotations

import json
import os
import subprocess
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bench.environments import PeerUnavailableError, python_of
from policies.exemptions import covering, load
from tests.infra.terraform import address, configuration, type_of

if TYPE_CHECKING:
    from tests.infra.conftest import Estate

# checkov is installed once, into an environment of its own: its pins conflict with ours.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
ENVIRONMENTS = ("dev", "staging", "prod")
# Terraform has it; checkov's list of types is older.
NEWER = {"aws_sagemaker_mlflow_app"}


@pytest.fixture(scope="session")
def checkov() -> Path:
    """The interpreter that has checkov."""
    try:
        return python_of("checkov")
    except PeerUnavailableError as reason:
        pytest.skip(f"checkov cannot be installed here: {reason}")


@pytest.fixture(scope="module")
def findings(
    checkov: Path, estate: Estate, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[tuple[str, str]]]:
    """Failed rules with the URN of what fails them, by stack."""
    graphs = {env: estate.workspace(env).aws for env in ENVIRONMENTS}
    # The foundation belongs to each graph, as networks and topics do that a workspace refers to.
    foundation = [*estate.account().aws, *estate.region().aws]
    found = {}
    for env, resources in graphs.items():
        report = checked(checkov, [*foundation, *resources], tmp_path_factory.mktemp(env))
        urns = {address(each): each["urn"] for each in [*foundation, *resources]}
        failed = report["results"]["failed_checks"]
        found[env] = [(each["check_id"], urns[each["resource"]]) for each in failed]
    return found


def checked(checkov: Path, resources: list[dict[str, Any]], folder: Path) -> dict[str, Any]:
    """checkov's report on a graph."""
    (folder / "main.tf").write_text(configuration(resources))
    done = run(checkov, "-d", str(folder), "--skip-download", "--compact", "-o", "json")
    report: dict[str, Any] = json.loads(done.stdout)
    assert report["summary"]["parsing_errors"] == 0, done.stderr[-2000:]
    assert report["summary"]["resource_count"] >= len(resources)
    return report


def run(checkov: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """checkov's command line, apart from this checkout's modules and settings."""
    command = [str(checkov), "-I", "-m", "checkov.main", "--framework", "terraform", *options]
    environment = {**os.environ, "LOG_LEVEL": "ERROR"}
    return subprocess.run(command, capture_output=True, text=True, env=environment)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_failure_is_a_reviewed_exemption(
    findings: dict[str, list[tuple[str, str]]], environment: str
) -> None:
    exemptions = load(date.today())
    unexcused = [each for each in findings[environment] if not covering(exemptions, *each)]
    assert unexcused == [], "\n".join(map(str, unexcused))


def test_every_exemption_from_checkov_is_needed(
    findings: dict[str, list[tuple[str, str]]],
) -> None:
    failed = {each for environment in ENVIRONMENTS for each in findings[environment]}
    idle = [
        exemption
        for exemption in load(date.today())
        if exemption.id.startswith("CKV")
        and not any(exemption.covers(rule, urn) for rule, urn in failed)
    ]
    assert idle == []


def test_checkov_sees_what_is_wrong(checkov: Path, estate: Estate, tmp_path: Path) -> None:
    resources = [
        {**each, "inputs": {**each["inputs"], "enableKeyRotation": False}}
        if each["type"].endswith(":Key")
        else each
        for each in estate.workspace("dev").aws
    ]
    failed = checked(checkov, resources, tmp_path)["results"]["failed_checks"]
    assert "CKV_AWS_7" in {each["check_id"] for each in failed}


def test_every_type_is_one_checkov_knows(checkov: Path, estate: Estate) -> None:
    done = run(checkov, "-l")
    known = {cell.strip() for line in done.stdout.splitlines() for cell in line.split("|")}
    graphs = [estate.account(), estate.region(), *map(estate.workspace, ENVIRONMENTS)]
    types = {type_of(each["type"]) for graph in graphs for each in graph.aws}
    assert sorted(types - known - NEWER) == []
