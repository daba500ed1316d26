"""Bringing a version into service: one way for the first deployment and the hundredth."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from modelyard.functions.approval import Approved
from modelyard.functions.endpoint import Busy, release
from tests.modelyard.functions.recorded import ACCOUNT, IMAGE

FACTS = {
    "project": "loans",
    "environment": "staging",
    "endpoint": "loans-staging",
    "serving_role": f"arn:aws:iam::{ACCOUNT}:role/loans-staging-serving",
    "security_group": "sg-1",
    "subnet_a": "subnet-a",
    "subnet_b": "subnet-b",
    "bucket_predictions": "predictions",
    "key_arn": "key",
    "release_pointer": "/previous",
    "serving": json.dumps({"instance_type": "ml.m5.large", "instance_count": 2}),
}


def package(version: int, model: str = "s3://artifacts/model") -> Approved:
    arn = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:model-package/loans/{version}"
    return Approved(arn, version, IMAGE, model, "alice", "bob", "roc_auc 0.80 meets 0.70")


class SageMaker:
    """Models, configurations and one endpoint, kept in memory."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], dict[str, Any]] = {}
        self.calls: list[str] = []

    def _describe(self, kind: str, name: str) -> dict[str, Any]:
        if (kind, name) not in self.kept:
            message = f'Could not find {kind} "{name}".'
            error = {"Error": {"Code": "ValidationException", "Message": message}}
            raise ClientError(error, "Describe")  # type: ignore[arg-type]
        return self.kept[kind, name]

    def describe_model(self, **name: str) -> dict[str, Any]:
        return self._describe("model", name["ModelName"])

    def describe_endpoint_config(self, **name: str) -> dict[str, Any]:
        return self._describe("config", name["EndpointConfigName"])

    def describe_endpoint(self, **name: str) -> dict[str, Any]:
        return self._describe("endpoint", name["EndpointName"])

    def create_model(self, **wanted: Any) -> None:
        self.calls.append("create_model")
        self.kept["model", wanted["ModelName"]] = wanted

    def create_endpoint_config(self, **wanted: Any) -> None:
        self.calls.append("create_endpoint_config")
        self.kept["config", wanted["EndpointConfigName"]] = wanted

    def create_endpoint(self, **wanted: Any) -> None:
        self.calls.append("create_endpoint")
        self.kept["endpoint", wanted["EndpointName"]] = {**wanted, "EndpointStatus": "InService"}

    def update_endpoint(self, **wanted: Any) -> None:
        self.calls.append("update_endpoint")
        self.kept["endpoint", wanted["EndpointName"]].update(wanted)

    def put_parameter(self, **wanted: Any) -> None:
        self.calls.append("put_parameter")
        self.kept["parameter", wanted["Name"]] = wanted

    def delete_endpoint(self, **name: Any) -> None:
        self.calls.append("delete_endpoint")
        del self.kept["endpoint", name["EndpointName"]]


def test_first_release_creates_and_the_next_updates() -> None:
    sagemaker = SageMaker()
    assert release(sagemaker, sagemaker, package(1), FACTS) == "created"
    assert release(sagemaker, sagemaker, package(2), FACTS) == "updated"
    assert sagemaker.kept["endpoint", "loans-staging"]["EndpointConfigName"] == "loans-staging-v2"


def test_what_to_go_back_to_is_written_before_the_endpoint_changes() -> None:
    sagemaker = SageMaker()
    release(sagemaker, sagemaker, package(1), FACTS)
    assert "put_parameter" not in sagemaker.calls
    release(sagemaker, sagemaker, package(2), FACTS)
    assert sagemaker.kept["parameter", "/previous"]["Value"] == "loans-staging-v1"
    assert sagemaker.calls[-2:] == ["put_parameter", "update_endpoint"]


def test_event_delivered_twice_changes_nothing() -> None:
    sagemaker = SageMaker()
    release(sagemaker, sagemaker, package(1), FACTS)
    before = list(sagemaker.calls)
    assert release(sagemaker, sagemaker, package(1), FACTS) == "unchanged"
    assert sagemaker.calls == before


def test_model_is_isolated_and_knows_its_package() -> None:
    sagemaker = SageMaker()
    release(sagemaker, sagemaker, package(1), FACTS)
    model = sagemaker.kept["model", "loans-staging-v1"]
    assert model["EnableNetworkIsolation"] is True
    assert model["VpcConfig"]["Subnets"] == ["subnet-a", "subnet-b"]
    assert model["PrimaryContainer"]["Environment"]["MODELYARD_MODEL_PACKAGE"] == package(1).arn


def test_everything_is_captured_under_the_projects_key() -> None:
    sagemaker = SageMaker()
    release(sagemaker, sagemaker, package(1), FACTS)
    config = sagemaker.kept["config", "loans-staging-v1"]
    assert config["KmsKeyId"] == "key"
    assert config["DataCaptureConfig"]["InitialSamplingPercentage"] == 100
    assert config["DataCaptureConfig"]["DestinationS3Uri"] == "s3://predictions/capture"
    assert config["ProductionVariants"][0]["VariantName"] == "main"


def test_instance_with_its_own_disk_gets_no_key() -> None:
    sagemaker = SageMaker()
    serving = json.dumps({"instance_type": "ml.g5.xlarge", "instance_count": 1})
    release(sagemaker, sagemaker, package(1), {**FACTS, "serving": serving})
    assert "KmsKeyId" not in sagemaker.kept["config", "loans-staging-v1"]


def test_changed_serving_of_the_same_version_gets_a_configuration_of_its_own() -> None:
    sagemaker = SageMaker()
    release(sagemaker, sagemaker, package(1), FACTS)
    serving = json.dumps({"instance_type": "ml.m5.large", "instance_count": 3})
    assert release(sagemaker, sagemaker, package(1), {**FACTS, "serving": serving}) == "updated"
    name = sagemaker.kept["endpoint", "loans-staging"]["EndpointConfigName"]
    assert name.startswith("loans-staging-v1-")


def test_left_over_model_of_the_same_name_is_not_served() -> None:
    sagemaker = SageMaker()
    release(sagemaker, sagemaker, package(1, "s3://artifacts/old"), FACTS)
    release(sagemaker, sagemaker, package(1, "s3://artifacts/new"), FACTS)
    name = sagemaker.kept["endpoint", "loans-staging"]["EndpointConfigName"]
    model = sagemaker.kept["config", name]["ProductionVariants"][0]["ModelName"]
    assert sagemaker.kept["model", model]["PrimaryContainer"]["ModelDataUrl"].endswith("/new")


def test_failed_endpoint_gives_way() -> None:
    sagemaker = SageMaker()
    release(sagemaker, sagemaker, package(1), FACTS)
    sagemaker.kept["endpoint", "loans-staging"]["EndpointStatus"] = "Failed"
    assert release(sagemaker, sagemaker, package(2), FACTS) == "created"
    assert "delete_endpoint" in sagemaker.calls


def test_changing_endpoint_is_left_until_the_event_comes_again() -> None:
    sagemaker = SageMaker()
    release(sagemaker, sagemaker, package(1), FACTS)
    sagemaker.kept["endpoint", "loans-staging"]["EndpointStatus"] = "Updating"
    with pytest.raises(Busy):
        release(sagemaker, sagemaker, package(2), FACTS)
