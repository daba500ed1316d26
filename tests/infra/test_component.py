"""The component that other languages use is the workspace program, with every input described."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
import pytest
import yaml
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from infra.component.__main__ import VERSION
from infra.settings import KEYS
from sandbox.provider.graph import draw
from sandbox.provider.program import Program, Stack
from tests.infra.conftest import ROOT

if TYPE_CHECKING:
    from tests.infra.conftest import Estate, Graph

pytestmark = pytest.mark.timeout(120)
FOLDER = ROOT / "infra" / "component"
SOURCE = """
import pulumi
from infra.component.workspace import Workspace
made = Workspace("it", {{"project_file": "{file}", "environment": "dev"}})
pulumi.export("key_arn", made.key_arn)
pulumi.export("contract", made.contract)
"""


@pytest.fixture(scope="module")
def schema() -> Iterator[dict[str, Any]]:
    """The schema as Pulumi's engine gets it, from the process that the engine starts."""
    process = subprocess.Popen(
        [sys.executable, str(FOLDER), "127.0.0.1:1"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    channel = grpc.insecure_channel(f"127.0.0.1:{int(process.stdout.readline())}")
    answer = provider_pb2_grpc.ResourceProviderStub(channel).GetSchema(
        provider_pb2.GetSchemaRequest()
    )
    yield json.loads(answer.schema)
    process.terminate()
    process.wait(20)


def test_plugin_states_its_toolchain() -> None:
    runtime = yaml.safe_load((FOLDER / "PulumiPlugin.yaml").read_text())["runtime"]

    assert runtime["options"]["toolchain"] == "pip"


def test_component_takes_what_the_program_takes(schema: dict[str, Any]) -> None:
    component = schema["resources"]["modelyard:index:Workspace"]

    assert component["isComponent"]
    assert set(component["inputProperties"]) == set(KEYS)
    assert sorted(component["requiredInputs"]) == ["environment", "projectFile"]
    assert set(component["properties"]) == {"keyArn", "contract", "offered"}


@pytest.mark.parametrize("kind", ["inputProperties", "properties"])
def test_everything_in_the_schema_is_described(schema: dict[str, Any], kind: str) -> None:
    component = schema["resources"]["modelyard:index:Workspace"]
    silent = [name for name, one in component[kind].items() if len(one.get("description", "")) < 10]

    assert component["description"]
    assert silent == []


def test_component_makes_what_the_program_makes(estate: Estate, dev: Graph, tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: modelyard\nruntime: python\n")
    source = SOURCE.format(file=estate.folder / "project.yaml")
    (tmp_path / "__main__.py").write_text(source)
    known = dict(estate._known)

    drawn = draw(Stack(Program(tmp_path), "loans.dev"), known)

    def shape(resources: list[dict[str, Any]]) -> list[tuple[str, str]]:
        return sorted((one["type"], one["name"]) for one in resources if "aws:" in one["type"])

    assert shape(drawn) == shape(dev.resources)
    assert known[("modelyard", "loans.dev")].values["contract"] == dev.exports["contract"]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The distribution modelyard-infra, built and unpacked."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT / "infra", check=True, capture_output=True)
    (wheel,) = folder.glob("modelyard_infra-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "installed")
    return folder / "installed"


def test_distribution_holds_what_its_component_needs(unpacked: Path) -> None:
    shown = subprocess.run(
        [sys.executable, "-c", "import infra.component.workspace as w; print(w.__file__)"],
        cwd=unpacked,
        env={**os.environ, "PYTHONPATH": f"{unpacked}{os.pathsep}{ROOT / 'pipelines'}"},
        check=True,
        capture_output=True,
        text=True,
    )
    personas = {file.name for file in (unpacked / "policies" / "personas").glob("*.json")}

    assert shown.stdout.strip() == str(unpacked / "infra" / "component" / "workspace.py")
    assert personas == {file.name for file in (ROOT / "policies" / "personas").glob("*.json")}


def test_distribution_and_component_have_one_version() -> None:
    stated = [
        tomllib.loads((ROOT / name / "pyproject.toml").read_text())["project"]["version"]
        for name in ("infra", "pipelines")
    ]

    assert set(stated) == {VERSION}
