"""Rendering needs no server and says the same everywhere."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sandbox.provider.errors import ProviderError
from sandbox.provider.graph import draw, render
from sandbox.provider.program import Stack
from tests.sandbox.provider.conftest import Write

pytestmark = pytest.mark.timeout(120)
PROJECT = Path(__file__).parent / "project.yaml"
ENVIRONMENTS = ("dev", "staging", "prod")

PROGRAM = """
import pulumi
import pulumi_aws as aws

provider = aws.Provider("aws", region="eu-west-1", allowed_account_ids=["123456789012"])
inside = pulumi.ResourceOptions(provider=provider)


class Part(pulumi.ComponentResource):
    def __init__(self):
        super().__init__("fixture:index:Part", "part")
        child = pulumi.ResourceOptions(parent=self, provider=provider, protect=True)
        self.key = aws.kms.Key("key", opts=child)


part = Part()
vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16", opts=inside)
aws.ssm.Parameter(
    "parameter", name="/p", type="SecureString",
    value=pulumi.Config().require_secret("password"), opts=inside,
)
pulumi.export("key", part.key.arn)
"""


def by_name(write_program: Write) -> dict[str, dict[str, Any]]:
    stack = Stack(
        write_program(PROGRAM), "test", {"fixture:password": "hunter2"}, ("fixture:password",)
    )
    return {entry["name"]: entry for entry in draw(stack, {})}


def test_entries_have_the_engines_urns(write_program: Write) -> None:
    entries = by_name(write_program)

    parent = "urn:pulumi:test::fixture::fixture:index:Part::part"
    assert entries["part"]["urn"] == parent
    assert entries["key"]["urn"] == (
        "urn:pulumi:test::fixture::fixture:index:Part$aws:kms/key:Key::key"
    )
    assert entries["key"]["parent"] == parent
    assert entries["key"]["protect"] is True


def test_ids_are_shaped_as_those_of_aws(write_program: Write) -> None:
    entries = by_name(write_program)

    key = entries["key"]["outputs"]
    assert key["arn"] == f"arn:aws:kms:eu-west-1:123456789012:key/{key['keyId']}"
    assert len(key["keyId"]) == 36
    assert len(entries["vpc"]["outputs"]["id"]) == len("vpc-") + 17


def test_secrets_are_redacted(write_program: Write) -> None:
    entries = by_name(write_program)

    assert entries["parameter"]["inputs"]["value"] == "[secret]"
    assert "hunter2" not in json.dumps(entries)


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_every_environment_is_rendered_without_unknowns(env: str) -> None:
    graph = render(PROJECT, env)

    text = json.dumps(graph)
    programs = [entry["urn"].split("::")[1] for entry in graph["resources"]]
    assert "04da6b54-80e4-46f7-96ec-b56ff0331ba9" not in text
    assert list(dict.fromkeys(programs)) == ["modelyard-account", "modelyard-region", "modelyard"]
    assert graph["outputs"]["key_arn"].startswith("arn:aws:kms:us-east-1:60000000000")


def test_graph_is_byte_identical_in_another_directory_and_process(tmp_path: Path) -> None:
    env = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    texts = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        shutil.copy(PROJECT, folder / "project.yaml")
        command = [sys.executable, "-m", "sandbox", "render", "--project", "project.yaml"]
        subprocess.run(
            [*command, "--env", "dev", "--out", "g.json"], cwd=folder, check=True, env=env
        )
        texts.append((folder / "g.json").read_bytes())

    assert texts[0] == texts[1]


def test_environment_that_the_project_lacks_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProviderError, match=r"no environment 'test'; it has dev, prod, staging"):
        render(PROJECT, "test")


def test_missing_project_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProviderError, match="there is no project file"):
        render(tmp_path / "project.yaml", "dev")
