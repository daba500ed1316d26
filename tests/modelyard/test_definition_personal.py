"""What the pipeline gives the prepare job when a data set is about people."""

import json
from typing import Any

import pytest
import yaml

from modelyard.definition import fingerprint, render
from modelyard.definition_check import validate
from modelyard.project import Project, parse
from tests.modelyard.conftest import TEXT


def stating(**changes: Any) -> Project:
    """The minimal project whose data set states more."""
    document = yaml.safe_load(TEXT)
    document["data"][0].update(changes)
    return parse(document)


@pytest.fixture(scope="module")
def personal() -> dict[str, Any]:
    return json.loads(render(stating(pseudonymise=["id"], retained_from="opened")))


def prepare(definition: dict[str, Any]) -> dict[str, Any]:
    (step,) = [step for step in definition["Steps"] if step["Name"] == "Prepare"]
    return step["Arguments"]


def test_key_arrives_as_a_file_from_the_projects_own_folder(personal: dict[str, Any]) -> None:
    inputs = {one["InputName"]: one["S3Input"] for one in prepare(personal)["ProcessingInputs"]}
    assert inputs["pseudonyms"]["LocalPath"] == "/opt/ml/processing/input/pseudonyms"
    assert inputs["pseudonyms"]["S3Uri"]["Std:Join"]["Values"] == [
        "s3:/",
        {"Get": "Parameters.ArtifactsBucket"},
        "pseudonyms/current",
    ]


def test_rows_expire_by_the_time_that_the_service_recorded(personal: dict[str, Any]) -> None:
    variables = prepare(personal)["Environment"]
    assert variables["MODELYARD_RUN_TIME"] == {"Get": "Execution.StartDateTime"}


def test_sagemaker_would_accept_it(personal: dict[str, Any]) -> None:
    assert validate(personal) == []


@pytest.mark.parametrize("rule", [{"pseudonymise": ["id"]}, {"retained_from": "opened"}])
def test_definition_from_before_the_rule_is_noticed(rule: dict[str, Any]) -> None:
    assert fingerprint(stating(**rule)) != fingerprint(stating())


def test_what_changes_nothing_in_the_definition_keeps_it_current() -> None:
    described = stating(owner="Ann", description="Applications", retention_days=30)
    assert fingerprint(described) == fingerprint(stating())
