"""The workspace comes up whole on a running sandbox, stays as it is, and goes as it says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import botocore.session
import pytest
import yaml

from sandbox.provider.apply import apply
from sandbox.provider.destroy import destroy
from tests.infra.conftest import ACCOUNTS, project_document

if TYPE_CHECKING:
    from pathlib import Path

ACCOUNT = "456456456456"
TEAM = {"data-scientist": ["alice"], "model-approver": ["bob"], "ml-engineer": ["mo"]}
TRAINING = {"retrain": "rate(7 days)"}


def write(folder: Path, team: dict[str, list[str]]) -> Path:
    """A project of its own account that trains anew every week."""
    file = folder / "project.yaml"
    document = project_document(dict.fromkeys(ACCOUNTS, ACCOUNT), training=TRAINING, team=team)
    file.write_text(yaml.safe_dump(document))
    return file


def client(url: str, service: str) -> Any:
    """A client as the account's root."""
    return botocore.session.Session().create_client(
        service,
        region_name="us-east-1",
        endpoint_url=url,
        aws_access_key_id=ACCOUNT,
        aws_secret_access_key="sandbox",
    )


@pytest.mark.timeout(180)
def test_dev_lives_from_first_apply_to_destroy(sandbox_url: str, tmp_path: Path) -> None:
    file = write(tmp_path, {**TEAM, "ml-engineer": []})
    first = apply(file, "dev", sandbox_url)
    assert set(first.stacks[-1].counts) == {"created"}
    assert apply(file, "dev", sandbox_url).is_unchanged

    grown = apply(write(tmp_path, TEAM), "dev", sandbox_url).stacks[-1]
    assert set(grown.counts) == {"created", "unchanged"}

    sagemaker = client(sandbox_url, "sagemaker")
    (domain,) = sagemaker.list_domains()["Domains"]
    spaces = sagemaker.list_spaces(DomainIdEquals=domain["DomainId"])["Spaces"]
    assert sorted(space["SpaceName"] for space in spaces) == ["alice", "mo"]
    schedules = client(sandbox_url, "scheduler").list_schedules(GroupName="loans-dev")
    assert [one["Name"] for one in schedules["Schedules"]] == ["loans-dev-retrain"]

    result = destroy(file, "dev", sandbox_url)
    kept = [one for one in result.kept if one.type.endswith(":Domain")]
    assert [one.removal for one in kept] == [
        f"aws sagemaker delete-domain --domain-id {domain['DomainId']} "
        "--retention-policy HomeEfsFileSystem=Delete"
    ]
    assert sagemaker.list_spaces()["Spaces"] == []
    assert sagemaker.list_mlflow_apps()["Summaries"] == []
    assert set(apply(file, "dev", sandbox_url).stacks[-1].counts) <= {
        "created",
        "changed",
        "unchanged",
    }


@pytest.mark.timeout(180)
def test_version_to_go_back_to_survives_an_apply(sandbox_url: str, tmp_path: Path) -> None:
    file = write(tmp_path, TEAM)
    for environment in ("dev", "staging"):
        apply(file, environment, sandbox_url)
    ssm = client(sandbox_url, "ssm")
    pointer = "/modelyard-releases/loans/staging/state"
    ssm.put_parameter(Name=pointer, Value="3", Overwrite=True)

    assert apply(file, "staging", sandbox_url).is_unchanged
    assert ssm.get_parameter(Name=pointer)["Parameter"]["Value"] == "3"
