"""The access matrix again, judged by what the Pulumi programs attach to roles and resources."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from policies import matrix
from policies.graph import Graph
from policies.landscape import Place, judge, placeholder_values, service_control

PLACES = {name: Place("loans", name, "123456789012", "us-east-1") for name in ("dev", "staging")}
LIMITS = service_control(PLACES)
PROJECT = """
name: loans
title: Loans
owner: risk
cost_center: risk
business: {objective: Decide, kpi: Losses, owner: Risk, expert: Olga}
risk: {tier: high, decision: assisted}
team: {data-scientist: [alice], model-approver: [bob]}
environments:
  dev: {account: "123456789012", region: us-east-1}
  staging: {account: "123456789012", region: us-east-1}
  prod: {account: "123456789012", region: us-east-1}
data: [{name: decisions, source: data/x.csv, legal_basis: contract}]
model: {problem: binary, target: y}
"""


@dataclass(frozen=True)
class Rendered:
    """The estate of dev and staging, with the identifiers its contracts hold."""

    graph: Graph
    contracts: dict[str, dict[str, str]]

    def values(self, environment: str) -> dict[str, str]:
        contract = self.contracts[environment]
        return {
            **placeholder_values(PLACES[environment], PLACES["dev"]),
            "key": contract["key_arn"],
            "registry_key": self.contracts["dev"]["key_arn"],
            **{name: contract[name] for name in ("subnet_a", "subnet_b", "security_group")},
            "neighbour": "loans-eu",
            "foreign_key": "arn:aws:kms:us-east-1:123456789012:key/somebody-elses",
            "other_region": "ap-south-1",
        }


@pytest.fixture(scope="module")
def rendered(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Rendered:
    """dev and staging, rendered side by side."""
    folder = tmp_path_factory.mktemp("rendered")
    project = folder / "project.yaml"
    project.write_text(PROJECT)
    files = {name: folder / f"{name}.json" for name in PLACES}
    command = [sys.executable, "-m", "sandbox", "render", "--project", str(project)]
    renderings = [
        subprocess.Popen([*command, "--env", name, "--out", str(file)], cwd=root)
        for name, file in files.items()
    ]
    assert [rendering.wait(timeout=200) for rendering in renderings] == [0, 0]
    return Rendered(Graph.load(files.values()), {n: contract(f) for n, f in files.items()})


def contract(graph: Path) -> dict[str, str]:
    """The workspace contract that a graph publishes."""
    parameters = [
        resource["inputs"]
        for resource in json.loads(graph.read_text())["resources"]
        if resource["type"] == "aws:ssm/parameter:Parameter"
    ]
    return {
        inputs["name"].rsplit("/", 1)[1]: inputs.get("value") or inputs["insecureValue"]
        for inputs in parameters
    }


def test_the_programs_keep_every_promise(rendered: Rendered) -> None:
    # CI's role exists only where a repository is configured.
    cells = [c for c in matrix.cells() if c.environment in PLACES and c.persona != "publisher"]
    broken = []
    for cell in cells:
        question = cell.question(rendered.values(cell.environment))
        decision = judge(question, PLACES[cell.environment], rendered.graph, LIMITS)
        if decision.allowed is not cell.allowed:
            broken.append(f"row {cell.row}: {cell.persona} {cell.action}: {decision}")
    assert broken == []
