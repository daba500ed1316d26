"""A project that borrows data is drawn without its owner, and applied after it only."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml

from sandbox.__main__ import main
from sandbox.provider.graph import render

pytestmark = pytest.mark.timeout(180)
OWNERS, OURS = "616161616161", "626262626262"


def project(folder: Path, name: str, account: str, data: dict[str, Any]) -> Path:
    """A project.yaml whose environments share an account, with one data set."""
    document = yaml.safe_load((Path(__file__).parent / "project.yaml").read_text())
    for place in document["environments"].values():
        place["account"] = account
    file = folder / f"{name}.yaml"
    file.write_text(yaml.safe_dump({**document, "name": name, "data": [data]}))
    return file


@pytest.fixture
def borrower(tmp_path: Path) -> Path:
    """A project that trains on lending's applications."""
    data = {"name": "seen", "source": "dataset://lending/applications"}
    return project(tmp_path, "pricing", OURS, data)


def owner(folder: Path, **stated: Any) -> Path:
    """The project that has them."""
    own = {"name": "applications", "source": "a.csv", "legal_basis": "contract", **stated}
    return project(folder, "lending", OWNERS, own)


def test_borrower_is_drawn_without_its_owner(borrower: Path) -> None:
    names = [one["name"] for one in render(borrower, "dev")["resources"]]
    assert {
        f"pricing-dev-access-{who}-policy-borrows-seen" for who in ("pipeline", "registrar")
    } <= (set(names))


@pytest.mark.slow
def test_loan_is_applied_across_accounts_once_its_owner_agrees(
    borrower: Path, tmp_path: Path, aws: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def apply(file: Path) -> str:
        status = main(["apply", "--project", str(file), "--env", "dev"])
        told = capsys.readouterr().err
        return "" if status == 0 else told

    assert "modelyard/lending.dev has not been applied" in apply(borrower)
    assert apply(owner(tmp_path)) == ""
    assert "lending does not share 'applications' with pricing" in apply(borrower)
    assert apply(owner(tmp_path, shared_with=[{"project": "pricing", "account": OURS}])) == ""
    assert apply(borrower) == ""
    ssm = boto3.Session(OURS, "sandbox", region_name="us-east-1").client("ssm", endpoint_url=aws)
    stated = ssm.get_parameter(Name="/modelyard/pricing/dev/borrowed")["Parameter"]["Value"]
    uri = f"s3://lending-dev-raw-{OWNERS}/applications/"
    assert json.loads(stated)["seen"]["uri"] == uri
