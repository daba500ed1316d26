"""What a version is served by: names that repeat, and properties that no release may lose."""

import json
from typing import Any

from modelyard.functions.approval import Approved
from modelyard.functions.endpoint import prepare
from tests.modelyard.functions.cloud import SERVING, Cloud
from tests.modelyard.functions.recorded import ACCOUNT, IMAGE


def package(version: int, model: str = "s3://artifacts/model") -> Approved:
    arn = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:model-package/loans/{version}"
    return Approved(arn, version, IMAGE, model, "alice", "bob", "roc_auc 0.80 meets 0.70")


def prepared(cloud: Cloud, version: int = 1, **changes: Any) -> str:
    facts = {**cloud.facts, "serving": json.dumps({**SERVING, **changes})}
    return prepare(cloud.client("sagemaker"), package(version), facts, "all-at-once", "")


def test_repeated_preparation_makes_nothing_new() -> None:
    cloud = Cloud("prod")
    assert prepared(cloud) == prepared(cloud) == "loans-prod-v1"
    assert cloud.calls.count("create_model") == 1
    assert cloud.calls.count("create_endpoint_config") == 1


def test_model_is_isolated_and_knows_its_package() -> None:
    cloud = Cloud("prod")
    prepared(cloud)
    model = cloud.made["model", "loans-prod-v1"]
    assert model["EnableNetworkIsolation"] is True
    assert model["VpcConfig"]["Subnets"] == ["subnet-a", "subnet-b"]
    assert model["PrimaryContainer"]["Environment"]["MODELYARD_MODEL_PACKAGE"] == package(1).arn


def test_everything_is_captured_under_the_projects_key() -> None:
    cloud = Cloud("prod")
    prepared(cloud)
    config = cloud.made["config", "loans-prod-v1"]
    assert config["KmsKeyId"] == "key"
    assert config["DataCaptureConfig"]["InitialSamplingPercentage"] == 100
    assert config["DataCaptureConfig"]["DestinationS3Uri"] == "s3://predictions/capture"
    assert config["ProductionVariants"][0]["VariantName"] == "main"


def test_where_the_server_captures_by_itself_the_endpoint_does_not() -> None:
    cloud = Cloud("prod")
    cloud.facts["monitoring"] = json.dumps({"capture": "log"})
    prepared(cloud)
    model = cloud.made["model", "loans-prod-v1"]
    assert model["PrimaryContainer"]["Environment"]["MODELYARD_CAPTURE"] == "log"
    assert "DataCaptureConfig" not in cloud.made["config", "loans-prod-v1"]


def test_operators_may_go_back_to_what_was_released() -> None:
    cloud = Cloud("prod")
    prepared(cloud)
    assert cloud.made["config", "loans-prod-v1"]["Tags"] == [
        {"Key": "release", "Value": "approved"}
    ]


def test_instance_with_its_own_disk_gets_no_key() -> None:
    cloud = Cloud("prod")
    prepared(cloud, instance_type="ml.g5.xlarge")
    assert "KmsKeyId" not in cloud.made["config", "loans-prod-v1"]


def test_changed_serving_of_the_same_version_gets_a_configuration_of_its_own() -> None:
    cloud = Cloud("prod")
    prepared(cloud)
    assert prepared(cloud, instance_count=3).startswith("loans-prod-v1-")


def test_left_over_model_of_the_same_name_is_not_served() -> None:
    cloud = Cloud("prod")
    serve = cloud.client("sagemaker")
    prepare(serve, package(1, "s3://artifacts/old"), cloud.facts, "all-at-once", "")
    name = prepare(serve, package(1, "s3://artifacts/new"), cloud.facts, "all-at-once", "")
    model = cloud.made["config", name]["ProductionVariants"][0]["ModelName"]
    assert cloud.made["model", model]["PrimaryContainer"]["ModelDataUrl"].endswith("/new")
