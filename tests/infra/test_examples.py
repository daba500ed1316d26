"""The example configurations are whole: each stack is drawn, and in three accounts brought up."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml

from sandbox.journey import server
from sandbox.provider.apply import apply_stack
from sandbox.provider.crud import Accesses, Crud
from sandbox.provider.errors import ProviderError
from sandbox.provider.graph import draw
from sandbox.provider.program import Stack
from sandbox.provider.realiser import StackOutputs
from sandbox.provider.state import StateStore
from tests.infra import examples
from tests.infra.conftest import ACCOUNTS, project_document

ROOT = Path(__file__).resolve().parents[2]
THREE = ROOT / "Pulumi.example.three-accounts.yaml"
ONE = {
    "infra/account": "123456789012",
    "infra/region": "123456789012.us-east-1",
    ".": "loans.dev",
}
AUTOMATION = "444444444444"
EXTERNAL_ID = "modelyard-example"


def project_file(folder: Path, accounts: dict[str, str]) -> Path:
    """A project.yaml of an estate."""
    file = folder / "project.yaml"
    file.write_text(yaml.safe_dump(project_document(accounts)))
    return file


@pytest.mark.parametrize("keys", [(), ("assumeRole", "externalId")])
def test_one_account_is_drawn(tmp_path: Path, keys: tuple[str, ...]) -> None:
    project = project_file(tmp_path, dict.fromkeys(ACCOUNTS, "123456789012"))
    known: dict[tuple[str, str], StackOutputs] = {}
    for folder, name in ONE.items():
        text = examples.with_keys(ROOT / folder / "Pulumi.example.yaml", *keys)
        assert draw(examples.stack(ROOT / folder, name, text, project), known)


def test_three_accounts_are_drawn(tmp_path: Path) -> None:
    project = project_file(tmp_path, ACCOUNTS)
    known: dict[tuple[str, str], StackOutputs] = {}
    found = examples.stacks(THREE, project)
    assert len(found) == 3 * len(ACCOUNTS)
    for stack in found:
        resources = draw(stack, known)
        (provider,) = [one for one in resources if one["type"] == "pulumi:providers:aws"]
        inputs = {
            key: json.loads(value)
            for key, value in provider["inputs"].items()
            if key in ("allowedAccountIds", "assumeRoles")
        }
        assert inputs["allowedAccountIds"] == [examples.account_of(stack)]
        assert inputs["assumeRoles"][0]["externalId"] == EXTERNAL_ID


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A sandbox in which the automation account and the infrastructure roles exist."""
    with server.serving(tmp_path_factory.mktemp("roles")) as url:
        bootstrap(url)
        yield url


def root(url: str, account: str, service: str) -> Any:
    """A client of an account's root."""
    client: Any = boto3.client
    return client(
        service,
        region_name="us-east-1",
        endpoint_url=url,
        aws_access_key_id=account,
        aws_secret_access_key="sandbox",
    )


def bootstrap(url: str) -> None:
    """What docs/operations.md has a person do once per account."""
    for account in ACCOUNTS.values():
        iam = root(url, account, "iam")
        iam.create_role(
            RoleName="modelyard-infrastructure",
            AssumeRolePolicyDocument=examples.filled(
                "trust.json",
                automation_account=AUTOMATION,
                external_id=EXTERNAL_ID,
                purpose="apply",
            ),
        )
        permissions = examples.filled("permissions.json", account=account)
        made = iam.create_policy(PolicyName="modelyard-infrastructure", PolicyDocument=permissions)
        iam.attach_role_policy(RoleName="modelyard-infrastructure", PolicyArn=made["Policy"]["Arn"])
    for name in ("modelyard-apply", "somebody-else"):
        root(url, AUTOMATION, "iam").create_role(
            RoleName=name,
            AssumeRolePolicyDocument=json.dumps(
                statement(
                    Action="sts:AssumeRole", Principal={"AWS": f"arn:aws:iam::{AUTOMATION}:root"}
                )
            ),
        )
        root(url, AUTOMATION, "iam").put_role_policy(
            RoleName=name,
            PolicyName="assume",
            PolicyDocument=json.dumps(
                statement(
                    Action="sts:AssumeRole", Resource="arn:aws:iam::*:role/modelyard-infrastructure"
                )
            ),
        )


def statement(**members: Any) -> dict[str, Any]:
    """A policy of one statement."""
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **members}]}


def act_as(url: str, role: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Continue as a role of the automation account."""
    keys = root(url, AUTOMATION, "sts").assume_role(
        RoleArn=f"arn:aws:iam::{AUTOMATION}:role/{role}", RoleSessionName="ci"
    )["Credentials"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", keys["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", keys["SecretAccessKey"])
    monkeypatch.setenv("AWS_SESSION_TOKEN", keys["SessionToken"])


def applied(url: str, stack: Stack) -> dict[str, int]:
    """What an apply of one stack did, by action."""
    crud, store = Crud(Accesses(url)), StateStore(url)
    account = examples.account_of(stack)
    return dict(apply_stack(stack, account, store, crud, tuple(ACCOUNTS.values())).counts)


def test_three_accounts_come_up_through_their_infrastructure_roles(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = examples.stacks(THREE, project_file(tmp_path, ACCOUNTS))
    act_as(url, "modelyard-apply", monkeypatch)
    assert all(set(applied(url, stack)) == {"created"} for stack in found)
    assert all(set(applied(url, stack)) == {"unchanged"} for stack in found)


def test_somebody_else_assumes_no_infrastructure_role(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, *_ = examples.stacks(THREE, project_file(tmp_path, ACCOUNTS))
    act_as(url, "somebody-else", monkeypatch)
    with pytest.raises(ProviderError, match="cannot assume arn:aws:iam::1111"):
        applied(url, first)


def test_wrong_external_id_assumes_no_infrastructure_role(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, *_ = examples.stacks(THREE, project_file(tmp_path, ACCOUNTS))
    act_as(url, "modelyard-apply", monkeypatch)
    guessed = Stack(first.program, first.name, {**first.config, "modelyard:externalId": "guessed"})
    with pytest.raises(ProviderError, match="cannot assume"):
        applied(url, guessed)
