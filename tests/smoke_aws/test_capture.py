"""Whether the account still may capture predictions at the endpoint, which AWS has closed to new
customers of Model Monitor without saying what becomes of capture; nothing here costs anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.smoke_aws.road import Road


def test_a_configuration_that_captures_is_accepted(road: Road, model: str) -> None:
    facts, sagemaker = road.workspace, road.client("sagemaker")
    sagemaker.create_endpoint_config(
        EndpointConfigName=model,
        ProductionVariants=[
            {
                "VariantName": "main",
                "ModelName": model,
                "InstanceType": "ml.m5.large",
                "InitialInstanceCount": 1,
            }
        ],
        KmsKeyId=facts.key_arn,
        DataCaptureConfig={
            "EnableCapture": True,
            "InitialSamplingPercentage": 100,
            "DestinationS3Uri": f"s3://{facts.bucket_predictions}/capture",
            "KmsKeyId": facts.key_arn,
            "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
        },
    )
    try:
        told = sagemaker.describe_endpoint_config(EndpointConfigName=model)
        assert told["DataCaptureConfig"]["EnableCapture"] is True
    finally:
        sagemaker.delete_endpoint_config(EndpointConfigName=model)
