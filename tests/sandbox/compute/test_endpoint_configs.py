"""Endpoint configurations that AWS would refuse are refused with the reason."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.compute.hosting import SERVE, configuration, create_model, variant
from tests.sandbox.compute.support import Account, ImageMaker

SERVERLESS = {"MemorySizeInMB": 2048, "MaxConcurrency": 5}
CAPTURE = {
    "InitialSamplingPercentage": 100,
    "DestinationS3Uri": "s3://bucket/capture",
    "CaptureOptions": [{"CaptureMode": "Input"}],
}
ASYNC = {"OutputConfig": {"S3OutputPath": "s3://bucket/out"}}
VPC = {"SecurityGroupIds": ["sg-0"], "Subnets": ["subnet-0"]}


@pytest.fixture
def model(account: Account, make_image: ImageMaker) -> str:
    return create_model(account, make_image({"serve": SERVE}), "one")


def serverless(model: str, **changes: Any) -> dict[str, Any]:
    config = SERVERLESS | changes
    return {"VariantName": "main", "ModelName": model, "ServerlessConfig": config}


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"DataCaptureConfig": CAPTURE}, "DataCaptureConfig is not supported for serverless"),
        ({"AsyncInferenceConfig": ASYNC}, "AsyncInferenceConfig is not supported for serverless"),
        ({"VpcConfig": VPC}, "VpcConfig is not supported for serverless"),
        ({"EnableNetworkIsolation": True}, "Network isolation is not supported for serverless"),
    ],
)
def test_serverless_excludes_what_aws_excludes(
    account: Account, model: str, more: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ClientError, match=reason):
        configuration(account, [serverless(model)], **more)


def test_isolated_model_cannot_be_serverless(account: Account, make_image: ImageMaker) -> None:
    isolated = create_model(
        account, make_image({"serve": SERVE}), "one", EnableNetworkIsolation=True
    )
    with pytest.raises(ClientError, match="Network isolation is not supported"):
        configuration(account, [serverless(isolated)])


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"MemorySizeInMB": 1500}, "MemorySizeInMB must be one of"),
        ({"ProvisionedConcurrency": 6}, "must not be larger than MaxConcurrency"),
    ],
)
def test_serverless_sizes_are_those_aws_offers(
    account: Account, model: str, changes: dict[str, int], reason: str
) -> None:
    with pytest.raises(ClientError, match=reason):
        configuration(account, [serverless(model, **changes)])


def test_shadows_exclude_more_variants_and_asynchronous_inference(
    account: Account, model: str
) -> None:
    shadows = {"ShadowProductionVariants": [variant(model, "shadow")]}
    with pytest.raises(ClientError, match="exactly one production variant and one shadow"):
        configuration(account, [variant(model, "a"), variant(model, "b")], **shadows)
    with pytest.raises(ClientError, match="not supported for asynchronous"):
        configuration(account, [variant(model)], **shadows, AsyncInferenceConfig=ASYNC)


def test_variant_runs_on_instances_or_serverless(account: Account, model: str) -> None:
    both = variant(model) | {"ServerlessConfig": SERVERLESS}
    with pytest.raises(ClientError, match="exclude each other"):
        configuration(account, [both])
    with pytest.raises(ClientError, match="give InstanceType and InitialInstanceCount"):
        configuration(account, [{"VariantName": "main", "ModelName": model}])


def test_configuration_is_described_as_it_was_made(account: Account, model: str) -> None:
    shadows = [variant(model, "shadow", InitialVariantWeight=0.5)]
    name = configuration(account, [variant(model)], ShadowProductionVariants=shadows)
    described = account.sagemaker.describe_endpoint_config(EndpointConfigName=name)
    assert described["ShadowProductionVariants"] == shadows
    assert described["ProductionVariants"] == [variant(model)]
