"""A valid project.yaml as people write it, and the project it states."""

from pathlib import Path

import pytest

from modelyard.project import Project, load

TEXT = """\
name: loans
title: Mortgage approval
owner: lending
cost_center: "4711"
business:
  objective: Decide alike applications alike, within a day
  kpi: Share of decisions overturned on appeal
  owner: Head of lending
  expert: Senior underwriter
risk: {tier: high, decision: assisted}
team:
  data-scientist: [alice]
  model-approver: [bob]
environments:
  dev: {account: "123456789012", region: us-east-1}
  staging: {account: "123456789012", region: us-east-1}
  prod: {account: "210987654321", region: eu-west-1}
data:
  - {name: applications, source: data/applications.csv, legal_basis: contract, row_key: id}
model: {problem: binary, target: approve, protected: [black, hispan, male]}
"""


@pytest.fixture
def project_file(tmp_path: Path) -> Path:
    """A minimal project.yaml in an otherwise empty directory."""
    file = tmp_path / "project.yaml"
    file.write_text(TEXT, encoding="utf-8")
    return file


@pytest.fixture
def project(project_file: Path) -> Project:
    """The project that the minimal file states."""
    return load(project_file)
