"""The rendered pipeline: the same bytes anywhere, offline, and safe by construction."""

import json
import os
import socket
from pathlib import Path
from typing import Any

import pytest

from modelyard.definition import PARAMETERS, render
from modelyard.definition_check import validate
from modelyard.project import Project, parse

JOBS = {"Prepare": "Processing", "Train": "Training", "Evaluate": "Processing"}


@pytest.fixture(scope="module")
def project() -> Project:
    import yaml

    from tests.modelyard.conftest import TEXT  # the same project, rendered once for the module

    return parse(yaml.safe_load(TEXT))


@pytest.fixture(scope="module")
def text(project: Project) -> str:
    return render(project)


@pytest.fixture(scope="module")
def definition(text: str) -> dict[str, Any]:
    return json.loads(text)


def job(definition: dict[str, Any], name: str) -> dict[str, Any]:
    return next(step for step in definition["Steps"] if step["Name"] == name)["Arguments"]


def test_same_bytes_in_another_directory_and_environment(
    project: Project, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AWS_PROFILE", "does-not-exist")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-south-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    assert render(project) == text
    assert os.environ["AWS_PROFILE"] == "does-not-exist"


def test_same_bytes_at_round_tenths_of_a_second(
    project: Project, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sagemaker.core.common_utils.time.time", lambda: 1763753671.5)
    assert render(project) == text


def test_rendering_opens_no_connection(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    render(project)


def test_text_is_what_a_reviewer_can_read(text: str, definition: dict[str, Any]) -> None:
    assert text == json.dumps(definition, indent=2, sort_keys=True) + "\n"
    assert "null" not in text


def test_sagemaker_would_accept_it(definition: dict[str, Any]) -> None:
    assert validate(definition) == []


def test_parameters_have_no_defaults(definition: dict[str, Any]) -> None:
    assert definition["Parameters"] == [{"Name": name, "Type": "String"} for name in PARAMETERS]


@pytest.mark.parametrize(("name", "kind"), JOBS.items())
def test_job_is_named_isolated_and_encrypted(
    definition: dict[str, Any], name: str, kind: str
) -> None:
    arguments = job(definition, name)
    key = {"Get": "Parameters.KeyArn"}
    network = arguments["NetworkConfig"] if kind == "Processing" else arguments
    cluster = (
        arguments["ProcessingResources"]["ClusterConfig"]
        if kind == "Processing"
        else arguments["ResourceConfig"]
    )
    output = arguments["ProcessingOutputConfig" if kind == "Processing" else "OutputDataConfig"]
    assert arguments[f"{kind}JobName"] == f"loans-dev-{name.lower()}"
    assert arguments["RoleArn"] == {"Get": "Parameters.PipelineRole"}
    assert network["EnableNetworkIsolation"] is True
    assert network["EnableInterContainerTrafficEncryption"] is True
    assert network["VpcConfig"] == {
        "SecurityGroupIds": [{"Get": "Parameters.SecurityGroup"}],
        "Subnets": [{"Get": "Parameters.SubnetA"}, {"Get": "Parameters.SubnetB"}],
    }
    assert cluster["VolumeKmsKeyId"] == output["KmsKeyId"] == key
    assert arguments["StoppingCondition"] == {"MaxRuntimeInSeconds": 3600}


@pytest.mark.parametrize("name", ["Prepare", "Train", "Evaluate"])
def test_order_of_sets_is_the_same_in_every_run(definition: dict[str, Any], name: str) -> None:
    assert job(definition, name)["Environment"]["PYTHONHASHSEED"] == "0"


def test_quarantine_survives_the_job_it_fails(definition: dict[str, Any]) -> None:
    outputs = job(definition, "Prepare")["ProcessingOutputConfig"]["Outputs"]
    modes = {output["OutputName"]: output["S3Output"]["S3UploadMode"] for output in outputs}
    assert modes.pop("quarantine") == "Continuous"
    assert set(modes.values()) == {"EndOfJob"}


def test_instance_with_its_own_disk_gets_no_volume_key(project: Project) -> None:
    training = project.training.model_copy(update={"instance_type": "ml.g5.xlarge"})
    rendered = json.loads(render(project.model_copy(update={"training": training})))
    assert "VolumeKmsKeyId" not in job(rendered, "Train")["ResourceConfig"]
    assert validate(rendered) == []


def test_only_a_met_gate_registers(definition: dict[str, Any]) -> None:
    gate = job(definition, "Gate")
    assert gate["Conditions"] == [
        {
            "Type": "Equals",
            "LeftValue": {
                "Std:JsonGet": {
                    "PropertyFile": {"Get": "Steps.Evaluate.PropertyFiles.evaluation"},
                    "Path": "gates.passed",
                }
            },
            "RightValue": 1,
        }
    ]
    assert [step["Type"] for step in gate["IfSteps"]] == ["Lambda"]
    assert [step["Type"] for step in gate["ElseSteps"]] == ["Fail"]
