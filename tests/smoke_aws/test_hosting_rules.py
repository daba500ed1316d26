"""What CreateEndpointConfig refuses according to the documentation the sandbox follows; free.

A rule that AWS does not keep here shows up as a configuration that was made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from tests.smoke_aws.road import Road

SERVERLESS = {"ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 5}}
INSTANCES = {"InstanceType": "ml.m5.large", "InitialInstanceCount": 1}


@pytest.mark.parametrize(
    ("names", "shadows", "place", "more"),
    [
        pytest.param(["main"], [], SERVERLESS, [], id="serverless-isolated"),
        pytest.param(["main", "b"], ["shadow"], INSTANCES, [], id="shadow-of-two"),
        pytest.param(["main"], ["shadow"], INSTANCES, ["async"], id="shadow-of-async"),
    ],
)
def test_features_that_exclude_each_other_are_refused(
    road: Road, model: str, names: list[str], shadows: list[str], place: Any, more: list[str]
) -> None:
    sagemaker, bucket = road.client("sagemaker"), road.workspace.bucket_predictions
    request: dict[str, Any] = {
        "EndpointConfigName": model,
        "ProductionVariants": [_variant(model, name, place) for name in names],
        "KmsKeyId": road.workspace.key_arn,
    }
    if place is SERVERLESS:
        del request["KmsKeyId"]
    if shadows:
        request["ShadowProductionVariants"] = [_variant(model, name, place) for name in shadows]
    if more:
        output = {"S3OutputPath": f"s3://{bucket}/asynchronous"}
        request["AsyncInferenceConfig"] = {"OutputConfig": output}
    try:
        with pytest.raises(ClientError) as caught:
            sagemaker.create_endpoint_config(**request)
    except pytest.fail.Exception:
        sagemaker.delete_endpoint_config(EndpointConfigName=model)
        raise
    assert caught.value.response["Error"]["Code"] == "ValidationException"


def _variant(model: str, name: str, place: Any) -> dict[str, Any]:
    return {"VariantName": name, "ModelName": model, **place}
